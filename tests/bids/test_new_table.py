"""A table is never written over its input, or over what no such command wrote."""

import os
from pathlib import Path

import pytest

from crosswarp.bids.new_table import new_table
from crosswarp.errors import OccupiedError

COLUMNS = ("participant_id", "split")
OURS = "participant_id\tsplit\tmore\nsub-01\ttest\t1\n"


def write(path: Path, text: str = OURS, **options: object) -> None:
    with new_table(path, COLUMNS, **options) as temporary:
        temporary.write_text(text)


def test_new_again_and_changed(tmp_path: Path) -> None:
    path = tmp_path / "folds.tsv"
    write(path)
    write(path)
    with pytest.raises(
        OccupiedError, match=r"is there, with 1 rows, .*`overwrite=True`"
    ):
        write(path, OURS + "sub-02\ttest\t1\n")
    assert path.read_text() == OURS
    write(path, OURS + "sub-02\ttest\t1\n", overwrite=True)
    assert path.read_text().endswith("sub-02\ttest\t1\n")
    assert list(tmp_path.iterdir()) == [path]


@pytest.mark.parametrize("text", ["participant_id\tage\nsub-01\t70\n", "", "\x00\xff"])
@pytest.mark.parametrize("overwrite", [False, True])
def test_another_file_is_left_alone(text, overwrite, tmp_path: Path) -> None:
    path = tmp_path / "table.tsv"
    path.write_text(text, "latin-1")
    with pytest.raises(OccupiedError, match="no table of this command"):
        write(path, overwrite=overwrite)
    assert path.read_text("latin-1") == text


@pytest.mark.parametrize("link", ["same", "symlink", "hard link", "other way"])
def test_the_input_is_never_the_output(link: str, tmp_path: Path) -> None:
    read, out = tmp_path / "read.tsv", tmp_path / "out.tsv"
    read.write_text(OURS)
    if link == "symlink":
        out.symlink_to(read)
    elif link == "hard link":
        os.link(read, out)
    else:
        out = {"same": read, "other way": tmp_path / "x" / ".." / "read.tsv"}[link]
        (tmp_path / "x").mkdir()
    with pytest.raises(OccupiedError, match="is what is read; name another file"):
        write(out, inputs=[tmp_path / "absent", read], overwrite=True)
    assert read.read_text() == OURS


def test_a_folder_is_no_table(tmp_path: Path) -> None:
    with pytest.raises(OccupiedError, match="is a folder; name a file in it"):
        write(tmp_path)
