"""Names of files outside a data set: who a scan is of."""

from pathlib import Path

import pytest

from crosswarp.bids.dataset import find_scans
from crosswarp.bids.flat import scan_of
from crosswarp.errors import InputError


def touch(folder: Path, *names: str) -> None:
    folder.mkdir(exist_ok=True, parents=True)
    for name in names:
        (folder / name).touch()


@pytest.mark.parametrize(
    ("name", "label"),
    [
        ("b 2.nii", "sub-b2"),
        ("c.ZIP", "sub-c"),
        ("Zoé.NII.GZ", "sub-Zoe"),
        ("sub-x_ses-1_T1w.nii", "sub-x_ses-1"),
        ("日本", "sub-unnamed"),
    ],
)
def test_letters_and_digits_are_the_label(name: str, label: str) -> None:
    assert scan_of(Path(name)).label == label


@pytest.mark.parametrize(
    ("name", "label"),
    [
        ("plain_T1w.nii.gz", "sub-plain"),
        ("plain_t1.nii", "sub-plain"),
        ("plain-T1w.NII.GZ", "sub-plain"),
        ("plain.t1w.nii.zip", "sub-plain"),
        ("IXI002-Guys-0828-T1.nii.gz", "sub-IXI002Guys0828"),
        ("T1w.nii", "sub-T1w"),
        ("cat1.nii", "sub-cat1"),
    ],
)
def test_a_suffix_is_no_part_of_a_name(tmp_path: Path, name: str, label: str) -> None:
    touch(tmp_path, name)
    [raw] = find_scans(tmp_path).scans
    assert raw.scan.label == label


def test_names_that_are_one_without_their_suffixes_are_refused(tmp_path: Path) -> None:
    touch(tmp_path, "plain_T1w.nii.gz", "plain.nii")
    [(scan, reason)] = find_scans(tmp_path).problems
    assert scan.label == "sub-plain"
    assert reason == "plain.nii and plain_T1w.nii.gz give the same name; rename them"


def test_a_name_too_long_for_its_maps_is_refused_alone(tmp_path: Path) -> None:
    long = "x" * 199 + ".nii.gz"
    touch(tmp_path, long, "y.nii")
    found = find_scans(tmp_path)
    assert [raw.scan.label for raw in found.scans] == ["sub-y"]
    [(_, reason)] = found.problems
    assert reason.startswith("its name has 203 characters, more than the 100 that")
    with pytest.raises(InputError, match="its name has 203 characters"):
        find_scans(tmp_path / long)
