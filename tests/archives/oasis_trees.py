"""Small trees of OASIS-1, -2 and -3 as they lie on disks, with people who do not exist.

Images are noise of a few voxels. Names, columns, codes and faults are the archives'.
"""

from collections.abc import Sequence
from pathlib import Path

import nibabel as nib
import numpy as np
from nibabel.analyze import AnalyzeHeader

OASIS1_HEADER = "ID,M/F,Hand,Age,Educ,SES,MMSE,CDR,eTIV,nWBV,ASF,Delay"
OASIS1_ROWS = (
    # Young, not rated, and scanned again after a month.
    "OAS1_9001_MR1,F,R,23,,,,,1482,0.829,1.184,N/A",
    "OAS1_9001_MR2,F,R,23,,,,,1480,0.830,1.184,30",
    "OAS1_9002_MR1,M,R,74,2,3,29,0,1344,0.743,1.306,N/A",
    "OAS1_9003_MR1,F,R,73,4,3,27,0.5,1454,0.708,1.207,N/A",
    "OAS1_9004_MR1,M,R,80,1,4,20,1,1636,0.689,1.073,N/A",
    # In the table, but its disc was not downloaded.
    "OAS1_9005_MR1,M,R,78,1,4,15,2,1636,0.689,1.073,N/A",
)

OASIS2_HEADER = (
    "Subject ID,MRI ID,Group,Visit,MR Delay,M/F,Hand,Age,EDUC,SES,MMSE,CDR,eTIV,nWBV"
)
OASIS2_ROWS = (
    "OAS2_9001,OAS2_9001_MR1,Converted,1,0,F,R,80,12,,29,0,1445,0.75",
    # There is no MR2.
    "OAS2_9001,OAS2_9001_MR3,Converted,2,800,F,R,82,12,,24,0.5,1445,0.74",
    "OAS2_9002,OAS2_9002_MR1,Nondemented,1,0,M,R,75,18,2,30,0,1445,0.75",
    "OAS2_9002,OAS2_9002_MR2,Nondemented,2,457,M,R,76,18,2,30,0,1445,0.75",
    "OAS2_9003,OAS2_9003_MR1,Demented,1,0,M,R,68,16,,21,1,1445,0.70",
)


def lines(path: Path, header: str, rows: Sequence[str], end: str = "\n") -> Path:
    """Write a table of text."""
    path.parent.mkdir(parents=True, exist_ok=True)
    path.write_bytes((end.join((header, *rows)) + end).encode())
    return path


def noise(path: Path) -> Path:
    """Write a NIfTI image of a few voxels, a pair where the name ends in .img."""
    path.parent.mkdir(parents=True, exist_ok=True)
    values = np.arange(24, dtype=np.int16).reshape(2, 3, 4)
    kind = nib.Nifti1Pair if path.name.endswith(".img") else nib.Nifti1Image
    nib.save(kind(values, np.eye(4)), path)
    return path


def analyze(path: Path, extent: tuple[int, ...]) -> Path:
    """Write a big-endian header of Analyze 7.5, a fourth axis of one, and no voxels."""
    path.parent.mkdir(parents=True, exist_ok=True)
    header = AnalyzeHeader(endianness=">")
    header.set_data_dtype(np.int16)
    header.set_data_shape((*extent, 1))
    header.set_zooms((1.0, 1.0, 1.0, 1.0))
    path.with_suffix(".hdr").write_bytes(header.binaryblock)
    path.write_bytes(b"\0" * 16)
    return path


def oasis1_session(disc: Path, session: str, repeats: int = 4) -> None:
    """Write one session folder of a disc of OASIS-1."""
    folder = disc / session
    mprage = folder / "PROCESSED/MPRAGE"
    for number in range(1, repeats + 1):
        raw = folder / f"RAW/{session}_mpr-{number}_anon.img"
        analyze(raw, (256, 256, 128))
    mean = f"{session}_mpr_n{repeats}_anon"
    atlas = (176, 208, 176)
    analyze(mprage / f"SUBJ_111/{mean}_sbj_111.img", (256, 256, 160))
    analyze(mprage / f"T88_111/{mean}_111_t88_gfc.img", atlas)
    analyze(mprage / f"T88_111/{mean}_111_t88_masked_gfc.img", atlas)
    analyze(folder / f"FSL_SEG/{mean}_111_t88_masked_gfc_fseg.img", atlas)
    (mprage / f"SUBJ_111/{mean}_sbj_111_sag_88.gif").write_bytes(b"GIF89a")
    (folder / f"{session}.txt").write_text("AGE: 74\n")
    (folder / f"{session}.xml").write_text("<xnat/>\n")


def oasis1(root: Path) -> Path:
    """Write two discs of OASIS-1 and its table."""
    oasis1_session(root / "disc1", "OAS1_9001_MR1")
    oasis1_session(root / "disc1", "OAS1_9001_MR2", repeats=3)
    oasis1_session(root / "disc1", "OAS1_9002_MR1", repeats=3)
    oasis1_session(root / "disc2", "OAS1_9003_MR1")
    oasis1_session(root / "disc2", "OAS1_9004_MR1", repeats=5)
    # On the disk, but not in the table.
    oasis1_session(root / "disc2", "OAS1_9006_MR1")
    lines(root / "oasis_cross-sectional.csv", OASIS1_HEADER, OASIS1_ROWS, "\r\n")
    return root


def oasis2(root: Path) -> Path:
    """Write both parts of OASIS-2 and its table."""
    for part, session, repeats in (
        (1, "OAS2_9001_MR1", 3),
        (1, "OAS2_9001_MR3", 4),
        (1, "OAS2_9002_MR1", 3),
        (2, "OAS2_9002_MR2", 3),
        (2, "OAS2_9003_MR1", 4),
    ):
        raw = root / f"OAS2_RAW_PART{part}/{session}/RAW"
        for number in range(1, repeats + 1):
            noise(raw / f"mpr-{number}.nifti.img")
    table = root / "oasis_longitudinal_demographics.csv"
    lines(table, OASIS2_HEADER, OASIS2_ROWS)
    return root


CDR_HEADER = (
    "OASISID,OASIS_session_label,days_to_visit,age at visit,MMSE,memory,orient,"
    "judgment,commun,homehobb,perscare,CDRSUM,CDRTOT,dx1,dx2,dx3,dx4,dx5,dx1_code"
)


def cdr_row(person: str, days: str, mmse: str, cdr: str, dx1: str) -> str:
    """Write a row of OASIS3_UDSb4_cdr."""
    label = f"{person}_UDSb4_d{int(days):04d}"
    return f"{person},{label},{days},70.1,{mmse},0,0,0,0,0,0,0,{cdr},{dx1},.,.,.,.,1"


CDR_ROWS = (
    cdr_row("OAS39001", "0000", "29", "0", "Cognitively normal"),
    cdr_row("OAS39001", "0339", "29", "0", "Cognitively normal"),
    cdr_row("OAS39001", "1100", "25", "0.5", "AD Dementia"),
    # Seen in the same half-year as 39001 was, and demented.
    cdr_row("OAS39002", "0", "21", "2", "AD Dementia"),
    cdr_row("OAS39002", "339", "19", "2", "AD dem w/depresss- contribut"),
    # Without a dx1 at the visit nearest to the scan; form D1 has the diagnosis.
    cdr_row("OAS39003", "0000", "28", "0.5", "."),
    cdr_row("OAS39004", "0000", "27", "0.5", "uncertain dementia"),
    cdr_row("OAS39005", "0000", "22", "1", "DLBD- primary"),
    cdr_row("OAS39006", "0000", "30", "0", "Cognitively normal"),
)

D1_HEADER = (
    "OASISID,OASIS_session_label,days_to_visit,age at visit,NORMCOG,DEMENTED,IMPNOMCI,"
    "MCIAMEM,MCIAPLUS,MCINON1,MCINON2,PROBAD,PROBADIF,POSSAD,POSSADIF,alzdis,alzdisif"
)
D1_ROWS = (
    "OAS39003,OAS39003_UDSd1_d0000,0,70.1,0,0,0,1,0,0,0,,,,,,",
    "OAS39001,OAS39001_UDSd1_d0000,0,70.1,1,0,0,0,0,0,0,,,,,,",
    "OAS39002,OAS39002_UDSd1_d0000,0,70.1,0,1,0,0,0,0,0,1,1,0,,,",
    "OAS39005,OAS39005_UDSd1_d0000,0,70.1,0,1,0,0,0,0,0,0,,0,,,",
)

PEOPLE_HEADER = (
    "OASISID,Subject_accession,AgeatEntry,AgeatDeath,GENDER,EDUC,HAND,race,ETHNIC,APOE"
)
PEOPLE_ROWS = tuple(
    f"OAS3900{number},,{60 + number}.5,,{1 + number % 2},{10 + number},R,W,2,33"
    for number in range(1, 8)
)

MR_HEADER = "label,filename,Manufacturer,ManufacturersModelName,MagneticFieldStrength"


def session3(root: Path, label: str, name: str, folder: str = "anat2") -> Path:
    """Write one image of OASIS-3 with its sidecar beside it."""
    path = noise(root / label / folder / f"{name}.nii.gz")
    (root / label / folder / f"{name}.json").write_text('{"MagneticFieldStrength": 3}')
    return path


def oasis3_images(root: Path) -> None:
    """Write the scans of OASIS-3, in the three layouts that are on disks."""
    session3(root, "OAS39001_MR_d0129", "sub-OAS39001_sess-d0129_run-01_T1w", "anat10")
    session3(root, "OAS39001_MR_d0129", "sub-OAS39001_sess-d0129_run-02_T1w", "anat2")
    session3(root, "OAS39001_MR_d0129", "sub-OAS39001_sess-d0129_T2w", "anat4")
    session3(root, "OAS39001_MR_d1150", "sub-OAS39001_ses-d1150_run-01_T1w")
    # Simplified download: images and sidecars in folders of their own.
    split = root / "OAS39002_MR_d0131/anat4"
    noise(split / "NIFTI/sub-OAS39002_ses-d0131_T1w.nii.gz")
    (split / "BIDS").mkdir()
    (split / "BIDS/sub-OAS39002_ses-d0131_T1w.json").write_text("{}")
    whole = root / "OAS39003_MR_d0002/scans/anat2-T1w/resources/NIFTI/files"
    noise(whole / "sub-OAS39003_ses-d0002_T1w.nii.gz")
    session3(root, "OAS39004_MR_d0010", "sub-OAS39004_ses-d0010_T1w")
    session3(root, "OAS39005_MR_d0010", "sub-OAS39005_ses-d0010_T1w")
    # 500 days from any visit.
    session3(root, "OAS39006_MR_d0500", "sub-OAS39006_ses-d0500_T1w")
    # Without any visit.
    session3(root, "OAS39007_MR_d0001", "sub-OAS39007_ses-d0001_T1w")
    # Another person's file among those of a session, as it was until it was replaced.
    session3(root, "OAS39004_MR_d0010", "sub-OAS39002_ses-d0131_T1w", "anat5")


def data_file(root: Path, form: str, name: str) -> Path:
    """Name a table as the archive's download lays it: among the subjects."""
    session = root / "0AS_data_files/OASIS3_data_files"
    return session / f"scans/{form}/resources/csv/files/{name}.csv"


def oasis3(root: Path) -> Path:
    """Write OASIS-3 with the tables of today."""
    oasis3_images(root)
    lines(data_file(root, "UDSb4-cdr", "OASIS3_UDSb4_cdr"), CDR_HEADER, CDR_ROWS)
    lines(data_file(root, "UDSd1", "OASIS3_UDSd1_diagnoses"), D1_HEADER, D1_ROWS)
    people = data_file(root, "demo", "OASIS3_demographics")
    lines(people, PEOPLE_HEADER, PEOPLE_ROWS)
    mr = [
        "OAS39001_MR_d0129,sub-OAS39001_ses-d0129_run-01_T1w.json,Siemens,TrioTim,3",
        "OAS39002_MR_d0131,sub-OAS39002_ses-d0131_T1w.json,Siemens,Sonata,1.5",
    ]
    lines(data_file(root, "MR_json", "OASIS3_MR_json"), MR_HEADER, mr)
    return root


ADRC_HEADER = (
    "ADRC_ADRCCLINICALDATA ID,Subject,Date,Age,mmse,ageAtEntry,cdr,commun,dx1,dx2,"
    "homehobb,judgment,memory,orient,perscare,apoe,sumbox"
)


def adrc_tables(root: Path) -> None:
    """Write the one clinical table of OASIS-3 until 2022, and that of its people."""
    rows = [
        f"{who}_ClinicalData_d{days},{who},,70.2,{mmse},69.5,{cdr},0,{dx1},.,0,0,0,0,0,33,0"
        for who, days, mmse, cdr, dx1 in (
            ("OAS39001", "0000", "29", "0", "Cognitively normal"),
            ("OAS39001", "1100", "25", "0.5", "AD Dementia"),
            ("OAS39002", "0000", "21", "2", "AD Dementia"),
            ("OAS39003", "0000", "28", "0.5", "."),
        )
    ]
    lines(root / "ADRC Clinical Data.csv", ADRC_HEADER, rows)
    subjects = ["OAS39001,F,R,16,Caucasian", "OAS39002,M,R,12,Asian"]
    lines(root / "subjects.csv", "Subject,M/F,Hand,Education,Race", subjects)


def oasis3_before_2022(root: Path) -> Path:
    """Write OASIS-3 with the tables that it had until 2022."""
    oasis3_images(root)
    adrc_tables(root)
    # A list of sessions as the archive's page exports it, totals at its end.
    sessions = [
        'OAS39001_MR_d0129,OAS39001,F,70,3.0T,"T1w(2), T2w(1)"',
        "Total,,,,,",
        "2",
    ]
    header = "MR ID,Subject,M/F,Age,Scanner,Scans"
    lines(root / "mr_sessions.csv", header, sessions)
    return root
