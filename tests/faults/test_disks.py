"""Disks that are full, read-only, broken, limited, or seen late: every command."""

from pathlib import Path

import pytest

from tests.faults.disks import read_only_disk, small_disk
from tests.faults.harness import Harness, differences, state
from tests.faults.kills import Bench, killed_at, prepare

AGAIN = "give the same command again"

pytestmark = pytest.mark.slow


@pytest.fixture(scope="module")
def folds(tmp_path_factory: pytest.TempPathFactory, harness: Harness) -> Bench:
    return prepare("folds", tmp_path_factory.mktemp("folds"), harness, stale=False)


@pytest.fixture(scope="module")
def compare(tmp_path_factory: pytest.TempPathFactory, harness: Harness) -> Bench:
    return prepare("compare", tmp_path_factory.mktemp("compare"), harness, stale=False)


def first_writing(bench: Bench) -> int:
    """Number of the first event that opens a file."""
    return next(n for n, e in enumerate(bench.events, 1) if " open " in e)


@pytest.mark.parametrize("name", ["ENOSPC", "EDQUOT", "EROFS", "EIO", "EACCES"])
def test_each_refusal_of_a_disk_is_one_line(folds: Bench, name: str) -> None:
    assert killed_at(folds, first_writing(folds), name, on="always") == []
    folds.fresh()
    fault = {"at": first_writing(folds), "what": name, "on": "always"}
    ended = folds.command(fault=fault)
    assert ended.refused
    assert len(ended.err.strip().splitlines()) == 1
    assert AGAIN in ended.err


def test_a_disk_that_is_mounted_read_only(folds: Bench) -> None:
    work = folds.fresh()
    with read_only_disk(work) as allowed:
        if not allowed:
            pytest.skip("no disk may be mounted here")
        ended = folds.command()
    assert ended.refused, ended
    assert "the file system is read-only" in ended.err
    assert AGAIN in ended.err
    assert folds.command().code == 0
    assert differences(state(work), folds.whole) == []


@pytest.mark.parametrize("name", ["evaluate", "pretrain"])
def test_a_disk_that_fills_up_midway(name, tmp_path, harness) -> None:
    bench = prepare(name, tmp_path, harness, stale=False)
    at = max(first_writing(bench), len(bench.events) // 2)
    assert killed_at(bench, at, "ENOSPC", on="always") == []


@pytest.mark.parametrize("at", [60])
def test_a_comparison_on_a_disk_that_fills_up(compare: Bench, at: int) -> None:
    at = max(at, first_writing(compare))
    assert killed_at(compare, at, "ENOSPC", on="always") == []


@pytest.mark.parametrize("kb", [80])
def test_a_comparison_on_a_small_disk_is_no_bus_error(compare: Bench, kb: int) -> None:
    work = compare.fresh()
    with small_disk(work / "run", kb) as allowed:
        if not allowed:
            pytest.skip("no disk may be mounted here")
        ended = compare.command()
        assert ended.refused, ended
        assert f"(disk {work / 'run'})" in ended.err
    assert AGAIN in ended.err


def test_a_limit_of_the_size_of_files(compare: Bench) -> None:
    compare.fresh()
    ended = compare.command(limits={"FSIZE": 100_000})
    assert ended.refused, ended
    assert AGAIN in ended.err
    assert compare.command().code == 0
    assert differences(state(compare.work), compare.whole) == []


def test_too_few_open_files(folds: Bench) -> None:
    folds.fresh()
    ended = folds.command(limits={"NOFILE": 6})
    assert ended.refused, ended
    assert "ulimit -n" in ended.err
    assert folds.command().code == 0


def test_too_little_memory(compare: Bench) -> None:
    compare.fresh()
    ended = compare.command(limits={"AS": 4_000_000})
    assert ended.refused, ended
    assert compare.command().code == 0
    assert differences(state(compare.work), compare.whole) == []


@pytest.mark.parametrize("at", [1])
@pytest.mark.parametrize("what", ["late", "stale"])
def test_a_network_disk_renames_late(folds: Bench, what: str, at: int) -> None:
    assert killed_at(folds, at, what) == []


def test_a_map_that_cannot_be_read(compare: Bench) -> None:
    compare.fresh()
    fault = {"at": 1, "what": "EIO", "on": "always", "reads": True}
    ended = compare.command(fault={**fault, "only": "sub-03_space"})
    assert ended.refused, ended
    assert "sub-03" in ended.err
    assert compare.command().code == 0
    assert differences(state(compare.work), compare.whole) == []


def test_a_map_that_vanishes_midway(compare: Bench) -> None:
    work = compare.fresh()
    maps = sorted(work.glob("derivatives/sub-05/anat/*T1w.nii.gz"))
    paths = [str(path) for path in maps]
    ended = compare.command(fault={"at": 2, "what": "vanish", "paths": paths})
    assert ended.refused, ended
    assert "sub-05" in ended.err
    for path in maps:
        Path(f"{path}.gone").rename(path)
    assert compare.command().code == 0
    assert differences(state(work), compare.whole) == []


def test_a_clock_that_was_set_back_changes_nothing(compare: Bench) -> None:
    compare.fresh()
    middle = len(compare.events) // 2
    year = 365 * 86_400
    killed = compare.command(fault={"at": middle, "what": "kill-main"})
    assert killed.code == -9
    ended = compare.command(fault={"at": 0, "clock": -20 * year})
    assert ended.code == 0, ended.err
    assert differences(state(compare.work), compare.whole) == []
