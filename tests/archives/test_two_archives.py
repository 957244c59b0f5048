"""Two archives at once: each needs its own folder, and an id means one person."""

from pathlib import Path

import pytest

from crosswarp.archives.assemble import ANOTHER
from crosswarp.errors import InputError
from tests.archives.nacc_trees import miriad
from tests.archives.oasis_trees import oasis1
from tests.archives.trees import imported, labels, reasons, write_csv


def test_a_folder_of_two_archives_is_refused_or_one_is_chosen(tmp_path: Path) -> None:
    alone = labels(imported(oasis1(tmp_path / "alone")))
    both = miriad(oasis1(tmp_path / "both"))
    told = r"both may be of several archives \(oasis1: .*; miriad: .*\); choose with"
    with pytest.raises(InputError, match=told):
        imported(both)
    made = imported(both, "oasis1")
    assert labels(made) == alone
    assert not [row for row in made.rows if "miriad" in str(row["path"])]


def test_an_id_of_two_archives_is_one_participant_of_a_table(tmp_path: Path) -> None:
    for name in ("a.nii", "b.nii", "c.nii"):
        (tmp_path / name).touch()
    rows = [
        {"id": "001", "session": "1", "path": "a.nii", "dx": "CN", "archive": "A"},
        {"id": "001", "session": "1", "path": "b.nii", "dx": "AD", "archive": "B"},
        {"id": "001", "session": "2", "path": "c.nii", "dx": "AD", "archive": "B"},
    ]
    made = imported(write_csv(tmp_path / "mine.csv", rows))
    # Never two scans of one session; what is passed over is listed.
    assert sorted(labels(made)) == ["001 1", "001 2"]
    assert reasons(made, "a.nii") + reasons(made, "b.nii") == [ANOTHER]
    # With the archive before the id they are two people.
    apart = [row | {"id": f"{row['archive']}{row['id']}"} for row in rows]
    made = imported(write_csv(tmp_path / "mine.csv", apart))
    assert labels(made) == {"A001 1": "CN", "B001 1": "AD", "B001 2": "AD"}


def test_two_tables_of_scans_are_never_joined_by_their_ids(tmp_path: Path) -> None:
    (tmp_path / "a.nii").touch()
    for name in ("one.csv", "two.csv"):
        write_csv(tmp_path / name, [{"id": "001", "path": "a.nii", "dx": "CN"}])
    with pytest.raises(InputError, match=r"got one\.csv, two\.csv; name the file"):
        imported(tmp_path, "table")
