"""One small head, stored in every way that NIfTI knows, and in ways it does not."""

import gzip
import struct
from collections.abc import Callable
from dataclasses import dataclass
from pathlib import Path

import nibabel as nib
import numpy as np

EXTENT = (30, 34, 28)
TURN = np.array([[1, 0, 0], [0, 0.9689, -0.2474], [0, 0.2474, 0.9689]])
SPACING = np.array([5.0, 4.0, 4.5])
AFFINE = np.eye(4)
AFFINE[:3, :3] = np.linalg.qr(TURN)[0] * np.sign(np.diag(np.linalg.qr(TURN)[0]))
AFFINE[:3, :3] *= SPACING
AFFINE[:3, 3] = (-70, -60, -55)
"""Oblique, so that no axis can be taken for another."""

VALUES = (
    np.random.default_rng(3).integers(1, 900, EXTENT).astype(np.int16)
    * (np.indices(EXTENT).sum(axis=0) > 20)
).astype(np.int16)

SFORM_CODE, QFORM_CODE, PIXDIM, OFFSET, UNITS = 254, 252, 76, 108, 123
"""Bytes at which fields of a NIfTI-1 header begin."""


def image(
    affine: np.ndarray = AFFINE, *, sform: int = 1, qform: int = 1
) -> nib.Nifti1Image:
    """Make the head, with both forms set."""
    made = nib.Nifti1Image(VALUES, affine)
    made.set_sform(affine, code=sform)
    made.set_qform(affine, code=qform, strip_shears=True)
    made.header.set_xyzt_units("mm")
    return made


def save(path: Path, made: nib.spatialimages.SpatialImage) -> Path:
    """Write an image."""
    nib.save(made, path)
    return path


def patched(path: Path, place: int, layout: str, *values: float) -> Path:
    """Change bytes of a file that is not compressed."""
    content = bytearray(path.read_bytes())
    struct.pack_into(f"<{layout}", content, place, *values)
    path.write_bytes(bytes(content))
    return path


@dataclass(frozen=True)
class Variant:
    """A way to store the head.

    Attributes:
        name: For the test's name.
        write: Writes it into a folder, returns the path.
        as_nibabel: Whether nibabel reads it soundly; the head is right in any case.
        note: What is noted; empty for nothing.
    """

    name: str
    write: Callable[[Path], Path]
    as_nibabel: bool = True
    note: str = ""


def _plain(folder: Path, name: str = "a.nii", **forms: int) -> Path:
    return save(folder / name, image(**forms))


def _upper(folder: Path) -> Path:
    return _plain(folder, "a.nii.gz").rename(folder / "a.NII.GZ")


def _big_endian(folder: Path) -> Path:
    header = nib.Nifti1Header(endianness=">")
    header.set_data_dtype(np.dtype(">i2"))
    made = nib.Nifti1Image(VALUES.astype(">i2"), AFFINE, header)
    return save(folder / "a.nii", made)


def _extension(folder: Path) -> Path:
    made = image()
    made.header.extensions.append(
        nib.nifti1.Nifti1Extension("comment", b"made for a test" * 20)
    )
    return save(folder / "a.nii.gz", made)


def _scaling(slope: float, inter: float) -> Callable[[Path], Path]:
    return lambda folder: patched(_plain(folder), 112, "2f", slope, inter)


def _dimensions(*dim: int) -> Callable[[Path], Path]:
    return lambda folder: patched(_plain(folder), 40, f"{len(dim)}h", *dim)


def _other_qform(folder: Path) -> Path:
    made = image()
    moved = AFFINE @ np.diag([-1.0, 1, -1, 1])
    made.set_qform(moved, code=1)
    made.set_sform(AFFINE, code=2)
    return save(folder / "a.nii", made)


def _flat_qform(folder: Path) -> Path:
    return patched(_plain(folder), 256, "3f", 9.0, 9.0, 0.0)


def mirrored_qform(folder: Path) -> Path:
    """The same grid with its sides exchanged, in one of the two."""
    made = image()
    made.set_qform(np.diag([-1.0, 1, 1, 1]) @ AFFINE, code=1)
    made.set_sform(AFFINE, code=1)
    return save(folder / "a.nii", made)


def _left_handed(folder: Path) -> Path:
    flip = np.diag([-1.0, 1, 1, 1])
    made = nib.Nifti1Image(VALUES[::-1], AFFINE @ flip)
    origin = AFFINE @ [EXTENT[0] - 1, 0, 0, 1]
    affine = AFFINE @ flip
    affine[:, 3] = origin
    made.set_sform(None, code=0)
    made.set_qform(affine, code=1)
    return save(folder / "a.nii", made)


def _qfac(value: float) -> Callable[[Path], Path]:
    return lambda folder: patched(_plain(folder, sform=0), PIXDIM, "f", value)


def _sform(*values: float) -> Callable[[Path], Path]:
    return lambda folder: patched(_plain(folder), 280, "12f", *values)


def _sheared(folder: Path) -> Path:
    affine = AFFINE.copy()
    affine[:3, 2] += 0.2 * affine[:3, 1]
    return save(folder / "a.nii", image(affine, qform=0))


def _second(endianness: str = "<") -> Callable[[Path], Path]:
    def write(folder: Path) -> Path:
        header = nib.Nifti2Header(endianness=endianness)
        header.set_data_dtype(np.dtype(f"{endianness}i2"))
        made = nib.Nifti2Image(VALUES.astype(f"{endianness}i2"), AFFINE, header)
        return save(folder / "a.nii.gz", made)

    return write


def _pair(suffix: str, kind: type = nib.Nifti1Pair) -> Callable[[Path], Path]:
    def write(folder: Path) -> Path:
        made = kind(VALUES, AFFINE)
        made.set_sform(AFFINE, code=1)
        return save(folder / f"a{suffix}", made)

    return write


def _in_units(factor: float, code: int) -> Callable[[Path], Path]:
    def write(folder: Path) -> Path:
        affine = np.diag([factor, factor, factor, 1]) @ AFFINE
        return patched(save(folder / "a.nii", image(affine)), UNITS, "B", code)

    return write


def _wrong_unit(folder: Path) -> Path:
    return patched(_plain(folder), UNITS, "B", 1)


def _pixdim(*values: float) -> Callable[[Path], Path]:
    return lambda folder: patched(_plain(folder), PIXDIM + 4, "3f", *values)


def _no_extender(folder: Path) -> Path:
    path = patched(_plain(folder), OFFSET, "f", 0.0)
    content = path.read_bytes()
    path.write_bytes(content[:348] + content[352:])
    return path


def _later(folder: Path) -> Path:
    path = patched(_plain(folder), OFFSET, "f", 1024.0)
    content = path.read_bytes()
    path.write_bytes(content[:352] + bytes(1024 - 352) + content[352:])
    return path


def _followed(by: bytes) -> Callable[[Path], Path]:
    def write(folder: Path) -> Path:
        path = _plain(folder)
        path.write_bytes(path.read_bytes() + by)
        return path

    return write


def _followed_compressed(folder: Path) -> Path:
    path = _plain(folder)
    compressed = gzip.compress(path.read_bytes()) + b"not compressed"
    (folder / "b.nii.gz").write_bytes(compressed)
    return folder / "b.nii.gz"


def _of_type(dtype: type) -> Callable[[Path], Path]:
    def write(folder: Path) -> Path:
        made = nib.Nifti1Image(VALUES.astype(dtype), AFFINE, dtype=dtype)
        return save(folder / "a.nii", made)

    return write


IDENTITY = (1, 0, 0, 0, 0, 1, 0, 0, 0, 0, 1, 0)

VARIANTS = [
    Variant("plain", _plain),
    Variant("compressed", lambda f: _plain(f, "a.nii.gz")),
    Variant("upper-case", _upper),
    Variant("big-endian", _big_endian),
    Variant("extension", _extension),
    Variant("int64", _of_type(np.int64)),
    Variant("uint64", _of_type(np.uint64)),
    Variant("float64", _of_type(np.float64)),
    Variant("slope-0", _scaling(0, 7)),
    Variant("slope-nan", _scaling(float("nan"), float("nan"))),
    Variant("slope-inf", _scaling(float("inf"), 0)),
    Variant("five-axes", _dimensions(5, *EXTENT, 1, 1, 1, 1)),
    Variant("dim4-0", _dimensions(4, *EXTENT, 0, 1, 1, 1), as_nibabel=False),
    Variant("dim5-negative", _dimensions(5, *EXTENT, 1, -1, 1, 1), as_nibabel=False),
    Variant("intent", lambda f: patched(_plain(f), 68, "h", 1002)),
    Variant("sform-alone", lambda f: _plain(f, qform=0)),
    Variant("qform-alone", lambda f: _plain(f, sform=0)),
    Variant(
        "sform-first", _other_qform, note="by the sform the axes are RAS, by the qform"
    ),
    Variant("qform-flat", _flat_qform),
    Variant("left-handed-qform", _left_handed),
    Variant("qfac-0", _qfac(0), note="pixdim.0. is neither"),
    Variant("qfac-3", _qfac(3), note="pixdim.0. is neither"),
    Variant("sform-0", _sform(*[0] * 12), as_nibabel=False, note="no orientation"),
    Variant(
        "sform-nan", _sform(*[np.nan] * 12), as_nibabel=False, note="no orientation"
    ),
    Variant(
        "sform-identity", _sform(*IDENTITY), as_nibabel=False, note="qform was taken"
    ),
    Variant(
        "sform-in-cm",
        _sform(*(AFFINE[:3] / 10).ravel()),
        as_nibabel=False,
        note="by the sform voxels are 0.5 x 0.4 x 0.45, by pixdim 5 x 4 x 4.5",
    ),
    Variant("shear", _sheared),
    Variant("pixdim-negative", _pixdim(-5, 4, 4.5)),
    Variant("pixdim-0", _pixdim(0, 0, 0)),
    Variant("nifti-2", _second()),
    Variant("nifti-2-big-endian", _second(">")),
    Variant("pair", _pair(".img")),
    Variant("pair-by-header", _pair(".hdr")),
    Variant("pair-compressed", _pair(".img.gz")),
    Variant("pair-nifti-2", _pair(".img", nib.Nifti2Pair)),
    Variant("metres", _in_units(1e-3, 1), as_nibabel=False, note="in metres"),
    Variant("micrometres", _in_units(1e3, 3), as_nibabel=False, note="micrometres"),
    Variant("no-unit", _in_units(1, 0)),
    Variant("wrong-unit", _wrong_unit, note="says metres, which cannot be"),
    Variant(
        "offset-0",
        lambda f: patched(_plain(f), OFFSET, "f", 0.0),
        as_nibabel=False,
        note="no vox_offset",
    ),
    Variant(
        "offset-0-no-extender", _no_extender, as_nibabel=False, note="no vox_offset"
    ),
    Variant("offset-1024", _later),
    Variant("zeros-after", _followed(bytes(4097)), note="4097 bytes after"),
    Variant("text-after", _followed(b"x" * 999), note="999 bytes after"),
    Variant("text-after-gzip", _followed_compressed, note="bytes after"),
]
"""All that is read."""
