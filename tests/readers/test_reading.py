"""read_t1w: what it gives, and every file that it must refuse in one line."""

import gzip
import zlib
from collections.abc import Callable
from pathlib import Path

import nibabel as nib
import numpy as np
import pytest

from crosswarp.errors import ScanError
from crosswarp.readers.reading import read_noted, read_t1w
from tests.heads import write_head

EXTENT = (30, 34, 28)
AFFINE = np.diag([5.0, 4.0, 4.5, 1.0])


@pytest.fixture
def head(rng: np.random.Generator) -> np.ndarray:
    return rng.integers(0, 1000, EXTENT).astype(np.int16)


@pytest.fixture
def good(tmp_path: Path, head: np.ndarray) -> Path:
    return write_head(tmp_path / "sub-01_T1w.nii.gz", head, AFFINE)


def test_values_and_grid_are_kept(good: Path, head: np.ndarray) -> None:
    scan = read_t1w(good)
    np.testing.assert_array_equal(scan.values, head)
    np.testing.assert_allclose(scan.affine, AFFINE)
    assert scan.spacing == (5.0, 4.0, 4.5)


@pytest.mark.parametrize("code", ["LPS", "PIR", "SAL", "RAS"])
def test_any_orientation_comes_out_near_ras(
    tmp_path: Path, head: np.ndarray, code: str
) -> None:
    wanted = nib.orientations.axcodes2ornt(code)
    image = nib.Nifti1Image(head, AFFINE).as_reoriented(wanted_from_ras(wanted))
    assert "".join(nib.aff2axcodes(image.affine)) == code
    path = write_head(tmp_path / "a.nii", np.asarray(image.dataobj), image.affine)
    scan = read_t1w(path)
    np.testing.assert_array_equal(scan.values, head)
    np.testing.assert_allclose(scan.affine, AFFINE, atol=1e-5)


def wanted_from_ras(wanted: np.ndarray) -> np.ndarray:
    ras = nib.orientations.axcodes2ornt("RAS")
    return nib.orientations.ornt_transform(ras, wanted)


def test_scaled_header_is_applied(tmp_path: Path, head: np.ndarray) -> None:
    image = nib.Nifti1Image(head, AFFINE)
    image.header.set_slope_inter(0.5, 10)
    nib.save(image, tmp_path / "a.nii")
    expected = image.get_fdata() * 0.5 + 10
    np.testing.assert_allclose(read_t1w(tmp_path / "a.nii").values, expected)


def test_a_last_axis_of_one_is_a_single_volume(
    tmp_path: Path, head: np.ndarray
) -> None:
    path = write_head(tmp_path / "a.nii.gz", head[..., np.newaxis], AFFINE)
    assert read_t1w(path).extent == EXTENT


def truncate(path: Path) -> None:
    path.write_bytes(path.read_bytes()[: path.stat().st_size // 2])


def flip_a_bit(path: Path) -> None:
    """Damage the stored checksum: nibabel would read this file without a word."""
    content = bytearray(path.read_bytes())
    content[-6] ^= 1
    path.write_bytes(bytes(content))


def empty(path: Path) -> None:
    path.write_bytes(b"")


def web_page(path: Path) -> None:
    path.write_bytes(gzip.compress(b"<html>" + b" " * 1000))


def short_text(path: Path) -> None:
    path.write_bytes(b"not an image")


def remove(path: Path) -> None:
    path.unlink()


def lying_header(path: Path) -> None:
    with gzip.open(path) as file:
        content = bytearray(file.read())
    content[42:48] = np.array([30000, 30000, 30000], "<i2").tobytes()
    path.write_bytes(gzip.compress(bytes(content)))


def humble_header(path: Path) -> None:
    """Say one voxel less along i: every row would be shifted, a sheared head."""
    with gzip.open(path) as file:
        content = bytearray(file.read())
    content[42:44] = np.array([EXTENT[0] - 1], "<i2").tobytes()
    path.write_bytes(gzip.compress(bytes(content)))


def negative_dimension(path: Path) -> None:
    with gzip.open(path) as file:
        content = bytearray(file.read())
    content[42:44] = np.array([-30], "<i2").tobytes()
    path.write_bytes(gzip.compress(bytes(content)))


def bomb(path: Path) -> None:
    with gzip.open(path) as file:
        content = file.read()
    packer = zlib.compressobj(9, wbits=31)
    more = b"".join(packer.compress(bytes(1 << 20)) for _ in range(64))
    path.write_bytes(gzip.compress(content) + more + packer.flush())


DAMAGES: list[tuple[Callable[[Path], None], str]] = [
    (truncate, "damaged or incomplete"),
    (flip_a_bit, "damaged or incomplete"),
    (empty, "the file is empty"),
    (web_page, "looks like a web page"),
    (short_text, "not a NIfTI"),
    (remove, "no scan at"),
    (lying_header, "30000, 30000, 30000"),
    (humble_header, "holds more than its header says"),
    (negative_dimension, "are not sizes"),
    (bomb, "more than its header says"),
]


@pytest.mark.parametrize(
    ("damage", "reason"), DAMAGES, ids=[d.__name__ for d, _ in DAMAGES]
)
def test_damaged_files_are_refused(
    good: Path, damage: Callable[[Path], None], reason: str
) -> None:
    damage(good)
    with pytest.raises(ScanError, match=reason) as caught:
        read_t1w(good)
    assert "\n" not in str(caught.value)


def test_truncated_without_compression_is_refused(
    tmp_path: Path, head: np.ndarray
) -> None:
    path = write_head(tmp_path / "a.nii", head, AFFINE)
    truncate(path)
    with pytest.raises(ScanError, match="incomplete"):
        read_t1w(path)


CONTENTS: list[tuple[str, np.ndarray, np.ndarray, str]] = [
    ("volumes", np.ones((*EXTENT, 3), np.int16), AFFINE, "got 3 volumes"),
    ("flat", np.ones((30, 34), np.int16), AFFINE, "fewer than three axes"),
    ("zeros", np.zeros(EXTENT, np.int16), AFFINE, "every voxel is 0"),
    ("nan", np.full(EXTENT, np.nan, np.float32), AFFINE, "not finite"),
    ("infinite", np.full(EXTENT, np.inf, np.float32), AFFINE, "not finite"),
    (
        "ct",
        np.linspace(-1050, 1000, 30 * 34 * 28, dtype=np.float32).reshape(EXTENT),
        AFFINE,
        "the air of a CT in Hounsfield units",
    ),
    (
        "localizer",
        np.ones((256, 256, 5), np.int16),
        np.diag([1, 1, 6.0, 1]),
        "field of view is 256 x 256 x 30 mm",
    ),
    ("thick", np.ones(EXTENT), np.diag([5, 4, 9.0, 1]), "slices 9.0 mm"),
    ("small", np.ones(EXTENT), np.diag([1, 1, 1.0, 1]), "field of view is 30 x 34"),
    ("complex", np.ones(EXTENT, np.complex64), AFFINE, "one number a voxel"),
]


@pytest.mark.parametrize(
    ("values", "affine", "reason"),
    [c[1:] for c in CONTENTS],
    ids=[c[0] for c in CONTENTS],
)
def test_images_that_cannot_be_a_head_are_refused(
    tmp_path: Path, values: np.ndarray, affine: np.ndarray, reason: str
) -> None:
    if reason.startswith(("slices", "field")) and values.min() == values.max():
        values = values.copy()
        values[0] = 0
    path = write_head(tmp_path / "a.nii.gz", values, affine)
    with pytest.raises(ScanError, match=reason):
        read_t1w(path)


def test_a_header_without_orientation_is_refused(
    tmp_path: Path, head: np.ndarray
) -> None:
    path = write_head(tmp_path / "a.nii.gz", head, AFFINE, code=0)
    with pytest.raises(ScanError, match="does not say how the scan lies"):
        read_t1w(path)


@pytest.mark.parametrize("fault", [0.0, np.nan], ids=["zero", "nan"])
def test_an_unusable_affine_is_refused(
    tmp_path: Path, head: np.ndarray, fault: float
) -> None:
    path = write_head(tmp_path / "a.nii", head, AFFINE)
    content = bytearray(path.read_bytes())
    content[280:328] = np.full(12, fault, "<f4").tobytes()
    path.write_bytes(bytes(content))
    with pytest.raises(ScanError, match="affine is not usable"):
        read_t1w(path)


def set_spacing(path: Path, values: tuple[float, float, float]) -> None:
    """Write the spacing into a header that has a qform and no sform."""
    content = bytearray(path.read_bytes())
    content[80:92] = np.array(values, "<f4").tobytes()
    content[252:256] = np.array([1, 0], "<i2").tobytes()
    content[256:280] = np.array([0, 0, 0, -75, -70, -60], "<f4").tobytes()
    path.write_bytes(bytes(content))


@pytest.mark.parametrize(
    ("spacing", "reason"),
    [
        ((-5.0, 4.0, 4.5), "header is not usable .pixdims.* should be positive"),
        ((0.0, 4.0, 4.5), "affine is not usable"),
        ((np.nan, 4.0, 4.5), "affine is not usable|not a number|finite"),
        ((5e-4, 4.0, 4.5), "affine is not usable"),
    ],
)
def test_a_spacing_that_is_none_is_refused(
    tmp_path: Path,
    head: np.ndarray,
    spacing: tuple[float, float, float],
    reason: str,
) -> None:
    path = write_head(tmp_path / "a.nii", head, AFFINE)
    set_spacing(path, spacing)
    with pytest.raises(ScanError, match=reason):
        read_t1w(path)


def test_a_path_with_spaces_and_accents(tmp_path: Path, head: np.ndarray) -> None:
    path = write_head(tmp_path / "tête à tête" / "é (1).nii.gz", head, AFFINE)
    np.testing.assert_array_equal(read_t1w(path).values, head)


FAULTS = (0x00, 0x7F, 0xFF)


@pytest.mark.slow
@pytest.mark.parametrize("code_of", ["sform", "qform"])
@pytest.mark.filterwarnings("error")
def test_any_byte_of_the_header_may_be_wrong(
    tmp_path: Path, head: np.ndarray, code_of: str
) -> None:
    image = nib.Nifti1Image(head, AFFINE)
    image.set_sform(AFFINE, code=code_of == "sform")
    image.set_qform(AFFINE, code=code_of == "qform")
    path = tmp_path / "a.nii"
    nib.save(image, path)
    whole, refused = path.read_bytes(), 0
    for place in range(352):
        for fault in FAULTS:
            content = bytearray(whole)
            content[place] = fault
            path.write_bytes(bytes(content))
            try:
                scan = read_t1w(path)
            except ScanError:
                refused += 1
                continue
            # Other axes may be named, but no voxel is made up or lost.
            assert sorted(scan.extent) == sorted(EXTENT)
            assert np.isfinite(scan.affine).all()
            assert scan.values.dtype == np.float32
    assert refused > 50


@pytest.mark.parametrize(
    ("place", "stored", "reason"),
    [
        (108, np.array([1e30], "<f4"), r"begin at byte 1e\+30; expected 352"),
        (108, np.array([np.nan], "<f4"), "begin at byte nan"),
        (108, np.array([16], "<f4"), "begin at byte 16"),
        (70, np.array([99], "<i2"), "type of voxels, 99, is none of NIfTI's"),
        (70, np.array([16], "<i2"), "incomplete, .* bytes where the header needs"),
        (112, np.array([2, np.inf], "<f4"), "the header is not usable"),
        (112, np.array([3e38, 0], "<f4"), "voxels are not finite"),
        (292, np.array([1e6], "<f4"), "the affine is not usable"),
        (284, np.array([40.0], "<f4"), "the affine is not usable"),
    ],
)
def test_a_header_that_says_what_cannot_be_is_refused(
    tmp_path: Path, head: np.ndarray, place: int, stored: np.ndarray, reason: str
) -> None:
    path = write_head(tmp_path / "a.nii", head, AFFINE)
    content = bytearray(path.read_bytes())
    content[place : place + stored.nbytes] = stored.tobytes()
    path.write_bytes(bytes(content))
    with pytest.raises(ScanError, match=reason):
        read_t1w(path)


def test_a_wrong_number_of_bits_a_voxel_changes_nothing(
    tmp_path: Path, head: np.ndarray
) -> None:
    path = write_head(tmp_path / "a.nii", head, AFFINE)
    content = bytearray(path.read_bytes())
    content[72:74] = np.array([64], "<i2").tobytes()
    path.write_bytes(bytes(content))
    np.testing.assert_array_equal(read_t1w(path).values, head)


def test_another_format_is_refused(tmp_path: Path) -> None:
    (tmp_path / "a.mgz").write_bytes(b"x")
    with pytest.raises(ScanError, match="expected a NIfTI file"):
        read_t1w(tmp_path / "a.mgz")


@pytest.mark.parametrize("value", [np.nan, np.inf, -32768.0])
def test_what_is_no_number_around_a_head_is_background(
    tmp_path: Path, head: np.ndarray, value: float
) -> None:
    air = np.zeros(EXTENT, bool)
    air[:, :, :9] = True
    values = np.where(air, 0, head + 100).astype(np.float32)
    values[:, :, :6] = value
    read = read_noted(write_head(tmp_path / "a.nii", values, AFFINE))
    assert not read.scan.values[:, :, :9].any()
    np.testing.assert_array_equal(read.scan.values[:, :, 9:], values[:, :, 9:])
    [note] = read.notes
    assert "background" in note
    # Inside, it is no background; a stand-in there is left as nibabel reads it.
    values[15, 17, 20] = value
    path = write_head(tmp_path / "b.nii", values, AFFINE)
    if np.isfinite(value):
        assert read_noted(path).notes == ()
    else:
        with pytest.raises(ScanError, match="not finite numbers, and not only around"):
            read_noted(path)
