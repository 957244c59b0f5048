"""ADNI: tables of each generation, and what they look like."""

import pytest

from crosswarp.errors import InputError
from tests.archives.trees import (
    MPRAGE,
    Ida,
    dx,
    imported,
    labels,
    reasons,
    write_csv,
)


@pytest.mark.parametrize(
    ("cells", "label", "rule"),
    [
        ({"DXCURREN": 3}, "AD", "DXCURREN 3"),
        ({"DXCHANGE": 9}, "CN", "DXCHANGE 9"),
        ({"DXCHANGE": "5.0"}, "AD", "DXCHANGE 5"),
        ({"DXCHANGE": 8, "DXCURREN": 1}, "MCI", "DXCHANGE 8"),
        ({"DIAGNOSIS": 2, "DXMDUE": 1}, "MCI", "DIAGNOSIS 2, DXMDUE 1"),
        ({"DIAGNOSIS": "-4", "DXCURREN": 1}, "CN", "DXCURREN 1"),
        ({"DIAGNOSIS": 3, "DXDDUE": 1}, "AD", "DIAGNOSIS 3, DXDDUE 1"),
    ],
)
def test_columns_by_phase(
    ida: Ida, cells: dict[str, object], label: str, rule: str
) -> None:
    # The oldest name of the table, with Phase for PHASE.
    ida.nifti("999_S_0001", MPRAGE, "2006-01-10", 1)
    row = {"Phase": "ADNI1", "RID": 1, "VISCODE": "bl", "EXAMDATE": "2006-01-12"}
    write_csv(ida.root / "DXSUM_PDXCONV_ADNIALL.csv", [row | cells])
    write_csv(ida.root / "ROSTER.csv", [{"RID": 1, "PTID": "999_S_0001"}])
    made = imported(ida.root)
    assert [(r["diagnosis"], r["label_rule"]) for r in made.rows] == [(label, rule)]


def test_a_visit_that_was_not_done_is_none(ida: Ida) -> None:
    # 3 is "not done" in ADNI 2 and a telephone call in ADNI 3.
    ida.nifti("999_S_4001", MPRAGE, "2012-01-10", 1)
    ida.nifti("999_S_6001", MPRAGE, "2018-01-10", 2)
    write_csv(
        ida.root / "DXSUM_03Feb2026.csv",
        [
            dx("999_S_4001", "v03", "", 1, PHASE="ADNI2"),
            dx("999_S_6001", "bl", "", 2, PHASE="ADNI3"),
        ],
    )
    at = {"VISTYPE": 3, "VISCODE2": "bl"}
    write_csv(
        ida.root / "REGISTRY_03Feb2026.csv",
        [
            at | {"PHASE": "ADNI2", "RID": 4001, "VISCODE": "v03"},
            at
            | {
                "PHASE": "ADNI3",
                "RID": 6001,
                "VISCODE": "bl",
                "EXAMDATE": "2018-02-01",
            },
        ],
    )
    made = imported(ida.root)
    assert labels(made) == {"999S6001 20180110": "MCI"}
    assert made.rows[0]["label_days"] == "22"
    assert "a visit that was not done (REGISTRY)" in reasons(made, "DXSUM")


def test_adnimerge_alone_and_its_old_words(ida: Ida) -> None:
    ptid = "999_S_0001"
    for day, number, description in (
        ("2006-01-10", 1, "MPR; GradWarp; B1 Correction; N3; Scaled"),
        ("2008-01-10", 2, "MPR; GradWarp; B1 Correction; N3; Scaled"),
    ):
        ida.nifti(ptid, description, day, number)
    base = {
        "RID": 1,
        "PTID": ptid,
        "DX_bl": "LMCI",
        "AGE": 70.5,
        "PTGENDER": "Female",
        "PTEDUCAT": 16,
        "EXAMDATE_bl": "2006-02-01",
        "COLPROT": "ADNI1",
    }
    write_csv(
        ida.root / "ADNIMERGE_15Apr2024.csv",
        [
            base | {"VISCODE": "bl", "EXAMDATE": "2006-02-01", "DX": "MCI", "MMSE": 27},
            base
            | {"VISCODE": "m24", "EXAMDATE": "2008-02-01", "DX": "MCI to Dementia"},
            base | {"VISCODE": "m30", "EXAMDATE": "2008-08-01", "DX": ""},
        ],
    )
    meta = {"SubjectID": ptid, "MagStrength": 1.5, "Sequence": "MPR", "ImageUID": 1}
    write_csv(
        ida.root / "MPRAGEMETA.csv",
        [meta | {"Visit": "ADNI Screening", "ScanDate": "2006-01-10"}],
    )
    made = imported(ida.root, visits="all")
    assert labels(made) == {"999S0001 20060110": "MCI", "999S0001 20080110": "AD"}
    first, second = made.rows
    # AGE is the age at baseline in every row.
    assert (first["age_years"], second["age_years"]) == ("70.44", "72.44")
    assert (first["sex"], first["education_years"], first["mmse"]) == ("F", "16", "27")
    assert first["baseline_diagnosis"] == "LMCI"
    assert (first["field_strength_t"], first["archive_visit"]) == (
        "1.5",
        "ADNI Screening",
    )
    baseline = imported(ida.root, visits="all", diagnosis="baseline")
    assert set(labels(baseline).values()) == {"MCI"}
    kept = imported(ida.root, visits="all", subgroups="keep")
    assert sorted(labels(kept).values()) == ["AD", "MCI-L"]


def test_tables_that_disagree(ida: Ida) -> None:
    ptid = "999_S_0001"
    ida.nifti(ptid, MPRAGE, "2006-01-10", 1)
    write_csv(ida.root / "DXSUM_03Feb2026.csv", [dx(ptid, "bl", "2006-02-01", 1)])
    merged = {"RID": 1, "PTID": ptid, "VISCODE": "bl", "EXAMDATE": "2006-02-01"}
    write_csv(ida.root / "ADNIMERGE.csv", [merged | {"DX": "MCI"}])
    made = imported(ida.root)
    assert labels(made) == {"999S0001 20060110": "CN"}
    assert reasons(made, "ADNIMERGE") == [
        "another diagnosis than in DXSUM, which counts"
    ]


def test_the_newest_of_several_files_is_taken_and_named(ida: Ida) -> None:
    ptid = "999_S_0001"
    ida.nifti(ptid, MPRAGE, "2006-01-10", 1)
    write_csv(ida.root / "DXSUM_28Jan2026.csv", [dx(ptid, "bl", "2006-02-01", 3)])
    write_csv(ida.root / "old/DXSUM_02Dec2025.csv", [dx(ptid, "bl", "2006-02-01", 1)])
    made = imported(ida.root)
    assert labels(made) == {"999S0001 20060110": "AD"}
    assert (
        "DXSUM_28Jan2026.csv is taken, the newest DXSUM; not DXSUM_02Dec2025.csv"
        in made.notes
    )


def test_cohorts_of_one_day_are_put_together(ida: Ida) -> None:
    for number, phase in ((6001, "ADNI3"), (10001, "ADNI4")):
        ptid = f"999_S_{number}"
        ida.nifti(ptid, MPRAGE, "2024-01-10", number)
        write_csv(
            ida.root / f"{phase}_only_2_DXSUM_3Feb2026.csv",
            [dx(ptid, "bl", "2024-02-01", 1)],
        )
    made = imported(ida.root)
    assert len(made.rows) == 2
    assert any("is put together from" in note for note in made.notes)


def test_people_facts_of_any_row(ida: Ida) -> None:
    for rid in (6001, 6002, 6003):
        ida.nifti(f"999_S_{rid}", MPRAGE, "2018-07-02", rid)
    write_csv(
        ida.root / "DXSUM_03Feb2026.csv",
        [dx(f"999_S_{rid}", "bl", "2018-07-01", 1) for rid in (6001, 6002, 6003)],
    )

    def row(rid: int, sex: object, born: str) -> dict[str, object]:
        return {
            "PHASE": "ADNI3",
            "PTID": f"999_S_{rid}",
            "RID": rid,
            "PTGENDER": sex,
            "PTDOB": born,
            "PTEDUCAT": "-4",
            "PTRACCAT": "1|4",
        }

    write_csv(
        ida.root / "PTDEMOG_03Feb2026.csv",
        [
            row(6001, "-4", ""),
            row(6001, "2", "07/1948"),
            row(6002, "1", "01/1950"),
            row(6002, "2", "01/1950"),
            row(6003, "1.0", "01/1950"),
            row(6003, "1", "01/1960"),
        ],
    )
    made = imported(ida.root)
    by_person = {row["participant_id"][-4:]: row for row in made.rows}
    assert (by_person["6001"]["sex"], by_person["6001"]["age_years"]) == ("F", "69.96")
    assert by_person["6001"]["education_years"] == "n/a"
    assert by_person["6002"]["sex"] == "n/a"
    assert (by_person["6003"]["sex"], by_person["6003"]["age_years"]) == ("M", "n/a")
    assert reasons(made, "PTDEMOG_03Feb2026.csv line 5") == [
        "sex differs between rows of the participant; it is not used"
    ]
    assert reasons(made, "PTDEMOG_03Feb2026.csv line 7") == [
        "birth date differs between rows of the participant; not used"
    ]


def test_what_is_missing_is_named_with_where_to_get_it(ida: Ida) -> None:
    ida.nifti("999_S_0001", MPRAGE, "2006-01-10", 1)
    write_csv(ida.root / "REGISTRY_03Feb2026.csv", [{"RID": 1}])
    with pytest.raises(
        InputError,
        match=r"no table DXSUM or ADNIMERGE; it has REGISTRY_03Feb2026.csv. Download",
    ):
        imported(ida.root)


def test_spreadsheets_may_have_touched_every_table(ida: Ida) -> None:
    ptid = "999_S_6001"
    ida.nifti(ptid, MPRAGE, "2018-01-10", 12)
    (ida.root / "DXSUM_3Feb2026.csv").write_bytes(
        b"\xef\xbb\xbfDIAGNOSIS;PTID ;EXAMDATE;RID;VISCODE;EXTRA\r\n"
        b'"2.0";"999_S_6001 ";01/12/2018;06001;bl;"a;b"\r\n'
    )
    (ida.root / "list_1_20_2026.csv").write_text(
        "Description\tImage_Data_ID\tSubject\tAcq Date\tAge\n"
        "MPRAGE\t12\t999_S_6001\t1/10/2018\t70,3\n"
    )
    made = imported(ida.root)
    assert labels(made) == {"999S6001 20180110": "MCI"}
    assert made.rows[0]["age_years"] == "70.3"
    assert made.rows[0]["label_visit"] == "bl"


def test_unknown_codes_and_codes_that_are_no_visit(ida: Ida) -> None:
    ida.nifti("999_S_6001", MPRAGE, "2018-01-10", 12)
    write_csv(
        ida.root / "DXSUM_3Feb2026.csv",
        [
            dx("999_S_6001", "wk7", "2018-01-12", 1),
            dx("999_S_6001", "nv", "2018-01-10", 3),
        ],
    )
    made = imported(ida.root)
    assert labels(made) == {"999S6001 20180110": "CN"}
    assert reasons(made, "line 3") == ["no visit in time by its code"]
    assert (
        "DXSUM_3Feb2026.csv: unknown visit codes (wk7) in 1 row(s); their days count"
        in made.notes
    )


def test_the_ready_cohort_tables(ida: Ida) -> None:
    ptid = "999_S_10001"
    ida.dicom(ptid, "Accelerated_Sagittal_MPRAGE", "2024-03-01", 1001)
    ida.dicom(ptid, "Accelerated_Sagittal_MPRAGE_ND", "2024-03-01", 1000)
    key = {
        "subject_id": ptid,
        "image_visit": "4_sc",
        "image_date": "2024-03-01",
        "series_type": "T1W",
        "scanner_manufacturer": "MADE",
        "scanner_model": "UP",
        "magnetic_field_strength": "2.89",
    }
    write_csv(
        ida.root / "Mine_Key_MRI_03Feb2026.csv",
        [
            key | {"image_id": 1001, "series_description": "Accelerated MPRAGE"},
            key | {"image_id": 1000, "series_description": "Accelerated MPRAGE_ND"},
            key | {"image_id": 999, "series_description": "T1 x", "series_type": "T2w"},
        ],
    )
    write_csv(
        ida.root / "Mine_Study_Entry_03Feb2026.csv",
        [
            {
                "subject_id": ptid,
                "entry_age": 70.0,
                "entry_date": "2023-03-01",
                "entry_research_group": "SMC",
            }
        ],
    )
    write_csv(
        ida.root / "Mine_DXSUM_03Feb2026.csv", [dx(ptid, "4_bl", "2024-04-02", 1)]
    )
    [row] = imported(ida.root).rows
    assert (row["image_id"], row["scanner"], row["archive_visit"]) == (
        "1001",
        "MADE UP",
        "4_sc",
    )
    assert (row["age_years"], row["age_rule"]) == (
        "71.00",
        "age at entry and the days since",
    )
    [kept] = imported(ida.root, subgroups="keep").rows
    assert kept["diagnosis"] == "SMC"
    assert imported(ida.root, subgroups="drop").rows == []
