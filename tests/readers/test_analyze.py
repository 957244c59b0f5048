"""Left and right of archived images in Analyze 7.5, through the reader."""

from pathlib import Path

import nibabel as nib
import numpy as np
import pytest

from crosswarp.errors import ScanError
from crosswarp.files import file_digest
from crosswarp.readers.reading import read_noted
from crosswarp.readers.source import read_source
from tests.analyze_pairs import NAME, RIGHT_EAR, stored_head, write_analyze


def test_the_right_ear_is_on_the_right(tmp_path: Path) -> None:
    path = write_analyze(tmp_path)
    start = path.with_suffix(".hdr").read_bytes()
    assert start[:4] == (348).to_bytes(4, "big")
    before = [file_digest(p) for p in sorted(tmp_path.iterdir())]
    read = read_noted(path)
    assert nib.aff2axcodes(read.scan.affine) == ("R", "A", "S")
    assert read.scan.extent == (160, 256, 256)
    (brightest,) = np.argwhere(read.scan.values == 3000)
    np.testing.assert_allclose((read.scan.affine @ [*brightest, 1])[:3], RIGHT_EAR)
    assert read.notes == (
        "the header, of Analyze 7.5, does not say where left and right are; the"
        " orientation known of the average of OASIS-1 in the participant's space"
        " (SUBJ_111) was taken",
    )
    assert [file_digest(p) for p in sorted(tmp_path.iterdir())] == before


def test_either_file_of_the_pair_is_the_scan(tmp_path: Path) -> None:
    path = write_analyze(tmp_path)
    whole = read_source(path)
    from_header = read_source(path.with_suffix(".hdr"))
    assert whole.notes == from_header.notes
    np.testing.assert_array_equal(whole.scan.values, from_header.scan.values)


@pytest.mark.parametrize(
    "name",
    [
        "OAS1_0001_MR1_mpr-1_anon",
        "OAS1_0001_MR1_mpr_n4_anon_111_t88_gfc",
        "sub-OAS10001_T1w",
    ],
)
def test_analyze_of_any_other_name_is_refused(tmp_path: Path, name: str) -> None:
    with pytest.raises(ScanError, match=r"Analyze 7\.5, .* where left and right"):
        read_noted(write_analyze(tmp_path, name, (120, 120, 120)))


def test_another_geometry_under_the_known_name_is_refused(tmp_path: Path) -> None:
    with pytest.raises(ScanError, match="the header has 160 x 256 x 256 voxels of 1"):
        read_noted(write_analyze(tmp_path, extent=(160, 256, 256)))


def test_a_nifti_header_under_the_known_name_counts_as_it_is_written(
    tmp_path: Path,
) -> None:
    own = np.diag([-1.0, 1, 1, 1])
    path = tmp_path / f"{NAME}.img"
    nib.save(nib.Nifti1Pair(stored_head((160, 170, 150)), own), path)
    read = read_noted(path)
    assert read.notes == ()
    assert read.scan.extent == (160, 170, 150)
