"""read_source and source_digest: what cannot be read is that scan's failure."""

import errno
import os
from pathlib import Path

import nibabel as nib
import numpy as np
import pytest

from crosswarp.errors import InputError, ScanError
from crosswarp.files import file_digest
from crosswarp.readers.source import read_source, source_digest
from crosswarp.registration.template import own_template
from tests.readers.nifti_variants import AFFINE, VALUES, image, save

ERRORS = [
    (errno.EACCES, "no permission to read it; type `chmod u.r`"),
    (errno.EIO, "the disk or network gave an error"),
    (errno.ESTALE, "the disk or network gave an error"),
    (errno.ENOENT, "no scan at a.nii"),
    (errno.ELOOP, "cannot be read: "),
]


@pytest.mark.parametrize(("number", "reason"), ERRORS)
def test_what_the_system_refuses_is_said(
    tmp_path: Path, number: int, reason: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    path = save(tmp_path / "a.nii", image())

    def refuse(self: Path, *_: object, **__: object) -> None:
        raise OSError(number, os.strerror(number), str(self))

    monkeypatch.setattr(Path, "open", refuse)
    for read in (read_source, source_digest):
        with pytest.raises(ScanError, match=reason) as caught:
            read(path)
        assert str(tmp_path) not in str(caught.value)


def test_an_error_without_a_number_is_said_as_it_is(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    path = save(tmp_path / "a.nii", image())

    def refuse(*_: object, **__: object) -> None:
        msg = "no such luck"
        raise OSError(msg)

    monkeypatch.setattr(Path, "open", refuse)
    with pytest.raises(ScanError, match=r"a\.nii cannot be read: no such luck"):
        source_digest(path)


def test_the_digest_of_a_pair_is_of_both_files(tmp_path: Path) -> None:
    path = save(tmp_path / "a.img", nib.Nifti1Pair(VALUES, AFFINE))
    before = source_digest(path)
    header = tmp_path / "a.hdr"
    header.write_bytes(header.read_bytes()[:-1] + b"\x01")
    assert source_digest(path) != before
    header.unlink()
    assert source_digest(path) == file_digest(path)


def test_the_digest_of_what_is_not_there_says_so(tmp_path: Path) -> None:
    with pytest.raises(ScanError, match=r"no scan at a\.nii"):
        source_digest(tmp_path / "a.nii")


def test_notes_come_with_the_scan(tmp_path: Path) -> None:
    path = save(tmp_path / "a.nii", image())
    assert read_source(path).notes == ()
    path.write_bytes(path.read_bytes() + bytes(10))
    read = read_source(path)
    assert read.notes == ("10 bytes after the voxels were not read",)
    np.testing.assert_array_equal(read.scan.values, VALUES)


def test_an_examination_that_cannot_be_read_says_so(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    def refuse(*_: object) -> None:
        raise PermissionError(errno.EACCES, "Permission denied", "secret/name.dcm")

    monkeypatch.setattr("crosswarp.readers.source.read_dicom", refuse)
    monkeypatch.setattr("crosswarp.readers.source._dicom_of", refuse)
    for read in (read_source, source_digest):
        with pytest.raises(ScanError, match="cannot be read: no perm") as caught:
            read(tmp_path)
        assert "secret" not in str(caught.value)


def test_a_template_that_cannot_be_read_says_so(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    path = save(tmp_path / "a.nii", image())

    def refuse(*_: object, **__: object) -> None:
        raise PermissionError(errno.EACCES, "Permission denied")

    monkeypatch.setattr(Path, "open", refuse)
    with pytest.raises(InputError, match=r"a\.nii cannot be read: no permission"):
        own_template(path, path, "Own")
