"""Planning meets one bad thing after the other, and each is a row with its reason."""

import errno
import json
import os
from collections.abc import Callable
from pathlib import Path
from typing import Any

import pandas as pd
import pytest

from crosswarp.bids.dataset import find_scans
from crosswarp.bids.ids import ScanId
from crosswarp.bids.tables import read_table
from crosswarp.errors import LockedError, OccupiedError
from crosswarp.preprocessing import plan as planning
from crosswarp.preprocessing.cohort import preprocess_cohort, working_on
from crosswarp.preprocessing.request import record_path
from crosswarp.preprocessing.settings import PreprocessSettings
from tests.locking import worked_on
from tests.made_maps import finish, made, plan, write_scans

TWO = PreprocessSettings(resolution=2)


@pytest.fixture
def raw(tmp_path: Path) -> Path:
    return write_scans(tmp_path / "raw", "sub-01", "sub-02", "sub-03")


@pytest.fixture
def out(raw: Path, tmp_path: Path) -> Path:
    made(raw, tmp_path / "out")
    return tmp_path / "out"


def rows(out: Path) -> pd.DataFrame:
    return read_table(out / "ledger.tsv", text=["fingerprint"]).set_index(
        "participant_id"
    )


def record_of(out: Path, name: str = "sub-01") -> Path:
    [path] = out.glob(f"{name}/anat/*logjacobian_T1w.json")
    return path


@pytest.mark.parametrize(
    ("error", "status", "reason"),
    [
        (OSError(errno.EIO, "Input/output error"), "machine", "Input/output error"),
        (PermissionError(errno.EACCES, "denied"), "machine", "denied"),
        (MemoryError(), "memory", "MemoryError"),
        (RecursionError("too deep"), "failed", "RecursionError: too deep"),
        (OverflowError("too large"), "failed", "OverflowError: too large"),
    ],
)
def test_whatever_a_digest_raises_is_a_row(
    raw: Path,
    tmp_path: Path,
    error: Exception,
    status: str,
    reason: str,
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    before = planning.request_for

    def request_for(scan: Any, *args: Any) -> Any:
        if scan.scan == ScanId("sub-02"):
            raise error
        return before(scan, *args)

    monkeypatch.setattr(planning, "request_for", request_for)
    assert made(raw, tmp_path / "out") == ["sub-01", "sub-03"]
    table = rows(tmp_path / "out")
    assert table["status"].to_list() == ["ok", status, "ok"]
    assert reason in table.loc["sub-02", "reason"]
    # Once the machine gives it, the same command does it.
    monkeypatch.undo()
    assert made(raw, tmp_path / "out") == ["sub-02"]


def refuse(
    monkeypatch: pytest.MonkeyPatch, function: str, start: str, number: int
) -> None:
    before: Callable[..., Any] = getattr(os, function)

    def refused(path: Any, *args: Any, **named: Any) -> Any:
        if not isinstance(path, int) and start in os.fspath(path):
            raise OSError(number, os.strerror(number), os.fspath(path))
        return before(path, *args, **named)

    monkeypatch.setattr(os, function, refused)


@pytest.mark.parametrize("number", [errno.EACCES, errno.EIO, errno.ESTALE])
@pytest.mark.parametrize(
    ("function", "place"),
    [
        ("stat", "sub-02_T1w"),
        ("scandir", "raw/sub-02"),
        ("listdir", "raw/sub-02"),
        ("scandir", "raw/sub-02/anat"),
        ("listdir", "raw/sub-02/anat"),
    ],
)
def test_a_folder_or_file_that_the_system_refuses_is_a_row(
    raw: Path,
    tmp_path: Path,
    number: int,
    function: str,
    place: str,
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    refuse(monkeypatch, function, place, number)
    if not any(
        os.strerror(number) in reason or "cannot be read" in reason
        for _, reason in find_scans(raw).problems
    ):
        assert len(find_scans(raw).scans) == 3
    made(raw, tmp_path / "out")
    table = rows(tmp_path / "out")
    assert table.drop("sub-02")["status"].to_list() == ["ok", "ok"]
    assert table.loc["sub-02", "status"] in {"machine", "ok"}
    monkeypatch.undo()
    made(raw, tmp_path / "out")
    assert rows(tmp_path / "out")["status"].to_list() == ["ok"] * 3


@pytest.mark.parametrize(
    "content",
    ["", "null", "[]", "7", '"text"', "{", "[" * 5000, '{"Fingerprint": 7}'],
)
def test_a_sidecar_that_is_none_is_made_again(
    raw: Path, out: Path, content: str
) -> None:
    record_of(out).write_text(content)
    assert made(raw, out) == ["sub-01"]
    assert json.loads(record_of(out).read_text())["products"]


@pytest.mark.parametrize(
    "changed",
    [
        {"Quality": None},
        {"Quality": {"overlap": 3}},
        {"Quality": {"overlap": {"Value": 10**400}}},
        {"Quality": {"overlap": {"Value": "0.9"}}},
        {"BrainMask": ["deepbet"]},
        {"products": []},
        {"products": {"a\0b": 1}},
        {"SourceNotes": {"a": 1}},
        {"Settings": [[]]},
        {"Quality": {"mro": {"Value": 1.0}}},
    ],
)
def test_a_sidecar_of_nonsense_stops_no_cohort(
    raw: Path, out: Path, changed: dict[str, Any]
) -> None:
    """It is made again, or its row is made of what of it is sound."""
    record = json.loads(record_of(out).read_text()) | changed
    record_of(out).write_text(json.dumps(record))
    (out / "ledger.tsv").unlink()
    assert made(raw, out) in ([], ["sub-01"])
    assert rows(out)["status"].to_list() == ["ok"] * 3


@pytest.mark.parametrize(
    "content", [b"", b"\xff\xfe\x00", b"a;b\n1;2\n", b"x\ty\n1\t2\n"]
)
def test_a_damaged_ledger_is_made_anew_and_that_is_said(
    raw: Path, out: Path, content: bytes
) -> None:
    before = rows(out).drop(columns=["seconds", "peak_mb"])
    (out / "ledger.tsv").write_bytes(content)
    planned = plan(raw, out, "sub-01")
    assert planned.todo == {}
    [said] = planned.warnings()
    assert said.endswith("a new one is made of the records of 3 maps")
    finish(planned)
    after = rows(out).drop(columns=["seconds", "peak_mb"])
    pd.testing.assert_frame_equal(before, after)


def test_a_row_of_nobody_is_left_out_and_said(raw: Path, out: Path) -> None:
    lines = (out / "ledger.tsv").read_text().splitlines()
    columns = lines[0].split("\t")
    nobody = ["n/a"] * len(columns)
    strange = ["../etc", *nobody[1:]]
    endless = ["sub-09", "n/a", "MNI", "inf", "ok", *nobody[5:]]
    more = ["\t".join(row) for row in (nobody, strange, endless)]
    (out / "ledger.tsv").write_text("\n".join([*lines, *more]) + "\n")
    planned = plan(raw, out)
    assert planned.todo == {}
    assert len(planned.warnings()) >= 2
    finish(planned)
    assert list(rows(out).index)[:3] == ["sub-01", "sub-02", "sub-03"]


@pytest.mark.parametrize(
    "pattern", ["*preproc*.nii.gz", "*brain*.nii.gz", "*qc*", "*.txt"]
)
@pytest.mark.parametrize("how", ["gone", "empty", "cut"])
def test_a_lost_product_is_made_again_and_that_is_said(
    raw: Path, out: Path, pattern: str, how: str
) -> None:
    [path] = (out / "sub-01").rglob(pattern)
    whole = path.read_bytes()
    path.unlink() if how == "gone" else path.write_bytes(
        b"" if how == "empty" else whole[:-1]
    )
    planned = plan(raw, out)
    assert list(planned.todo) == ["sub-01"]
    [change] = planned.changes()
    assert change.options == ()
    assert path.name.removeprefix("sub-01_") in change.reasons[0]
    finish(planned)
    assert path.read_bytes() == whole
    assert made(raw, out) == []


def test_maps_of_the_version_before_are_left_unless_one_is_lost(
    raw: Path, out: Path
) -> None:
    record = json.loads(record_of(out).read_text())
    del record["products"], record["made_from"]
    record_of(out).write_text(json.dumps(record))
    assert made(raw, out) == []
    next((out / "sub-01").rglob("*preproc_T1w.nii.gz")).write_bytes(b"")
    assert made(raw, out) == ["sub-01"]


def test_changed_bytes_are_seen_where_all_are_read(raw: Path, out: Path) -> None:
    [path] = (out / "sub-01").rglob("*preproc_T1w.nii.gz")
    path.write_bytes(bytes(byte ^ 1 for byte in path.read_bytes()))
    found = find_scans(raw)
    assert planning.plan_cohort(found, out, TWO).todo == {}
    assert list(planning.plan_cohort(found, out, TWO, by_digest=True).todo) == [
        "sub-01"
    ]


def test_a_fault_of_the_machine_is_no_row_for_ever(raw: Path, out: Path) -> None:
    """A scan that was gone for a while keeps its maps, and its row comes back."""
    path = raw / "sub-02/anat/sub-02_T1w.nii.gz"
    before = rows(out).drop(columns=["seconds", "peak_mb"])
    target = raw / "elsewhere"
    path.rename(target)
    path.symlink_to(raw / "not mounted")
    assert made(raw, out) == []
    assert rows(out).loc["sub-02", "status"] == "machine"
    assert record_path(plan(raw, out, brain_mask="template").todo["sub-01"]).is_file()
    path.unlink()
    target.rename(path)
    assert made(raw, out) == []
    after = rows(out).drop(columns=["seconds", "peak_mb"])
    pd.testing.assert_frame_equal(before, after)


def test_two_at_once_are_refused(raw: Path, out: Path) -> None:
    before = (out / "ledger.tsv").read_bytes()
    with (
        worked_on(out),
        pytest.raises(LockedError, match="is being worked on by process"),
    ):
        preprocess_cohort(find_scans(raw), out, TWO)
    assert (out / "ledger.tsv").read_bytes() == before


def test_a_foreign_folder_is_refused_before_anything_is_written(
    raw: Path, tmp_path: Path
) -> None:
    foreign = tmp_path / "foreign"
    foreign.mkdir()
    (foreign / "thesis.txt").touch()
    with pytest.raises(OccupiedError), working_on(find_scans(raw), foreign):
        pass
    assert [path.name for path in foreign.iterdir()] == ["thesis.txt"]


def test_a_folder_in_which_one_was_killed_at_its_first_file_goes_on(
    raw: Path, tmp_path: Path
) -> None:
    out = tmp_path / "out"
    out.mkdir()
    (out / ".part-host-1-dataset_description.json").touch()
    with working_on(find_scans(raw), out):
        assert made(raw, out) == ["sub-01", "sub-02", "sub-03"]
