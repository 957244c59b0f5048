"""Timings: what a stage took, kept when a later run finds it done."""

from pathlib import Path

from crosswarp.demo.timing import Timings
from crosswarp.execution.progress import SilentProgress
from crosswarp.study.names import TIMINGS


def one_run(out: Path, *stages: int) -> Timings:
    timings = Timings(out, SilentProgress())
    with timings.timed("train") as watched:
        for pieces in stages:
            watched.stage("train", pieces)
            for _ in range(pieces):
                watched.advance()
            watched.done()
    return timings


def test_pieces_are_counted_and_written(tmp_path: Path) -> None:
    table = one_run(tmp_path, 3).table()
    assert table["pieces"].tolist() == [3]
    assert (tmp_path / TIMINGS).is_file()


def test_a_run_with_nothing_to_do_keeps_the_old_time(tmp_path: Path) -> None:
    (tmp_path / TIMINGS).write_text("stage\tseconds\tpieces\ntrain\t61.5\t3\n")
    table = one_run(tmp_path, 0).table()
    assert table["seconds"].tolist() == [61.5]
    assert table["pieces"].tolist() == [3]


def test_new_work_replaces_the_old_time(tmp_path: Path) -> None:
    (tmp_path / TIMINGS).write_text("stage\tseconds\tpieces\ntrain\t61.5\t3\n")
    assert one_run(tmp_path, 2).table()["pieces"].tolist() == [2]


def test_pieces_are_those_of_the_work_not_of_what_leads_to_it(tmp_path: Path) -> None:
    maps_read, cells = 5, 2
    assert one_run(tmp_path, maps_read, cells).table()["pieces"].tolist() == [2]
