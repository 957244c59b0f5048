"""Raw scans of every kind: read, and digested for what belongs to them."""

import zipfile
from pathlib import Path

import numpy as np
import pytest

from crosswarp.bids.dataset import find_scans
from crosswarp.errors import ScanError
from crosswarp.readers.source import read_source, source_digest
from crosswarp.types.arrays import SpatialMap
from tests.dicom_series import write_series
from tests.heads import write_head

VALUES = np.random.default_rng(0).integers(0, 900, (30, 30, 60)).astype(np.int16)
VOLUME = SpatialMap(VALUES.astype(float), np.diag([4.0, 4.0, 2.0, 1.0]))


def packed(archive: Path, *files: tuple[Path, str]) -> Path:
    with zipfile.ZipFile(archive, "w", zipfile.ZIP_DEFLATED) as opened:
        for path, name in files:
            opened.write(path, name)
    return archive


@pytest.mark.parametrize("suffix", [".nii", ".nii.gz"])
def test_a_zip_of_nifti(tmp_path: Path, suffix: str) -> None:
    path = write_head(tmp_path / f"a{suffix}", VALUES, VOLUME.affine)
    archive = packed(tmp_path / "P.zip", (path, f"deep/er/a{suffix.upper()}"))
    [raw] = find_scans(archive).scans
    read = read_source(raw.path, raw.series, raw.inside)
    np.testing.assert_array_equal(read.scan.values, VALUES)
    assert (raw.scan.label, read.notes) == ("sub-P", ())


def test_a_zip_of_two_people(tmp_path: Path) -> None:
    one = write_head(tmp_path / "one.nii", VALUES, VOLUME.affine)
    two = write_head(tmp_path / "two.nii", VALUES[::-1], VOLUME.affine)
    archive = packed(
        tmp_path / "P.zip", (one, "002_S_0001/I111.nii"), (two, "002_S_0002/I222.nii")
    )
    first, second = find_scans(archive).scans
    for raw, values in ((first, VALUES), (second, VALUES[::-1])):
        scan = read_source(raw.path, inside=raw.inside).scan
        np.testing.assert_array_equal(scan.values, values)
    before = [source_digest(raw.path, raw.inside) for raw in (first, second)]
    packed(archive, (one, "002_S_0001/I111.nii"), (one, "002_S_0002/I222.nii"))
    after = [source_digest(raw.path, raw.inside) for raw in (first, second)]
    assert before[0] == after[0]
    assert before[1] != after[1]


def test_nameless_images_of_a_zip_are_refused(tmp_path: Path) -> None:
    path = write_head(tmp_path / "a.nii", VALUES, VOLUME.affine)
    archive = packed(tmp_path / "P.zip", (path, "a.nii"), (path, "b.nii"))
    [raw] = find_scans(archive).scans
    with pytest.raises(ScanError, match=r"P\.zip: holds 2 NIfTI files, whose names"):
        read_source(raw.path, inside=raw.inside)


def test_a_bad_image_of_a_zip_is_named_after_the_zip(tmp_path: Path) -> None:
    (tmp_path / "a.nii").write_text("<html>")
    archive = packed(tmp_path / "P.zip", (tmp_path / "a.nii", "Quillon.nii"))
    with pytest.raises(ScanError, match=r"^P\.zip: not a NIfTI file"):
        read_source(archive)


def test_other_files_of_a_dicom_folder_do_not_count(tmp_path: Path) -> None:
    write_series(tmp_path / "a", VOLUME)
    [raw] = find_scans(tmp_path).scans
    before = source_digest(raw.path, raw.inside)
    (tmp_path / "notes.txt").touch()
    (tmp_path / "out").mkdir()
    described = '{"DatasetType": "derivative"}'
    (tmp_path / "out/dataset_description.json").write_text(described)
    write_series(tmp_path / "out", VOLUME)
    assert source_digest(raw.path, raw.inside) == before
    assert source_digest(raw.path) == before
    np.testing.assert_array_equal(read_source(raw.path).scan.values, VALUES)
    (tmp_path / "a/more").symlink_to(next((tmp_path / "a").iterdir()))
    assert source_digest(raw.path, raw.inside) != before


def test_a_damaged_archive_has_a_digest(tmp_path: Path) -> None:
    (tmp_path / "a.zip").write_text("<html>")
    assert source_digest(tmp_path / "a.zip", ["x"]) == source_digest(tmp_path / "a.zip")


def test_a_zip_of_dicom_of_two_people(tmp_path: Path) -> None:
    one, two = (write_series(tmp_path / name, VOLUME) for name in ("one", "two"))
    named = [(path, f"002_S_0001/{path.name}") for path in one]
    archive = packed(
        tmp_path / "P.zip", *named, *((p, f"002_S_0002/{p.name}") for p in two)
    )
    first, second = find_scans(archive).scans
    assert second.inside == ("002_S_0002",)
    scan = read_source(second.path, inside=second.inside).scan
    np.testing.assert_array_equal(scan.values, VALUES)
    before = [source_digest(raw.path, raw.inside) for raw in (first, second)]
    packed(archive, *named, *((p, f"002_S_0002/{p.name}") for p in two[:-1]))
    after = [source_digest(raw.path, raw.inside) for raw in (first, second)]
    assert before[0] == after[0]
    assert before[1] != after[1]
