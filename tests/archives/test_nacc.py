"""NACC: zips of several series, codes of missing values, visits matched by day."""

from pathlib import Path

import numpy as np
import pytest

from crosswarp.archives.nacc_images import (
    AMBIGUOUS,
    BROKEN,
    EMPTY,
    NOT_LISTED,
    SAME,
    SHARED,
    TWICE,
)
from crosswarp.archives.uds import NOT_MCI, OTHER_CAUSE
from crosswarp.archives.writer import write_import
from crosswarp.bids.dataset import find_scans
from crosswarp.errors import InputError, ScanError
from crosswarp.readers.source import read_source, source_digest
from tests.archives.nacc_trees import (
    FLAIR,
    LOCALIZER,
    T1,
    image_bytes,
    mri,
    nacc,
    uds,
    write_zip,
)
from tests.archives.trees import imported, labels, reasons, write_csv

UDS = "investigator_ftldlbd_nacc71.csv"
MRI = "investigator_mri_nacc71.csv"


def test_the_nearest_visit_decides_not_its_number(tmp_path: Path) -> None:
    made = imported(nacc(tmp_path))
    assert labels(made) == {
        "NACC900001 20110401": "AD",
        "NACC900002 20120315": "MCI",
        "NACC900006 20220201": "CN",
    }
    row = made.rows[0]
    # The MRI table says NACCVNUM 1: the visit of 2010.
    assert (row["label_visit"], row["label_days"]) == ("2", "49")
    assert row["label_rule"] == "NACCUDSD 4, NACCALZD 1, NACCETPR 1"
    assert (row["label_table"], row["baseline_diagnosis"]) == (UDS, "CN")
    assert (row["sex"], row["education_years"], row["site"]) == ("F", "16", "9999")
    assert (row["mmse"], row["cdr"]) == ("29", "1")


def test_only_the_t1_of_a_zip_is_taken(tmp_path: Path) -> None:
    made = imported(nacc(tmp_path))
    row = made.rows[0]
    assert row["path"] == tmp_path / "mri/mri101.zip/mri101/002/series2.nii"
    assert (row["series_description"], row["image_kind"]) == (T1, "zip")
    # Of the sidecar; the table's MRIFIELD and its codes are not used.
    assert (row["field_strength_t"], row["scanner"]) == ("3", "GE")
    not_t1 = "not a T1 by its description"
    assert reasons(made, "mri101.zip/mri101/001") == [not_t1]
    assert reasons(made, "mri101.zip/mri101/003") == [not_t1]


def test_codes_of_missing_values_are_missing(tmp_path: Path) -> None:
    made = imported(nacc(tmp_path))
    row = next(r for r in made.rows if r["participant_id"] == "sub-NACC900002")
    # EDUC 99, NACCMMSE 88 and MRIDY 99: the middle of the month.
    assert (row["education_years"], row["mmse"]) == ("n/a", "n/a")
    assert (row["scan_day"], row["sex"]) == ("2012-03-15", "M")
    assert reasons(made, "mri103.zip/mri103/002") == [OTHER_CAUSE]
    assert reasons(made, "mri104.zip/mri104/002") == [NOT_MCI]
    assert any("1 UDS visit(s) without a day of the month" in n for n in made.notes)


def test_the_imaged_without_a_clinical_row_are_named(tmp_path: Path) -> None:
    made = imported(nacc(tmp_path))
    assert reasons(made, "mri105.zip/mri105/002") == [
        "no clinical visit of the participant is known"
    ]


def test_scan_comes_through_the_ida(tmp_path: Path) -> None:
    made = imported(nacc(tmp_path))
    row = next(r for r in made.rows if r["participant_id"] == "sub-NACC900006")
    assert (row["image_id"], row["label_days"]) == ("1900001", "-17")
    assert len(reasons(made, "I1900002")) == 1


def test_a_zip_or_an_image_that_is_there_twice_counts_once(tmp_path: Path) -> None:
    nacc(tmp_path)
    copied = (tmp_path / "mri/mri101.zip").read_bytes()
    again = tmp_path / "new/mri101.zip"
    again.parent.mkdir()
    again.write_bytes(copied)
    (tmp_path / "mri/mri201.zip").write_bytes(copied)
    rows = [
        mri("NACC900001", "mri101.zip", "2011-04-01"),
        mri("NACC900001", "mri201.zip", "2011-04-02"),
        mri("NACC900002", "mri102.zip", "2012-03-11"),
    ]
    write_csv(tmp_path / MRI, rows)
    made = imported(tmp_path, visits="all")
    assert labels(made) == {
        "NACC900001 20110401": "AD",
        "NACC900002 20120311": "MCI",
        "NACC900006 20220201": "CN",
    }
    assert reasons(made, "new/mri101.zip") == [TWICE]
    assert reasons(made, "mri201.zip/mri101/002") == [SAME]
    assert reasons(made, "mri103.zip") == [NOT_LISTED]


def test_an_image_under_two_participants_is_of_neither(tmp_path: Path) -> None:
    nacc(tmp_path)
    copied = (tmp_path / "mri/mri101.zip").read_bytes()
    (tmp_path / "mri/mri102.zip").write_bytes(copied)
    made = imported(tmp_path)
    assert labels(made) == {"NACC900006 20220201": "CN"}
    assert reasons(made, "mri101.zip/mri101/002") == [SHARED]
    assert reasons(made, "mri102.zip/mri101/002") == [SHARED]


def test_a_zip_given_to_two_participants_is_of_neither(tmp_path: Path) -> None:
    nacc(tmp_path)
    rows = [
        mri("NACC900001", "mri101.zip", "2011-04-01"),
        mri("NACC900002", "MRI101.zip", "2011-04-01"),
    ]
    write_csv(tmp_path / MRI, rows)
    made = imported(tmp_path)
    assert reasons(made, "mri/mri101.zip") == [AMBIGUOUS]
    assert any("gives 1 zip(s) to several" in note for note in made.notes)


def test_half_a_zip_is_left_out_and_an_empty_one(tmp_path: Path) -> None:
    nacc(tmp_path)
    whole = (tmp_path / "mri/mri101.zip").read_bytes()
    (tmp_path / "mri/mri101.zip").write_bytes(whole[: len(whole) // 2])
    write_zip(tmp_path / "mri/mri102.zip", {})
    made = imported(tmp_path)
    assert labels(made) == {"NACC900006 20220201": "CN"}
    assert reasons(made, "mri/mri101.zip") == [BROKEN]
    assert reasons(made, "mri/mri102.zip") == [EMPTY]


def test_unpacked_zips_are_read_as_folders(tmp_path: Path) -> None:
    nacc(tmp_path)
    for number, said in ((1, LOCALIZER), (2, T1)):
        folder = tmp_path / f"mri/mri101/00{number}"
        folder.mkdir(parents=True)
        (folder / "a.nii").write_bytes(b"")
        (folder / "a.json").write_text(f'{{"SeriesDescription": "{said}"}}')
    (tmp_path / "mri/mri101.zip").unlink()
    made = imported(tmp_path)
    assert made.rows[0]["path"] == tmp_path / "mri/mri101/002/a.nii"
    assert made.rows[0]["diagnosis"] == "AD"
    assert len(reasons(made, "mri101/001")) == 1


def test_without_sidecars_names_of_files_count(tmp_path: Path) -> None:
    nacc(tmp_path)
    write_zip(tmp_path / "mri/mri101.zip", {T1: b"t", FLAIR: b"f"}, sidecars=False)
    made = imported(tmp_path)
    assert "NACC900001 20110401" not in labels(made)
    assert len(reasons(made, "mri101.zip/mri101")) == 2


def test_the_newest_freeze_is_taken_and_named(tmp_path: Path) -> None:
    nacc(tmp_path)
    old = [uds("NACC900001", 2, "2011-05-20", 3)]
    write_csv(tmp_path / "investigator_nacc68.csv", old)
    made = imported(tmp_path)
    assert labels(made)["NACC900001 20110401"] == "AD"
    assert any(f"{UDS} is taken, the newest of its kind" in n for n in made.notes)


def test_a_birth_year_that_changes_is_missing_and_said(tmp_path: Path) -> None:
    nacc(tmp_path)
    born = {"BIRTHMO": 6, "BIRTHYR": 1940}
    rows = [
        uds("NACC900001", 1, "2010-05-02", 1, **born),
        uds("NACC900001", 2, "2011-05-20", 1, **born | {"BIRTHYR": 1950}),
        uds("NACC900002", 1, "2012-03-01", 3, **born),
    ]
    write_csv(tmp_path / UDS, rows)
    made = imported(tmp_path)
    ages = {r["archive_participant"]: r["age_rule"] for r in made.rows}
    assert ages["NACC900002"] == "birth date"
    assert ages["NACC900001"] == "age at entry and the days since"
    assert any("whose sex or birth year differs" in note for note in made.notes)


def test_without_uds_visits_it_is_said_what_to_ask_for(tmp_path: Path) -> None:
    (nacc(tmp_path) / UDS).unlink()
    with pytest.raises(InputError, match=f"NACCUDSD.*it has {MRI}.* Ask NACC"):
        imported(tmp_path)


def test_the_scan_of_a_cohort_is_read_out_of_its_zip(tmp_path: Path) -> None:
    nacc(tmp_path)
    heads = {said: image_bytes(tmp_path, n) for n, said in ((40, FLAIR), (90, T1))}
    archive = write_zip(tmp_path / "mri/mri101.zip", heads)
    for path in tmp_path.glob("*.nii"):
        path.unlink()
    (tmp_path / "out").mkdir()
    table = tmp_path / "out/cohort.tsv"
    write_import(imported(tmp_path), table, tmp_path / "out/excluded.tsv")
    [raw] = find_scans(table, ["NACC900001"]).scans
    assert read_source(raw.path, raw.series).scan.values.max() == np.float32(90)
    member = [raw.path.relative_to(tmp_path / "out/../mri/mri101.zip").as_posix()]
    assert source_digest(raw.path) == source_digest(archive, member)
    assert source_digest(raw.path) != source_digest(archive)
    with pytest.raises(ScanError, match="archive is empty"):
        read_source(archive / "none.nii")
