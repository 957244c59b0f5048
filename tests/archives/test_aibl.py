"""AIBL: diagnoses of pdxconv, days of the scanners' tables."""

from pathlib import Path

import pytest

from crosswarp.errors import InputError
from tests.archives.trees import Ida, imported, labels, listed, reasons, write_csv

NAME = "MPRAGE_ADNI_confirmed"


@pytest.fixture
def ida(tmp_path: Path) -> Ida:
    """RIDs 4 and 1607; days equal, off by one, missing; codes -4 and 0."""
    ida = Ida(tmp_path, "AIBL")
    ida.dicom("4", NAME, "2010-05-03", 401)
    ida.dicom("4", f"{NAME}_REPEATX2", "2010-05-03", 402)
    ida.dicom("4", "MPRAGESAGISOp2ND", "2011-11-04", 403)
    ida.dicom("1607", "MPRAGE_SAG_ISO_p2", "2012-03-01", 404)
    ida.dicom("1607", NAME, "2013-09-01", 405)
    ida.dicom("0151083", NAME, "2010-05-03", 406)
    write_csv(
        tmp_path / "AIBL_collection_1_20_2026.csv",
        [
            listed("4", NAME, "2010-05-03", 401, Group="Patient", Visit="Base"),
            listed("1607", NAME, "2012-03-01", 404, Group="Patient", Visit="1"),
        ],
    )
    extract = tmp_path / "aibl_01-Jun-2018/Data_extract_3.3.0"

    def table(name: str, *rows: dict[str, object]) -> None:
        write_csv(extract / f"aibl_{name}_01-Jun-2018.csv", rows)

    def row(rid: int, code: str, **more: object) -> dict[str, object]:
        return {"RID": rid, "SITEID": 2, "VISCODE": code} | more

    table(
        "pdxconv",
        row(4, "bl", DXCURREN=1),
        row(4, "m18", DXCURREN=3),
        row(1607, "bl", DXCURREN=2),
        row(1607, "m18", DXCURREN=0),
        row(1607, "m36", DXCURREN=-4),
    )
    table(
        "ptdemog",
        row(4, "bl", PTGENDER=1, PTDOB="/1932"),
        row(1607, "bl", PTGENDER=2, PTDOB="/1940"),
    )
    table("mri3meta", row(4, "bl", EXAMDATE="05/03/2010", MMSMPRAGE=1))
    table(
        "mrimeta",
        row(4, "m18", EXAMDATE="11/05/2011", MMSMPRAGE=1),
        row(1607, "bl", EXAMDATE="-4", MMSMPRAGE=-4),
    )
    table(
        "mmse",
        row(4, "bl", EXAMDATE="05/20/2010", MMSCORE=29),
        row(1607, "bl", EXAMDATE="02/20/2012", MMSCORE=-4),
        row(1607, "m18", EXAMDATE="09/02/2013", MMSCORE=25),
    )
    return ida


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
