"""Single virtual scans through the real chain: what is found, beside what is true."""

import shutil
import tempfile
from dataclasses import dataclass
from pathlib import Path
from typing import Any, Final

import nibabel as nib
import numpy as np

from benchmarks.validation_study.truth import HEADS
from crosswarp.bids.dataset import find_scans
from crosswarp.bids.diagnoses import Diagnosis
from crosswarp.bids.ids import ScanId
from crosswarp.bids.names import transform_path
from crosswarp.bids.tables import read_table
from crosswarp.preprocessing.cohort import preprocess_cohort
from crosswarp.preprocessing.scan import map_path
from crosswarp.preprocessing.settings import PreprocessSettings
from crosswarp.registration.build import registration_named
from crosswarp.registration.template import load_template
from crosswarp.simulation.cohort import simulate_participant
from crosswarp.simulation.dataset import truth_folder
from crosswarp.simulation.presets import ELDERLY, LIMITS
from crosswarp.simulation.regions import HEMISPHERES, region_ids
from crosswarp.simulation.settings import (
    AcquisitionSettings,
    AtrophySettings,
    Normal,
    SimulationSettings,
)
from crosswarp.simulation.sources import load_atlas
from crosswarp.study.names import REGIONS
from crosswarp.types.grid import SPACE

RESOLUTION: Final = 2

SHRINKING: Final = ("hippocampus", "amygdala", "entorhinal", "parahippocampal")

GROWING: Final = ("lateral_ventricle", "inferior_lateral_ventricle")


SCANNER: Final = AcquisitionSettings()
"""1 mm, some noise, some inhomogeneity, a head that does not lie straight."""


@dataclass(frozen=True)
class Case:
    """One scan of the study.

    Attributes:
        number: Of the participant: its anatomy, its pose, its noise.
        dose: Share by which `SHRINKING` structures are smaller and `GROWING` ones
            larger than in the same participant without the disease.
        scanner: What it is scanned with.
    """

    number: int
    dose: float
    scanner: AcquisitionSettings = SCANNER

    @property
    def settings(self) -> SimulationSettings:
        """Those of a cohort that has this participant."""
        pattern = dict.fromkeys(SHRINKING, 1 - self.dose)
        pattern |= dict.fromkeys(GROWING, 1 + self.dose)
        return SimulationSettings(
            participants=self.number,
            classes=(Diagnosis.CN,),
            anatomy=ELDERLY,
            atrophy=AtrophySettings(
                pattern=pattern,
                severity={Diagnosis.CN: Normal(mean=1.0, sd=0.0)},
                region_sd=0.0,
                limits=LIMITS,
            ),
            acquisition=self.scanner,
            workers=1,
        )


def registration_settings(name: str) -> PreprocessSettings:
    """Choose the defaults at 2 mm with a registration, as the command does.

    Args:
        name: As for ``crosswarp preprocess --registration``.
    """
    chosen = registration_named(name)
    return PreprocessSettings(resolution=RESOLUTION, registration=chosen)


def found_and_true(work: Path, case: Case, registration: str) -> dict[str, Any]:
    """Make a scan, preprocess it with the defaults at 2 mm, and compare.

    Args:
        work: Folder of the study; the scan itself is not kept.
        case: Which.
        registration: As for ``crosswarp preprocess --registration``.

    Returns:
        ``status`` and ``reason`` of the ledger; ``head``; where the scan was
        accepted, ``r`` and ``rmse`` of the log-Jacobian in the template's brain,
        its spread (``sd_true``, ``sd_found``), and for each structure (both sides)
        ``true_STRUCTURE`` and ``found_STRUCTURE`` in mm3.
    """
    with tempfile.TemporaryDirectory(dir=work) as temporary:
        raw, out = Path(temporary) / "raw", Path(temporary) / "maps"
        person = simulate_participant(
            raw, case.number, case.settings, labels_of=work / HEADS
        )
        settings = registration_settings(registration)
        ledger = preprocess_cohort(find_scans(raw), out, settings)
        row = ledger.iloc[0]
        found = {
            "registration": registration,
            "number": case.number,
            "dose": case.dose,
            "head": person.head,
            "status": str(row["status"]),
            "reason": str(row["reason"]),
        }
        if row["status"] == "ok":
            found |= _maps(truth_folder(raw), out, person.scan)
            found |= volumes(truth_folder(raw), out, person.scan)
        shutil.rmtree(raw)
    return found


def _maps(truth: Path, out: Path, scan: ScanId) -> dict[str, float]:
    mask = load_template(RESOLUTION).mask
    true, found = (
        nib.load(map_path(folder, scan, RESOLUTION, "logjacobian")).get_fdata()[mask]
        for folder in (truth, out)
    )
    return agreement(true, found)


def agreement(true: np.ndarray, found: np.ndarray) -> dict[str, float]:
    """Compare two log-Jacobian maps.

    Args:
        true: In the brain's voxels.
        found: In the same.
    """
    return {
        "r": float(np.corrcoef(true, found)[0, 1]),
        "rmse": float(np.sqrt(np.mean((true - found) ** 2))),
        "sd_true": float(true.std()),
        "sd_found": float(found.std()),
    }


def volumes(truth: Path, out: Path, scan: ScanId) -> dict[str, float]:
    """True volume of each structure, and the volume that the maps say.

    Args:
        truth: Of the data set.
        out: Derivatives.
        scan: Whose.
    """
    table = read_table(truth / REGIONS)
    table = table[table["participant_id"] == scan.participant_id]
    true = table.set_index("region")["true_mm3"].astype(float)
    log_jacobian = nib.load(map_path(out, scan, RESOLUTION, "logjacobian"))
    affine = np.loadtxt(
        transform_path(out, scan, space=SPACE, extension=".txt", res=RESOLUTION)
    )
    values = log_jacobian.get_fdata()
    labels = load_atlas().values[::RESOLUTION, ::RESOLUTION, ::RESOLUTION]
    sums = summed(values, labels, float(np.linalg.det(affine[:3, :3])))
    rows = {}
    for structure in (*SHRINKING, *GROWING):
        sides = [f"{structure}_{side}" for side in HEMISPHERES]
        rows[f"true_{structure}"] = float(true[sides].sum())
        rows[f"found_{structure}"] = sum(sums[side] for side in sides)
    return rows


def summed(
    log_jacobian: np.ndarray, labels: np.ndarray, scale: float
) -> dict[str, float]:
    """Sum the volume of each region: determinant of the warp times the affine's.

    Args:
        log_jacobian: On the template grid of 2 mm.
        labels: Of the atlas on the same grid.
        scale: Volume ratio of the affine, template to scan.

    Returns:
        Cubic millimetres in the scan.
    """
    voxel = RESOLUTION**3 * scale
    return {
        region: float(np.exp(log_jacobian[labels == label]).sum() * voxel)
        for region, label in region_ids((*SHRINKING, *GROWING)).items()
    }
