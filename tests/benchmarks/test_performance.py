"""Ratios within one run: what was fast stays fast, on any machine."""

import json
import time
from pathlib import Path

import pytest
import torch
from benchmarks import performance
from benchmarks.performance import growth, main, side_by_side, table
from benchmarks.performance_sides import reading_sides, step_sides

from crosswarp.registration.torch_lncc.separable import Separable, gaussian, windows


def fastest(side, turns: int = 5) -> float:
    """Least seconds of the processor: other work on the machine only adds to them."""
    seconds = []
    for _ in range(turns):
        started = time.process_time()
        side()
        seconds.append(time.process_time() - started)
    return min(seconds)


def test_sides_take_turns_and_the_first_turn_does_not_count() -> None:
    now, done = [0.0], []

    def takes(name: str, *seconds: float):
        left = iter(seconds)

        def side() -> None:
            done.append(name)
            now[0] += next(left)

        return side

    sides = {"a": takes("a", 90, 1, 2, 3), "b": takes("b", 90, 8, 1, 4)}
    results = side_by_side(sides, 3, lambda: now[0])
    assert done == ["a", "b"] * 4
    assert [(r.what, r.seconds, r.ratio) for r in results] == [
        ("a", 2, 1),
        ("b", 4, 2),
    ]
    assert table(results).splitlines()[-1] == "| b | 4 | 2 |"


def test_a_question_is_printed_and_written(tmp_path: Path, monkeypatch, capsys) -> None:
    monkeypatch.setattr(performance.sys, "executable", "true")
    out = tmp_path / "found.json"
    main(["start-up", "--rounds", "1", "--json", str(out)])
    assert "crosswarp --help" in capsys.readouterr().out
    rows = json.loads(out.read_text())["start-up"]
    assert [row["what"] for row in rows][1:] == ["import crosswarp", "crosswarp --help"]
    with pytest.raises(SystemExit):
        main(["chain", "scan.nii.gz"])


@pytest.mark.slow
def test_a_sample_is_read_faster_than_from_files(tmp_path: Path) -> None:
    ours, theirs = reading_sides(tmp_path, scans=1).values()
    ours()
    theirs()
    assert fastest(theirs) > 1.3 * fastest(ours)  # about 3, measured/performance.md


def test_layers_alone_leave_the_gradients_of_a_step() -> None:
    for side in step_sides("compact_jsm", scans=1).values():
        side()


@pytest.mark.slow
def test_evaluation_of_four_times_as_many_takes_no_sixteen_times_as_long() -> None:
    small, large = growth(1, people=(100, 400), resamples=100)
    assert large.ratio < 8
    assert small.seconds > 0


@pytest.mark.parametrize(
    "made",
    [gaussian, lambda e, w, d: windows(e, [w] * 3, d)],
    ids=["gaussian", "windows"],
)
def test_smoothing_takes_no_longer_than_products_of_other_numbers(made) -> None:
    """Subnormal numbers in the matrices took fifteen times as long."""
    extent = (64, 72, 60)
    device = torch.device("cpu")
    image = torch.rand(extent)
    smooth = made(extent, 2.0, device)
    plain = Separable(*(torch.rand(n, n) for n in extent))
    smooth(image)
    plain(image)
    assert fastest(lambda: smooth(image)) < 4 * fastest(lambda: plain(image)) + 1e-3
