"""One walk: what is an image, a table, or neither."""

from pathlib import Path

import pytest

from crosswarp.archives.records import Kind
from crosswarp.archives.tree import read_tree
from crosswarp.errors import InputError


def touch(root: Path, *names: str, content: bytes = b"") -> None:
    for name in names:
        path = root / name
        path.parent.mkdir(parents=True, exist_ok=True)
        path.write_bytes(content)


def test_kinds(tmp_path: Path) -> None:
    touch(tmp_path, "a/x.nii", "b/x.NII.GZ", "z.zip", "t/a.csv", "t/b.tsv", "t/c.xlsx")
    touch(tmp_path, "d/ADNI_1_S2_I3.dcm", "d/ADNI_2_S2_I3.dcm", "d/notes.txt")
    touch(tmp_path, "p/x.hdr", "p/x.img", content=bytes(348))
    touch(tmp_path, "n/mpr-1.nifti.img", content=bytes(348))
    touch(tmp_path, "n/mpr-1.nifti.hdr", content=bytes(344) + b"ni1\0")
    touch(tmp_path, "u/IM0001", "u/IM0002", content=bytes(128) + b"DICM")
    touch(tmp_path, "v/README", ".hidden/x.nii", "__MACOSX/x.nii", "m/a.xml")
    tree = read_tree(tmp_path)
    assert {tree.place(item.path): (item.kind, item.files) for item in tree.images} == {
        "a/x.nii": (Kind.NIFTI, 1),
        "b/x.NII.GZ": (Kind.NIFTI, 1),
        "z.zip": (Kind.ZIP, 1),
        "d": (Kind.DICOM, 2),
        "p/x.img": (Kind.ANALYZE, 2),
        "n/mpr-1.nifti.img": (Kind.NIFTI, 2),
        "u": (Kind.DICOM, 2),
    }
    assert next(i for i in tree.images if i.path.name == "d").image_ids == ("3",)
    assert [tree.place(path) for path in tree.tables] == [
        "t/a.csv",
        "t/b.tsv",
        "t/c.xlsx",
    ]
    assert [path.name for path in tree.others[".xml"]] == ["a.xml"]


def test_links_outputs_and_derivatives_are_passed_over(tmp_path: Path) -> None:
    touch(tmp_path, "a/x.nii", "deriv/sub-1/x.nii")
    (tmp_path / "deriv/dataset_description.json").write_text(
        '{"DatasetType": "derivative"}'
    )
    (tmp_path / "a/again").symlink_to(tmp_path)
    (tmp_path / "linked").symlink_to(tmp_path / "a")
    tree = read_tree(tmp_path)
    assert [item.path.name for item in tree.images] == ["x.nii"]
    assert tree.left_out == [
        ("a/again", "a link to a folder that is read already"),
        ("deriv", "a derivative data set; not read as raw scans"),
        ("linked", "a link to a folder that is read already"),
    ]


def test_outputs_of_the_command_are_not_read_again(tmp_path: Path) -> None:
    touch(tmp_path, "cohort.tsv", "t.csv", "out/x.nii")
    tree = read_tree(tmp_path, (tmp_path / "cohort.tsv", tmp_path / "out"))
    assert ([p.name for p in tree.tables], tree.images) == (["t.csv"], [])


def test_nothing_there(tmp_path: Path) -> None:
    with pytest.raises(InputError, match="is not there: name the folder"):
        read_tree(tmp_path / "none")
