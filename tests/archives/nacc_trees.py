"""Small trees of NACC and MIRIAD as they lie on disks, with people who do not exist."""

import json
import zipfile
from collections.abc import Mapping
from pathlib import Path

import nibabel as nib
import numpy as np

from tests.archives.oasis_trees import noise
from tests.archives.trees import Ida, write_csv

T1, FLAIR, LOCALIZER = "Sag MPRAGE", "Ax T2 FLAIR", "3-plane localizer"


def uds(person: str, number: int, day: str, status: object, **more: object) -> dict:
    """Make a row of the table of UDS visits; the day is ISO."""
    year, month, date = (int(part) for part in day.split("-"))
    return {
        "NACCID": person,
        "NACCADC": 9999,
        "NACCVNUM": number,
        "VISITYR": year,
        "VISITMO": month,
        "VISITDAY": date,
        "NACCAGE": 70 + number,
        "SEX": 2,
        "EDUC": 16,
        "NACCUDSD": status,
        "NACCALZD": 8,
        "NACCETPR": 88,
        "CDRGLOB": 0,
        "NACCMMSE": 29,
    } | more


def mri(person: str, name: str, day: str, **more: object) -> dict:
    """Make a row of the table of mixed MRI; the day is ISO."""
    year, month, date = (int(part) for part in day.split("-"))
    return {
        "NACCID": person,
        # Not the number of the UDS visit that is nearest.
        "NACCVNUM": 1,
        "MRIYR": year,
        "MRIMO": month,
        "MRIDY": date,
        "NACCMNUM": 1,
        "NACCMRFI": name,
        "MRIFIELD": 2,
        "MRIMANU": "-4",
        "HIPPOVOL": 88.8888,
    } | more


def image_bytes(folder: Path, value: int) -> bytes:
    """Write a head of one value to a NIfTI file, and return it."""
    head = np.zeros((110, 110, 110), np.int16)
    head[20:90, 20:90, 20:90] = value
    path = folder / f"{value}.nii"
    nib.save(nib.Nifti1Image(head, np.diag([1.5, 1.5, 1.5, 1])), path)
    return path.read_bytes()


def write_zip(path: Path, series: Mapping[str, bytes], sidecars: bool = True) -> Path:
    """Write a zip as NACC has it: a folder a series, each with its sidecar."""
    path.parent.mkdir(parents=True, exist_ok=True)
    with zipfile.ZipFile(path, "w") as file:
        for number, (description, content) in enumerate(series.items(), 1):
            stem = f"{path.stem}/{number:03d}/series{number}"
            file.writestr(f"{stem}.nii", content)
            if sidecars:
                said = {
                    "SeriesDescription": description,
                    "Manufacturer": "GE",
                    "MagneticFieldStrength": 2.89,
                }
                file.writestr(f"{stem}.json", json.dumps(said))
    return path


def nacc(root: Path) -> Path:
    """Write NACC with its UDS table, mixed MRI in zips, and SCAN from the IDA."""
    write_csv(
        root / "investigator_ftldlbd_nacc71.csv",
        [
            uds("NACC900001", 1, "2010-05-02", 1),
            uds("NACC900001", 2, "2011-05-20", 4, NACCALZD=1, NACCETPR=1, CDRGLOB=1),
            uds("NACC900002", 1, "2012-03-01", 3, SEX=1, EDUC=99, NACCMMSE=88),
            uds("NACC900003", 1, "2012-03-01", 4, NACCALZD=0, NACCETPR=7, NACCMMSE=-4),
            uds("NACC900004", 1, "2012-03-01", 2, VISITDAY=99),
            uds("NACC900006", 1, "2022-01-15", 1),
        ],
    )
    write_csv(
        root / "investigator_mri_nacc71.csv",
        [
            mri("NACC900001", "mri101.zip", "2011-04-01"),
            mri("NACC900002", "mri102.zip", "2012-03-11", MRIDY=99),
            mri("NACC900003", "mri103.zip", "2012-02-20"),
            mri("NACC900004", "mri104.zip", "2012-02-20"),
            # About 6 % of the imaged have no clinical row.
            mri("NACC900005", "mri105.zip", "2012-02-20"),
        ],
    )
    for number in (101, 102, 103, 104, 105):
        head = str(number).encode() * 20
        series = {LOCALIZER: b"l" + head, T1: b"t" + head, FLAIR: b"f" + head}
        write_zip(root / f"mri/mri{number}.zip", series)
    ida = Ida(root, "SCAN")
    ida.nifti("NACC900006", "Accelerated Sagittal MPRAGE", "2022-02-01", 1900001)
    ida.nifti("NACC900006", "Sagittal 3D FLAIR", "2022-02-01", 1900002)
    return root


def miriad(root: Path, *names: str) -> Path:
    """Write scans of MIRIAD, a folder each."""
    chosen = names or (
        "miriad_988_AD_M_01_MR_1",
        "miriad_988_AD_M_01_MR_2",
        "miriad_988_AD_M_02_MR_1",
        "miriad_989_HC_F_01_MR_1",
    )
    for name in chosen:
        noise(root / name / f"{name}.nii")
    return root
