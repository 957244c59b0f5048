"""Names of images, the files of a pair, and what is said of one that is absent."""

from pathlib import Path

import pytest

from crosswarp.bids.images import is_image, other_of_pair, why_absent


@pytest.mark.parametrize("name", ["a.nii", "a.NII.GZ", "a.Img", "a.img.gz"])
def test_names_of_images(name: str) -> None:
    assert is_image(Path(name))


@pytest.mark.parametrize("name", ["a.hdr", "a.nii.bz2", "nii", "a.gz"])
def test_names_of_none(name: str) -> None:
    assert not is_image(Path(name))


@pytest.mark.parametrize(
    ("first", "second"),
    [("a.img", "a.hdr"), ("a.IMG.GZ", "A.HDR"), ("a.img", "a.hdr.gz")],
)
def test_each_file_of_a_pair_has_the_other(
    tmp_path: Path, first: str, second: str
) -> None:
    (tmp_path / first).touch()
    assert other_of_pair(tmp_path / first) is None
    (tmp_path / "a.nii").touch()
    (tmp_path / "b.hdr").touch()
    (tmp_path / second).touch()
    assert other_of_pair(tmp_path / first) == tmp_path / second
    assert other_of_pair(tmp_path / second) == tmp_path / first
    assert other_of_pair(tmp_path / "a.nii") is None


def test_a_file_that_is_absent_may_be_to_fetch(tmp_path: Path) -> None:
    path = tmp_path / "a.nii.gz"
    assert why_absent(path) == "no scan at a.nii.gz"
    path.symlink_to("../../.git/annex/objects/x/y/key")
    assert "type `git annex get a.nii.gz`" in why_absent(path)
    path.unlink()
    path.symlink_to("elsewhere")
    assert why_absent(path).endswith("not there; fetch it first")
