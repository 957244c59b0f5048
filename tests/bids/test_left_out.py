"""A BIDS data set: DICOM where there is no NIfTI, and a list of what is not used."""

from collections.abc import Callable
from pathlib import Path

import numpy as np
import pandas as pd
import pytest

from crosswarp.bids.dataset import find_scans
from crosswarp.bids.left_out import (
    LEFT_OUT,
    SHOWN,
    refuse_empty,
    summary_of,
    write_left_out,
)
from crosswarp.bids.series import SeriesChoice
from crosswarp.errors import InputError
from crosswarp.types.arrays import SpatialMap
from tests.dicom_series import write_series

Add = Callable[..., None]
TINY = SpatialMap(np.zeros((2, 2, 2)), np.eye(4))


def touch(root: Path, *names: str) -> None:
    for name in names:
        (root / name).parent.mkdir(parents=True, exist_ok=True)
        (root / name).touch()


def test_dicom_is_read_where_there_is_no_image(tmp_path: Path, add_scans: Add) -> None:
    add_scans("sub-1/ses-1", "sub-3")
    write_series(tmp_path / "sub-1/ses-2/dicom/a", TINY)
    write_series(tmp_path / "sub-2/dicom", TINY)
    found = find_scans(tmp_path, series=SeriesChoice.parse(["ses-2=4"]))
    assert [(r.scan.label, r.inside, r.series) for r in found.scans] == [
        ("sub-1_ses-1", (), None),
        ("sub-1_ses-2", ("dicom/a",), 4),
        ("sub-2", ("dicom",), None),
        ("sub-3", (), None),
    ]
    assert found.left_out == []
    only = find_scans(tmp_path, participants=["2"])
    assert [raw.scan.label for raw in only.scans] == ["sub-2"]


def test_everything_else_is_listed(tmp_path: Path, add_scans: Add) -> None:
    add_scans("sub-1", "sub-1:sub-1_T2w.nii.gz", "sub-2:sub-2_run-1_T1w.nii.gz")
    add_scans("sub-2:sub-2_run-2_T1w.nii.gz", "sub-3/ses-a_b", "sub-4:sub-4_T1w.nii")
    write_series(tmp_path / "sub-1/dicom", TINY)
    write_series(tmp_path / "sub-3/ses-a_b/dicom", TINY)
    write_series(tmp_path / "sourcedata/sub-9", TINY)
    touch(tmp_path, "sub-1/T1.nii.gz", "sub-1/func/sub-1_bold.nii.gz", "more.zip")
    touch(tmp_path, "other/B/T1.nii", "derivatives/x/y.nii", ".git/z.nii", "README")
    touch(tmp_path, "code/t.nii", "out/x.nii", "sub-1/anat/sub-1_T1w.json")
    (tmp_path / "sub-1/again").symlink_to(tmp_path / "sub-1")
    found = find_scans(tmp_path, excluding=[tmp_path / "out"])
    assert [raw.scan.label for raw in found.scans] == ["sub-1", "sub-4"]
    assert [scan.label for scan, _ in found.problems] == ["sub-2"]
    by_place = dict(sentence.split(": ", 1) for sentence in found.left_out)
    assert list(by_place) == [
        "sub-3/ses-a_b",
        "sub-1/again",
        "sub-1/T1.nii.gz",
        "sub-1/dicom",
        "sub-3/ses-a_b/anat/sub-3_ses-a_b_T1w.nii.gz",
        "sub-3/ses-a_b/dicom",
        "more.zip",
        "other/B/T1.nii",
        "sourcedata/sub-9",
    ]
    assert by_place["sourcedata/sub-9"].startswith("2 DICOM files; in BIDS data")
    assert by_place["more.zip"].startswith("not named and placed as a T1w image")


def test_an_image_that_prefer_passes_over_is_listed(
    tmp_path: Path, add_scans: Add
) -> None:
    add_scans("sub-1/ses-1:sub-1_ses-1_run-1_T1w.nii")
    add_scans("sub-1/ses-1:sub-1_ses-1_run-2_T1w.nii")
    add_scans("sub-1/ses-2:sub-1_ses-2_run-1_T1w.nii")
    add_scans("sub-1/ses-2:sub-1_ses-2_run-3_T1w.nii")
    found = find_scans(tmp_path, prefer=["run-2"])
    assert found.left_out == [
        "sub-1/ses-1/anat/sub-1_ses-1_run-1_T1w.nii: another image of the session was"
        " taken"
    ]
    assert [scan.label for scan, _ in found.problems] == ["sub-1_ses-2"]


def test_the_table_has_all_and_the_summary_the_first(tmp_path: Path) -> None:
    sentences = [f"{n}.txt: no image: none" for n in range(SHOWN + 2)]
    write_left_out(tmp_path, sentences)
    table = pd.read_csv(tmp_path / LEFT_OUT, sep="\t")
    assert len(table) == SHOWN + 2
    assert list(table.iloc[0]) == ["0.txt", "no image: none"]
    assert summary_of(sentences, tmp_path)[SHOWN:] == [
        f"2 more, see {tmp_path / LEFT_OUT}"
    ]
    assert summary_of(sentences[:3], tmp_path) == sentences[:3]
    write_left_out(tmp_path, [])
    assert not (tmp_path / LEFT_OUT).exists()


def test_what_bidsignore_names_is_neither_read_nor_listed(
    tmp_path: Path, add_scans: Add
) -> None:
    add_scans("sub-1", "sub-3")
    write_series(tmp_path / "sub-2/dicom", TINY)
    write_series(tmp_path / "sub-3/extra", TINY)
    touch(tmp_path, "extra/x.nii", "other/extra/y.nii", "sub-4/a.nii")
    (tmp_path / ".bidsignore").write_text("dicom/\nextra/\nsub-4/\n")
    found = find_scans(tmp_path)
    assert [raw.scan.label for raw in found.scans] == ["sub-1", "sub-3"]
    assert found.left_out == [
        "sub-2: no T1w image in anat",
        "sub-4: named in .bidsignore",
    ]


def test_input_of_which_nothing_is_used_is_refused(
    tmp_path: Path, add_scans: Add
) -> None:
    (tmp_path / "sub-1").mkdir()
    with pytest.raises(InputError, match="holds no T1w scan that could be used; each"):
        refuse_empty(find_scans(tmp_path), tmp_path)
    add_scans("sub-2")
    refuse_empty(find_scans(tmp_path), tmp_path)
