"""`.bidsignore`: patterns as in `.gitignore`, and nothing ignored in silence."""

from collections.abc import Callable
from pathlib import Path

import pytest

from crosswarp.bids.dataset import find_scans
from crosswarp.bids.ignore import read_ignored

Add = Callable[..., None]


@pytest.mark.parametrize(
    ("pattern", "names", "others"),
    [
        ("*.json", ["a.json", "sub-1/a.json"], ["a.jsonl"]),
        ("/a.json", ["a.json"], ["sub-1/a.json"]),
        ("sub-*/ses-2", ["sub-1/ses-2", "sub-1/ses-2/anat/x"], ["x/sub-1/ses-2"]),
        ("extra/", ["extra/a", "sub-1/extra/a"], ["extra"]),
        ("**/anat/*_T1w.nii", ["s/anat/a_T1w.nii", "anat/b_T1w.nii"], ["s/a_T1w.nii"]),
        ("sub-1/**", ["sub-1/a", "sub-1/b/c"], ["sub-1"]),
        ("sub-0[12]", ["sub-01/x", "sub-02"], ["sub-03"]),
        ("sub-0[!12]", ["sub-03"], ["sub-01", "sub-02"]),
        ("a?c.d", ["abc.d"], ["ac.d", "abbc.d", "abcxd"]),
        ("# *", [], ["a"]),
    ],
)
def test_patterns(
    tmp_path: Path, pattern: str, names: list[str], others: list[str]
) -> None:
    (tmp_path / ".bidsignore").write_text(f"\n{pattern}\n")
    ignored = read_ignored(tmp_path)
    assert [name for name in names if not ignored.holds(tmp_path / name)] == []
    assert [name for name in others if ignored.holds(tmp_path / name)] == []


def test_a_later_line_may_keep_what_an_earlier_one_ignores(tmp_path: Path) -> None:
    (tmp_path / ".bidsignore").write_text("sub-*\n!sub-02\n")
    ignored = read_ignored(tmp_path)
    assert ignored.holds(tmp_path / "sub-01")
    assert not ignored.holds(tmp_path / "sub-02")
    assert not read_ignored(tmp_path / "none").holds(tmp_path / "none" / "a")


def test_what_is_ignored_is_said(tmp_path: Path, add_scans: Add) -> None:
    add_scans("sub-01", "sub-02", "sub-03/ses-1", "sub-03/ses-2", "sub-04")
    add_scans("sub-05:sub-05_acq-bad_T1w.nii.gz", "sub-05:sub-05_acq-good_T1w.nii.gz")
    patterns = "sub-02/\nsub-*/ses-2\n*acq-bad*\nsub-04_T1w.nii.gz\n"
    (tmp_path / ".bidsignore").write_text(patterns)
    found = find_scans(tmp_path)
    assert [raw.scan.label for raw in found.scans] == [
        "sub-01",
        "sub-03_ses-1",
        "sub-05",
    ]
    assert found.problems == []
    assert found.left_out == [
        "sub-02: named in .bidsignore",
        "sub-03_ses-2: named in .bidsignore",
        "sub-04: named in .bidsignore",
    ]
