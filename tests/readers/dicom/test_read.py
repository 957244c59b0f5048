"""DICOM: the same image as from NIfTI, whole, and nothing of the person."""

import subprocess
import sys
import zipfile
from pathlib import Path

import nibabel as nib
import numpy as np
import pydicom
import pytest
from pydicom.dataset import Dataset
from pydicom.uid import RLELossless

from crosswarp.errors import MachineError, MissingPackageError, ScanError
from crosswarp.readers.dicom import read as module
from crosswarp.readers.reading import read_t1w
from crosswarp.readers.source import read_source
from crosswarp.types.arrays import SpatialMap
from tests.dicom_series import (
    PERSON,
    Protocol,
    series_uid,
    write_enhanced,
    write_series,
    write_without_preamble,
)
from tests.heads import colin27_path, write_head

STEP = 4


def coarse_head() -> SpatialMap:
    """Colin27, every fourth voxel: quick to write, and no axis like another."""
    head = read_t1w(colin27_path())
    affine = head.affine.copy()
    affine[:3, :3] *= STEP
    return SpatialMap(head.values[::STEP, ::STEP, ::STEP], affine)


def turned(degrees: float, axis: int) -> np.ndarray:
    c, s = np.cos(np.deg2rad(degrees)), np.sin(np.deg2rad(degrees))
    turn = np.eye(4)
    a, b = (other for other in range(3) if other != axis)
    turn[a, a] = turn[b, b] = c
    turn[a, b], turn[b, a] = -s, s
    return turn


def reoriented(head: SpatialMap, code: str) -> SpatialMap:
    image = nib.Nifti1Image(head.values, head.affine)
    wanted = nib.orientations.ornt_transform(
        nib.orientations.axcodes2ornt("RAS"), nib.orientations.axcodes2ornt(code)
    )
    image = image.as_reoriented(wanted)
    return SpatialMap(np.asarray(image.dataobj), image.affine)


def read_dicom(source: Path, wanted: int | str | None = None) -> SpatialMap:
    return read_source(source, wanted).scan


@pytest.fixture(scope="module")
def head() -> SpatialMap:
    return coarse_head()


# Axial, sagittal and coronal slices; oblique by one and by two axes; anisotropic.
VOLUMES = {
    "axial": lambda head: reoriented(head, "LPS"),
    "sagittal": lambda head: reoriented(head, "PIR"),
    "coronal": lambda head: reoriented(head, "LIP"),
    "oblique": lambda head: SpatialMap(head.values, turned(17, 0) @ head.affine),
    "doubly oblique": lambda head: SpatialMap(
        reoriented(head, "PIL").values,
        turned(9, 1) @ turned(-12, 2) @ reoriented(head, "PIL").affine,
    ),
    "anisotropic": lambda head: SpatialMap(
        head.values, head.affine @ np.diag([0.7, 0.9, 1.3, 1.0])
    ),
}


@pytest.mark.parametrize("name", VOLUMES)
def test_dicom_gives_what_nifti_gives(
    tmp_path: Path, head: SpatialMap, name: str
) -> None:
    volume = VOLUMES[name](head)
    write_series(tmp_path / "dicom", volume)
    nifti = write_head(tmp_path / "a.nii", volume.values, volume.affine)
    from_dicom, from_nifti = read_dicom(tmp_path / "dicom"), read_t1w(nifti)
    np.testing.assert_array_equal(from_dicom.values, from_nifti.values)
    np.testing.assert_allclose(from_dicom.affine, from_nifti.affine, atol=2e-3)


def zipped(folder: Path, archive: Path) -> Path:
    with zipfile.ZipFile(archive, "w", zipfile.ZIP_DEFLATED) as opened:
        for path in sorted(folder.rglob("*.dcm")):
            opened.write(path, path.relative_to(folder))
    return archive


def test_an_archive_gives_what_its_folder_gives(
    tmp_path: Path, head: SpatialMap
) -> None:
    write_series(tmp_path / "in/deep/er", head)
    archive = zipped(tmp_path / "in", tmp_path / "é b.zip")
    one, other = read_dicom(tmp_path / "in"), read_dicom(archive)
    np.testing.assert_array_equal(one.values, other.values)
    np.testing.assert_array_equal(one.affine, other.affine)


def test_the_t1w_is_taken_among_others(tmp_path: Path, head: SpatialMap) -> None:
    write_series(tmp_path, head, Protocol(number=2, description="t2_tse", echo_ms=95))
    thin = SpatialMap(head.values[:, :, :5], head.affine)
    write_series(tmp_path, thin, Protocol(1, "localizer", ("ORIGINAL", "PRIMARY", "M")))
    write_series(tmp_path, head, Protocol(number=3))
    np.testing.assert_array_equal(read_dicom(tmp_path).values, head.values)


def test_a_series_can_be_chosen(tmp_path: Path, head: SpatialMap) -> None:
    other = SpatialMap(head.values[::-1].copy(), head.affine)
    write_series(tmp_path, head, Protocol(number=3))
    write_series(tmp_path, other, Protocol(number=5))
    with pytest.raises(ScanError, match="choose with `dicom_series"):
        read_dicom(tmp_path)
    np.testing.assert_array_equal(read_dicom(tmp_path, 5).values, other.values)
    with pytest.raises(ScanError, match="0 series have the number 6"):
        read_dicom(tmp_path, 6)


def test_a_missing_slice_is_named(tmp_path: Path, head: SpatialMap) -> None:
    write_series(tmp_path, head)[20].unlink()
    with pytest.raises(ScanError, match=r"slices 20 and 21 are 8 mm apart \(1 missing"):
        read_dicom(tmp_path)


def test_a_truncated_slice_is_refused(tmp_path: Path, head: SpatialMap) -> None:
    path = write_series(tmp_path, head)[20]
    path.write_bytes(path.read_bytes()[:-2000])
    with pytest.raises(ScanError, match="series 4: 1 of 46 files cut short"):
        read_dicom(tmp_path)


def test_two_people_are_not_mixed(tmp_path: Path, head: SpatialMap) -> None:
    write_series(tmp_path, head)
    someone = {**PERSON, "PatientID": "other"}
    write_series(tmp_path, head, Protocol(number=9, person=someone))
    with pytest.raises(ScanError, match="of 2 people") as caught:
        read_dicom(tmp_path)
    assert "secret" not in str(caught.value)


def test_ct_is_refused(tmp_path: Path, head: SpatialMap) -> None:
    write_series(tmp_path, head, Protocol(modality="CT", description="head"))
    with pytest.raises(ScanError, match=r"no T1w volume among series 4 \(CT, 46"):
        read_dicom(tmp_path)


def test_a_folder_without_dicom_is_refused(tmp_path: Path) -> None:
    (tmp_path / "notes.txt").write_text("nothing here")
    with pytest.raises(ScanError, match="no DICOM image was found"):
        read_dicom(tmp_path)


def test_nothing_of_the_person_is_said(tmp_path: Path, head: SpatialMap) -> None:
    write_series(tmp_path, head, Protocol(number=3, description="Zzyzx t1 Quillon"))
    write_series(tmp_path, head, Protocol(number=5, description="T1w for Zzyzx"))
    with pytest.raises(ScanError) as caught:
        read_dicom(tmp_path)
    said = str(caught.value)
    assert "series 3 (MR, 46 images, TE 2.98 ms, t1, NORM)" in said
    for secret in ("Zzyzx", "Quillon", *PERSON.values()):
        assert secret not in said


def test_without_its_packages_the_remedy_is_named(tmp_path: Path) -> None:
    (tmp_path / "a.dcm").write_bytes(b"x")
    program = (
        "import sys; sys.modules['pydicom'] = None\n"
        "from pathlib import Path\n"
        "from crosswarp.readers.dicom import read_dicom\n"
        "from crosswarp.errors import MissingPackageError\n"
        "try: read_dicom([Path(sys.argv[1]) / 'a.dcm'])\n"
        "except MissingPackageError as error: print(error)\n"
    )
    done = subprocess.run(
        [sys.executable, "-c", program, tmp_path],
        capture_output=True,
        text=True,
        check=True,
    )
    assert "crosswarp[dicom]" in done.stdout


def test_without_dcm2niix_the_remedy_is_named(
    tmp_path: Path, head: SpatialMap, monkeypatch: pytest.MonkeyPatch
) -> None:
    write_series(tmp_path, head)
    monkeypatch.setitem(sys.modules, "dcm2niix", None)
    with pytest.raises(MissingPackageError, match=r"crosswarp\[dicom\]"):
        read_dicom(tmp_path)


def test_a_hanging_conversion_is_ended(
    tmp_path: Path, head: SpatialMap, monkeypatch: pytest.MonkeyPatch
) -> None:
    write_series(tmp_path, head)
    monkeypatch.setattr(module, "MOST_SECONDS", 0.2)
    monkeypatch.setattr(
        module, "_program", lambda: [sys.executable, "-c", "import time; time.sleep(9)"]
    )
    with pytest.raises(MachineError, match=r"took longer than 0\.2 s"):
        read_dicom(tmp_path)


@pytest.mark.parametrize("order", ["stored", "backwards", "shuffled"])
@pytest.mark.parametrize("name", ["axial", "doubly oblique"])
def test_frames_of_one_file_give_what_nifti_gives(
    tmp_path: Path, head: SpatialMap, name: str, order: str
) -> None:
    volume = VOLUMES[name](head)
    frames = np.arange(volume.extent[2])
    if order == "backwards":
        frames = frames[::-1]
    if order == "shuffled":
        frames = np.random.default_rng(0).permutation(frames)
    write_enhanced(tmp_path / "dicom/a", volume, frames=[int(k) for k in frames])
    nifti = write_head(tmp_path / "a.nii", volume.values, volume.affine)
    from_dicom, from_nifti = read_dicom(tmp_path / "dicom"), read_t1w(nifti)
    np.testing.assert_array_equal(from_dicom.values, from_nifti.values)
    np.testing.assert_allclose(from_dicom.affine, from_nifti.affine, atol=2e-3)


def test_compressed_frames_out_of_order(tmp_path: Path, head: SpatialMap) -> None:
    def compress(image: Dataset) -> None:
        image.compress(RLELossless, generate_instance_uid=False)

    frames = [int(k) for k in np.random.default_rng(0).permutation(head.extent[2])]
    write_enhanced(tmp_path / "a", head, frames=frames, change=compress)
    np.testing.assert_array_equal(read_dicom(tmp_path).values, head.values)


def test_files_without_a_preamble(tmp_path: Path, head: SpatialMap) -> None:
    for path in write_series(tmp_path, head):
        write_without_preamble(path)
    np.testing.assert_array_equal(read_dicom(tmp_path).values, head.values)


def test_frames_without_a_preamble(tmp_path: Path, head: SpatialMap) -> None:
    frames = [int(k) for k in np.random.default_rng(0).permutation(head.extent[2])]
    write_without_preamble(write_enhanced(tmp_path / "a", head, frames=frames))
    np.testing.assert_array_equal(read_dicom(tmp_path).values, head.values)


@pytest.mark.parametrize("uids", ["same", "new"])
def test_an_examination_sent_twice_is_read_once(
    tmp_path: Path, head: SpatialMap, uids: str
) -> None:
    for path in write_series(tmp_path / "one", head):
        image = pydicom.dcmread(path)
        if uids == "new":
            image.SOPInstanceUID = f"{image.SOPInstanceUID}.9"
        (tmp_path / "two").mkdir(exist_ok=True)
        image.save_as(tmp_path / "two" / path.name)
    np.testing.assert_array_equal(read_dicom(tmp_path).values, head.values)


def test_a_saved_screen_without_an_id_is_nobody_else(
    tmp_path: Path, head: SpatialMap
) -> None:
    write_series(tmp_path, head)
    screen = SpatialMap(head.values[:, :, :2], head.affine)
    for name in (PERSON["PatientName"], ""):
        who = {"PatientName": name, "PatientID": ""}
        other = Protocol(99, "screen save", ("DERIVED", "SECONDARY"), "OT", person=who)
        write_series(tmp_path, screen, other)
        read = read_source(tmp_path)
        np.testing.assert_array_equal(read.scan.values, head.values)
        assert read.notes[1].endswith("not MR")


def test_a_series_is_chosen_by_uid(tmp_path: Path, head: SpatialMap) -> None:
    other = SpatialMap(head.values[::-1].copy(), head.affine)
    protocol = Protocol(number=3, date="20210101", study="1.2.3")
    write_series(tmp_path / "a", head, Protocol(number=3))
    write_series(tmp_path / "b", other, protocol)
    with pytest.raises(
        ScanError, match="2 series have the number 3: visit 1, series 3"
    ):
        read_dicom(tmp_path, 3)
    wanted = series_uid(tmp_path / "b", protocol)
    np.testing.assert_array_equal(read_dicom(tmp_path, wanted).values, other.values)


def test_a_contrast_agent_in_the_header_is_seen(
    tmp_path: Path, head: SpatialMap
) -> None:
    write_series(tmp_path, head, Protocol(number=3))
    write_series(tmp_path, head, Protocol(number=4, agent="Gadovist"))
    assert "after a contrast agent" in read_source(tmp_path).notes[1]


def test_a_phase_image_is_never_taken(tmp_path: Path, head: SpatialMap) -> None:
    write_series(tmp_path, head, Protocol(kind=("ORIGINAL", "PRIMARY", "P", "ND")))
    with pytest.raises(ScanError, match="a phase image or a part of a complex one"):
        read_dicom(tmp_path)


def test_a_map_of_t1_is_never_taken(tmp_path: Path, head: SpatialMap) -> None:
    write_series(tmp_path, head, Protocol(kind=("DERIVED", "PRIMARY", "M", "T1 MAP")))
    with pytest.raises(ScanError, match="a map of T1"):
        read_dicom(tmp_path)


def test_no_image_of_dcm2niix_is_said(
    tmp_path: Path, head: SpatialMap, monkeypatch: pytest.MonkeyPatch
) -> None:
    write_series(tmp_path, head)
    monkeypatch.setattr(module, "_program", lambda: [sys.executable, "-c", "pass"])
    with pytest.raises(ScanError, match="dcm2niix made 0 images of it instead of one"):
        read_dicom(tmp_path)


def test_two_echoes_are_not_taken_for_copies(tmp_path: Path, head: SpatialMap) -> None:
    write_series(tmp_path / "one", head)
    weaker = SpatialMap(head.values // 2, head.affine)
    for path in write_series(tmp_path / "two", weaker, Protocol(echo_ms=5.1)):
        image = pydicom.dcmread(path)
        image.SeriesInstanceUID = series_uid(tmp_path / "one", Protocol())
        image.save_as(path)
    with pytest.raises(ScanError, match="same places; several volumes of 2 echo times"):
        read_dicom(tmp_path)
