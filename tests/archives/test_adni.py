"""ADNI: which label a scan gets."""

from typing import Any

import pytest

from crosswarp.archives.records import Imported
from tests.archives.trees import (
    MPRAGE,
    Ida,
    dx,
    imported,
    labels,
    listed,
    reasons,
    write_csv,
)


def only(made: Imported, **wanted: str) -> dict[str, Any]:
    rows = [r for r in made.rows if all(r[k] == v for k, v in wanted.items())]
    assert len(rows) == 1, made.rows
    return rows[0]


def test_the_screening_scan_gets_the_baseline_diagnosis(ida: Ida) -> None:
    # The list says sc and the enrolment group; DXSUM has no row sc.
    ptid = "999_S_0001"
    path = ida.nifti(ptid, MPRAGE, "2006-01-10", 41124)
    write_csv(
        ida.root / "ADNI1_1_20_2023.csv", [listed(ptid, MPRAGE, "2006-01-10", 41124)]
    )
    write_csv(
        ida.root / "DXSUM_03Feb2026.csv",
        [
            dx(ptid, "bl", "2006-02-01", 1, PHASE="ADNI1"),
            dx(ptid, "m12", "2007-02-01", 2, PHASE="ADNI1"),
        ],
    )
    made = imported(ida.root)
    row = only(made, participant_id="sub-999S0001")
    assert row["diagnosis"] == "CN"
    assert (row["label_table"], row["label_visit"]) == ("DXSUM_03Feb2026.csv", "bl")
    assert (row["label_days"], row["label_rule"]) == ("22", "DIAGNOSIS 1")
    assert (row["session_id"], row["path"]) == ("ses-20060110", path)
    assert (row["archive_visit"], row["site"]) == ("sc", "999")
    assert made.archive == "adni"
    assert made.notes[0] == ("archive: ADNI, known by its table DXSUM_03Feb2026.csv")


def test_the_group_is_a_diagnosis_only_when_asked_for(ida: Ida) -> None:
    ptid = "999_S_0001"
    ida.nifti(ptid, MPRAGE, "2008-01-10", 7)
    row = listed(ptid, MPRAGE, "2008-01-10", 7, Group="LMCI")
    write_csv(ida.root / "list_1_20_2023.csv", [row])
    write_csv(ida.root / "DXSUM_03Feb2026.csv", [dx(ptid, "m24", "2008-01-10", 3)])
    assert labels(imported(ida.root)) == {"999S0001 20080110": "AD"}
    asked = imported(ida.root, diagnosis="group")
    assert labels(asked) == {"999S0001 20080110": "MCI"}
    assert "not a diagnosis" in asked.rows[0]["label_rule"]
    kept = imported(ida.root, diagnosis="group", subgroups="keep")
    assert labels(kept) == {"999S0001 20080110": "MCI-L"}


def test_five_digits_of_adni4_and_its_visit_codes(ida: Ida) -> None:
    ptid = "999_S_10001"
    for day, number in (("2024-03-01", 1001), ("2025-03-10", 1002)):
        ida.dicom(ptid, "Accelerated Sagittal MPRAGE (MSV21)", day, number)
    write_csv(
        ida.root / "All_Subjects_DXSUM_3Feb2026.csv",
        [
            dx(ptid, "4_bl", "2024-04-02", 1, PHASE="ADNI4", VISCODE2="bl"),
            dx(ptid, "4_m12", "2025-04-01", 2, PHASE="ADNI4", VISCODE2="m12"),
        ],
    )
    made = imported(ida.root, visits="all")
    assert labels(made) == {"999S10001 20240301": "CN", "999S10001 20250310": "MCI"}
    assert [row["label_visit"] for row in made.rows] == ["4_bl (bl)", "4_m12 (m12)"]
    assert {row["image_kind"] for row in made.rows} == {"dicom"}
    first = imported(ida.root)
    assert labels(first) == {"999S10001 20240301": "CN"}
    assert [one.detail for one in first.exclusions if "first scan" in one.reason] == [
        "taken: ses-20240301"
    ]


@pytest.mark.parametrize(
    ("code", "cause", "reason"),
    [
        (3, 2, "dementia of another cause than Alzheimer's disease"),
        (7, "", "a diagnosis outside the code book"),
        (10, "", "no visit of the participant has a diagnosis"),
        (-4, "", "no visit of the participant has a diagnosis"),
    ],
)
def test_no_label_is_a_reason(ida: Ida, code: int, cause: object, reason: str) -> None:
    ida.nifti("999_S_6001", MPRAGE, "2018-01-10", 1)
    row = dx("999_S_6001", "bl", "2018-01-12", code, DXDDUE=cause)
    write_csv(ida.root / "DXSUM_03Feb2026.csv", [row])
    made = imported(ida.root)
    assert made.rows == []
    assert reasons(made, "I1.nii") == [reason]
    if cause == 2:
        assert labels(imported(ida.root, dementia="any")) == {"999S6001 20180110": "AD"}


def test_another_cause_is_not_replaced_by_an_earlier_visit(ida: Ida) -> None:
    ida.nifti("999_S_6001", MPRAGE, "2018-06-10", 1)
    write_csv(
        ida.root / "DXSUM_03Feb2026.csv",
        [
            dx("999_S_6001", "bl", "2018-01-12", 2),
            dx("999_S_6001", "y1", "2018-06-12", 3, DXDDUE=2),
        ],
    )
    assert imported(ida.root).rows == []


def test_the_window_is_of_days_and_within_one_person(ida: Ida) -> None:
    ida.nifti("999_S_6001", MPRAGE, "2018-01-10", 1)
    ida.nifti("999_S_6002", MPRAGE, "2018-01-10", 2)
    ida.nifti("999_S_6003", MPRAGE, "2018-01-10", 3)
    write_csv(
        ida.root / "DXSUM_03Feb2026.csv",
        [
            dx("999_S_6001", "bl", "2018-01-12", 1),
            dx("999_S_6002", "y1", "2019-02-14", 3),
        ],
    )
    made = imported(ida.root)
    assert labels(made) == {"999S6001 20180110": "CN"}
    assert reasons(made, "I2.nii") == ["no visit with a diagnosis lies in the window"]
    assert reasons(made, "I3.nii") == ["no clinical visit of the participant is known"]
    [far] = [one for one in made.exclusions if "I2.nii" in one.item]
    assert far.detail == "the nearest is 400 days away, the window is 180"
    assert reasons(made, "DXSUM") == ["a visit without a scan near it"]
    assert len(imported(ida.root, window=400).rows) == 2


def test_ties_are_stated_and_the_same_day_is_refused(ida: Ida) -> None:
    ida.nifti("999_S_6001", MPRAGE, "2018-01-10", 1)
    ida.nifti("999_S_6002", MPRAGE, "2018-01-10", 2)
    write_csv(
        ida.root / "DXSUM_03Feb2026.csv",
        [
            dx("999_S_6001", "bl", "2018-01-05", 1),
            dx("999_S_6001", "y1", "2018-01-15", 2),
            dx("999_S_6002", "bl", "2018-01-12", 1),
            dx("999_S_6002", "bl", "2018-01-12", 3),
        ],
    )
    made = imported(ida.root)
    row = only(made, participant_id="sub-999S6001")
    assert row["diagnosis"] == "CN"
    assert row["label_rule"].endswith("tie with MCI 5 days after, the earlier is taken")
    assert reasons(made, "I2.nii") == [
        "visits of the same day have different diagnoses"
    ]


def test_stable_progressive_and_censored_mci(ida: Ida) -> None:
    rows = []
    stories = {
        6001: [("2018-02-01", 2), ("2019-02-01", 2), ("2021-02-01", 3)],
        6002: [("2018-02-01", 2), ("2020-12-20", 2)],
        6003: [("2018-02-01", 2), ("2019-02-01", 2)],
        6004: [("2018-02-01", 1), ("2019-02-01", 3)],
        6005: [("2018-02-01", 2), ("2021-06-01", 1)],
        6006: [("2018-02-01", 2), ("2022-06-01", 3)],
    }
    for rid, visits in stories.items():
        ptid = f"999_S_{rid}"
        ida.nifti(ptid, MPRAGE, "2018-01-25", rid)
        rows += [dx(ptid, f"y{n}", day, code) for n, (day, code) in enumerate(visits)]
    write_csv(ida.root / "DXSUM_03Feb2026.csv", rows)
    made = imported(ida.root, conversion=37.0)
    got = {key[4:8]: label for key, label in labels(made).items()}
    # 6006 had dementia later than asked for, and was well enough until then.
    assert got == {
        "6001": "pMCI",
        "6002": "sMCI",
        "6004": "CN",
        "6005": "sMCI",
        "6006": "sMCI",
    }
    [censored] = [one for one in made.exclusions if "censored" in one.reason]
    assert (censored.participant, censored.detail) == (
        "sub-999S6003",
        "12 of 37 months",
    )


def test_people_who_continue_have_a_second_screening(ida: Ida) -> None:
    # Enrolled in ADNI 1, scanned again at the start of ADNI 2 (v06) and ADNI 3 (init).
    ptid = "999_S_0002"
    for number, day in enumerate(("2006-01-10", "2011-03-01", "2017-05-01"), 1):
        ida.nifti(ptid, MPRAGE, day, number)
    write_csv(
        ida.root / "DXSUM_3Feb2026.csv",
        [
            dx(ptid, "bl", "2006-02-01", "", PHASE="ADNI1", DXCURREN=1),
            dx(ptid, "v06", "2011-03-20", "", PHASE="ADNI2", DXCHANGE=4),
            dx(ptid, "init", "2017-05-20", 3, PHASE="ADNI3", DXDDUE=1),
        ],
    )
    made = imported(ida.root, visits="all")
    assert list(labels(made).values()) == ["CN", "MCI", "AD"]
    assert {row["baseline_diagnosis"] for row in made.rows} == {"CN"}
    assert "participants with T1 images by phase of enrolment: 1 ADNI1" in made.notes
