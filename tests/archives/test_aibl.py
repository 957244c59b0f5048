"""AIBL: diagnoses of pdxconv, days of the scanners' tables."""

from pathlib import Path

import pytest

from crosswarp.errors import InputError
from tests.archives.aibl_tree import aibl
from tests.archives.trees import Ida, imported, labels, reasons


@pytest.fixture
def ida(tmp_path: Path) -> Ida:
    return aibl(tmp_path)


def test_labels_are_of_pdxconv_and_nobody_is_a_patient(ida: Ida) -> None:
    made = imported(ida.root, visits="all")
    assert made.archive == "aibl"
    assert labels(made) == {
        "1607 20120301": "MCI",
        "4 20100503": "CN",
        "4 20111104": "AD",
    }
    mci, first, second = made.rows
    # The day is of the scanner's table where it has one, else of a test.
    assert (first["label_days"], first["label_rule"]) == (
        "0",
        "DXCURREN 1, day of mri3meta",
    )
    assert (second["label_days"], second["label_rule"]) == (
        "1",
        "DXCURREN 3, day of mrimeta",
    )
    assert (mci["label_days"], mci["label_rule"]) == ("-10", "DXCURREN 2, day of mmse")
    assert (first["field_strength_t"], second["field_strength_t"]) == ("3", "1.5")
    assert (first["sex"], first["mmse"], first["site"]) == ("M", "29", "2")
    assert first["age_years"] == "77.83"
    assert mci["mmse"] == "n/a"


def test_what_is_left_out_of_aibl(ida: Ida) -> None:
    made = imported(ida.root, visits="all")
    assert reasons(made, "I402") == ["another T1 of the session is taken"]
    assert reasons(made, "0151083") == ["not in a folder of a participant"]
    assert reasons(made, "I405") == ["no visit with a diagnosis lies in the window"]
    assert imported(ida.root, visits="all", diagnosis="group").rows == []


def test_without_pdxconv_nothing_is_guessed(ida: Ida) -> None:
    for path in ida.root.rglob("aibl_pdxconv*"):
        path.unlink()
    with pytest.raises(InputError, match=r"no table pdxconv.*Group .*is no diagnosis"):
        imported(ida.root)
