"""Tiny made-up maps on disk, as `crosswarp preprocess` would leave them.

Noise everywhere; in AD a small region shrinks in the log-Jacobian map and is darker
in the T1w image. Extents differ along the axes, so that a swapped axis cannot pass.
"""

from pathlib import Path

import nibabel as nib
import numpy as np
import pandas as pd

from crosswarp.bids.cohort import write_cohort
from crosswarp.bids.ids import NOT_AVAILABLE, ScanId
from crosswarp.bids.names import derivative_path, template_path
from crosswarp.files import write_json

EXTENT = (26, 30, 28)
SPACE = "MNI152NLin2009cSym"
RESOLUTION = 2
REGION = (slice(8, 12), slice(14, 18), slice(10, 14))
SETTINGS = {"resolution": 2}


def tiny_affine() -> np.ndarray:
    """Voxels to RAS+ mm; the midsagittal plane lies between two voxels."""
    affine = np.diag([2.0, 2.0, 2.0, 1.0])
    affine[:3, 3] = (-25.0, -40.0, -20.0)
    return affine


def tiny_brain() -> np.ndarray:
    """A ball with a few voxels of nothing around it."""
    centre = (np.array(EXTENT) - 1).reshape(3, 1, 1, 1) / 2
    return np.linalg.norm(np.indices(EXTENT) - centre, axis=0) < 11


def write_map(path: Path, values: np.ndarray, affine: np.ndarray | None = None) -> None:
    path.parent.mkdir(parents=True, exist_ok=True)
    where = tiny_affine() if affine is None else affine
    nib.save(nib.Nifti1Image(values.astype(np.float32), where), path)


def map_path(derivatives: Path, scan: ScanId, desc: str) -> Path:
    return derivative_path(
        derivatives, scan, space=SPACE, res=RESOLUTION, desc=desc, suffix="T1w"
    )


def tiny_cohort(participants: int, name: str = "") -> pd.DataFrame:
    """CN and AD in turn; `name` stands before each participant's number."""
    return pd.DataFrame(
        {
            "participant_id": [f"sub-{name}{n:02d}" for n in range(participants)],
            "session_id": NOT_AVAILABLE,
            "diagnosis": [("CN", "AD")[n % 2] for n in range(participants)],
            "age_years": 70.0,
            "sex": "F",
            "site": "a",
            "origin": "virtual",
        }
    )


def write_tiny_cohort(
    folder: Path,
    participants: int = 16,
    effect: float = 1.0,
    seed: int = 0,
    name: str = "",
) -> None:
    """Write ``cohort.tsv`` and ``derivatives`` into a folder.

    Args:
        folder: Made when it is not there.
        participants: How many.
        effect: Shrinkage of the region in AD, in log-Jacobian units; the noise has
            a standard deviation of 0.1.
        seed: Of the noise.
        name: Stands before each participant's number.
    """
    rng = np.random.default_rng(seed)
    cohort, derivatives = tiny_cohort(participants, name), folder / "derivatives"
    brain = tiny_brain()
    for row in cohort.to_dict("records"):
        scan = ScanId(row["participant_id"])
        jsm = rng.normal(0, 0.1, EXTENT) * brain
        t1w = np.clip(0.6 + rng.normal(0, 0.1, EXTENT), 0, 1) * brain
        if row["diagnosis"] == "AD":
            jsm[REGION] -= effect
            t1w[REGION] -= 0.4 * effect
        for desc, values in (("preproc", t1w), ("logjacobian", jsm)):
            path = map_path(derivatives, scan, desc)
            write_map(path, values)
            sidecar = {"Fingerprint": f"{scan.label}{seed}", "Settings": SETTINGS}
            write_json(path.with_name(path.name.replace(".nii.gz", ".json")), sidecar)
    mask = template_path(
        derivatives, space=SPACE, res=RESOLUTION, desc="brain", suffix="mask"
    )
    write_map(mask, brain)
    write_cohort(folder / "cohort.tsv", cohort)
