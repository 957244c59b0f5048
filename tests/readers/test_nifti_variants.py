"""What readers that users trust read soundly is read alike; the rest is refused."""

import re
from collections.abc import Callable
from pathlib import Path

import nibabel as nib
import numpy as np
import pytest

from crosswarp.errors import ScanError
from crosswarp.readers.reading import read_noted
from crosswarp.readers.stored import MOST_AFTER
from tests.readers.nifti_variants import (
    AFFINE,
    EXTENT,
    IDENTITY,
    OFFSET,
    QFORM_CODE,
    SFORM_CODE,
    VALUES,
    VARIANTS,
    Variant,
    image,
    mirrored_qform,
    patched,
    save,
)


@pytest.mark.parametrize("variant", VARIANTS, ids=lambda v: v.name)
@pytest.mark.filterwarnings("ignore:.*downcast")
def test_a_head_is_itself_however_it_is_stored(
    tmp_path: Path, variant: Variant
) -> None:
    path = variant.write(tmp_path)
    read = read_noted(path)
    shape = np.squeeze(read.scan.values)
    np.testing.assert_array_equal(shape, VALUES)
    if variant.name != "shear":
        np.testing.assert_allclose(read.scan.affine, AFFINE, atol=2e-3)
    assert bool(read.notes) == bool(variant.note)
    assert re.search(variant.note, "; ".join(read.notes))
    if variant.as_nibabel:
        theirs = nib.as_closest_canonical(nib.load(path))
        np.testing.assert_array_equal(np.squeeze(theirs.get_fdata()), VALUES)
        np.testing.assert_allclose(read.scan.affine, theirs.affine, atol=1e-4)


@pytest.mark.parametrize("excess", [1e-6, 1e-4])
def test_a_rotation_longer_than_one_is_a_half_turn(
    tmp_path: Path, excess: float
) -> None:
    # By 180 degrees around an axis in the plane of j and k, which exchanges these.
    path = save(tmp_path / "a.nii", image(np.diag([5.0, 4, 4.5, 1]), sform=0))
    half = float(np.sqrt((1 + excess) / 2))
    read = read_noted(patched(path, 256, "3f", 0.0, half, half))
    assert read.notes == ("the qform's rotation is longer than 1; it was normalised",)
    assert read.scan.extent == (EXTENT[0], EXTENT[2], EXTENT[1])
    np.testing.assert_allclose(read.scan.spacing, (5, 4.5, 4), rtol=1e-6)
    np.testing.assert_array_equal(read.scan.values, VALUES[::-1].transpose(0, 2, 1))


def text(content: bytes) -> Callable[[Path], Path]:
    def write(folder: Path) -> Path:
        (folder / "a.nii.gz").write_bytes(content)
        return folder / "a.nii.gz"

    return write


def analyze(kind: type) -> Callable[[Path], Path]:
    return lambda folder: save(folder / "a.img", kind(VALUES, np.diag([5, 4, 4.5, 1])))


def lonely(kept: str) -> Callable[[Path], Path]:
    def write(folder: Path) -> Path:
        save(folder / "a.img", nib.Nifti1Pair(VALUES, AFFINE))
        for path in folder.iterdir():
            if path.suffix != kept:
                path.unlink()
        return folder / f"a{kept}"

    return write


def renamed_header(folder: Path) -> Path:
    return lonely(".hdr")(folder).rename(folder / "a.nii")


def two_heads(folder: Path) -> Path:
    save(folder / "a.nii", image()).rename(folder / "a.hdr")
    (folder / "a.img").write_bytes(VALUES.tobytes())
    return folder / "a.hdr"


def short_second(folder: Path) -> Path:
    path = save(folder / "a.nii", nib.Nifti2Image(VALUES, AFFINE))
    path.write_bytes(path.read_bytes()[:300])
    return path


def annex_link(folder: Path) -> Path:
    (folder / "a.nii.gz").symlink_to("../.git/annex/objects/1/2/SHA/SHA.nii.gz")
    return folder / "a.nii.gz"


def link(folder: Path) -> Path:
    (folder / "a.nii.gz").symlink_to("nowhere.nii.gz")
    return folder / "a.nii.gz"


def plain(folder: Path) -> Path:
    return save(folder / "a.nii", image())


def with_after(content: bytes) -> Callable[[Path], Path]:
    def write(folder: Path) -> Path:
        path = plain(folder)
        path.write_bytes(path.read_bytes() + content)
        return path

    return write


def identity_alone(folder: Path) -> Path:
    path = patched(plain(folder), 280, "12f", *IDENTITY)
    return patched(path, QFORM_CODE, "h", 0)


def no_codes(folder: Path) -> Path:
    path = patched(plain(folder), QFORM_CODE, "h", 0)
    return patched(path, SFORM_CODE, "h", 0)


def long_quaternion(folder: Path) -> Path:
    path = save(folder / "a.nii", image(sform=0))
    return patched(path, 256, "3f", 0.9, 0.9, 0.0)


def in_unsaid_metres(folder: Path) -> Path:
    tiny = np.diag([2e-3, 2e-3, 2e-3, 1]) @ AFFINE
    return save(folder / "a.nii", image(tiny))


def cut_without_offset(folder: Path) -> Path:
    path = patched(plain(folder), OFFSET, "f", 0.0)
    path.write_bytes(path.read_bytes()[:-2])
    return path


PLANE = EXTENT[0] * EXTENT[1] * 2
REFUSED: list[tuple[str, Callable[[Path], Path], str]] = [
    ("annex", text(b"/annex/objects/SHA256E-s1--a.nii.gz\n"), "pointer of git-annex"),
    ("annex-old", text(b"../.git/annex/objects/1/2/SHA"), "type `git annex get`"),
    ("lfs", text(b"version https://git-lfs.github.com/spec/v1\n"), "`git lfs pull`"),
    ("annex-link", annex_link, "link to .* not there: git-annex has not fetched"),
    ("link", link, "a.nii.gz is a link to a file that is not there; fetch it first"),
    ("analyze", analyze(nib.AnalyzeImage), "Analyze 7.5, .* where left and right"),
    ("spm99", analyze(nib.Spm99AnalyzeImage), "write it as NIfTI"),
    ("img-alone", lonely(".img"), r"its header \(.hdr\) is not there"),
    ("hdr-alone", lonely(".hdr"), "voxels are in another file .* copy both"),
    ("renamed-hdr", renamed_header, "voxels are in another file"),
    ("short-nifti-2", short_second, "not a NIfTI file"),
    ("two-heads", two_heads, "single .nii file, but there is a.img too"),
    ("float128", lambda f: patched(plain(f), 70, "h", 1536), "got 128-bit numbers"),
    ("colours", lambda f: patched(plain(f), 70, "h", 128), r"got colours \(RGB\)"),
    ("a-plane-more", with_after(bytes(PLANE)), "holds more than its header says"),
    ("text-of-planes", with_after(b"x" * 3000), "holds more than its header says"),
    ("too-much", with_after(bytes(MOST_AFTER + 1)), "holds more than its header says"),
    ("cut-without-offset", cut_without_offset, "incomplete"),
    ("identity", identity_alone, "there is no qform, and the sform is the identity"),
    ("mirrored", mirrored_qform, r"sform \(RAS\) mirrors the qform \(LAS\), so left"),
    ("no-codes", no_codes, "the sform looks usable: if it is right, set its code to 1"),
    ("long-quaternion", long_quaternion, "header is not usable"),
    ("metres-unsaid", in_unsaid_metres, "are lengths in metres"),
    (
        "time-as-an-axis",
        lambda f: patched(plain(f), 40, "5h", 4, EXTENT[0], EXTENT[1], 1, EXTENT[2]),
        "got 28 volumes",
    ),
    (
        "an-axis-of-one",
        lambda f: patched(plain(f), 40, "5h", 4, 1, *EXTENT),
        "got 28 volumes",
    ),
]


@pytest.mark.parametrize(
    ("write", "reason"), [r[1:] for r in REFUSED], ids=[r[0] for r in REFUSED]
)
def test_what_cannot_be_read_soundly_says_what_would_mend_it(
    tmp_path: Path, write: Callable[[Path], Path], reason: str
) -> None:
    with pytest.raises(ScanError, match=reason) as caught:
        read_noted(write(tmp_path))
    assert "\n" not in str(caught.value)
    assert str(tmp_path) not in str(caught.value)


@pytest.mark.parametrize("size", [0.9, 1.1])
def test_a_sform_of_other_sizes_is_taken_where_nothing_contradicts_it(
    tmp_path: Path, size: float
) -> None:
    path = save(tmp_path / "a.nii", image(qform=0))
    scaled = AFFINE @ np.diag([size, size, size, 1])
    read = read_noted(patched(path, 280, "12f", *scaled[:3].ravel()))
    assert "the sform was taken" in read.notes[0]
    np.testing.assert_allclose(read.scan.affine, scaled, rtol=1e-5, atol=1e-4)
