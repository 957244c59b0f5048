"""True maps made coarser, where networks find the maps of a study.

A network of 4 mm maps trains eight times faster than one of 2 mm maps, which lets a
study of many cohorts or of many networks end on a small machine.
"""

import tempfile
from collections.abc import Sequence
from pathlib import Path
from typing import Final

import nibabel as nib
import numpy as np
import pandas as pd

from crosswarp.bids.cohort import write_cohort
from crosswarp.bids.ids import ScanId
from crosswarp.bids.names import derivative_path, template_path
from crosswarp.files import written_whole
from crosswarp.inputs.folds import write_folds
from crosswarp.registration.template import load_template
from crosswarp.training.cross_validation import cross_validate
from crosswarp.training.experiment import Experiment
from crosswarp.types.grid import SPACE

RESOLUTION: Final = 2

BLOCK: Final = 2
"""Voxels a side that a coarse voxel is the mean of: 4 mm instead of 2."""

TRAINING: Final = {
    "epochs": 15,
    "batch_size": 8,
    "learning_rate": 1.0e-3,
    "optimiser": "adamw",
    "schedule": "one_cycle",
    "weight_decay": 0.01,
    "selection": "last",
    "augmentation": {"rotation_degrees": 0},
}
"""As in the demo, with fewer epochs."""


def network_predictions(
    work: Path,
    model: str,
    cohort: pd.DataFrame,
    folds: pd.DataFrame,
    maps: tuple[Sequence[np.ndarray], Sequence[np.ndarray]],
) -> pd.DataFrame:
    """Train a network on every fold, as ``crosswarp compare`` does.

    Args:
        work: Folder of the study; what is needed on the way does not stay there.
        model: Name of the catalogue.
        cohort: Who.
        folds: As `crosswarp.inputs.folds.make_folds` returns them.
        maps: Coarse T1w images and coarse log-Jacobian maps, as the cohort is sorted.

    Returns:
        Rows of ``predictions.tsv``.
    """
    with tempfile.TemporaryDirectory(dir=work) as name:
        temporary = Path(name)
        out = temporary / "maps"
        write_mask(out)
        for person, t1w, jsm in zip(cohort["participant_id"], *maps, strict=True):
            write_coarse(out, person, t1w, jsm)
        write_cohort(temporary / "cohort.tsv", cohort)
        write_folds(temporary / "folds.tsv", folds)
        experiment = Experiment.model_validate(
            {
                "name": "validation",
                "cohort": temporary / "cohort.tsv",
                "derivatives": out,
                "folds": temporary / "folds.tsv",
                "models": [model],
                "training": TRAINING,
            }
        )
        return cross_validate(experiment, temporary / "run")


def write_coarse(out: Path, participant: str, t1w: np.ndarray, jsm: np.ndarray) -> None:
    """Write both coarse maps of a participant.

    Args:
        out: Folder of the maps.
        participant: Whose maps they are.
        t1w: T1w image.
        jsm: Log-Jacobian map.
    """
    _write(_path(out, participant, "preproc"), t1w)
    _write(_path(out, participant, "logjacobian"), jsm)


def write_mask(out: Path) -> None:
    """Write the template's brain on the coarse grid."""
    path = template_path(out, space=SPACE, res=RESOLUTION, desc="brain", suffix="mask")
    brain = block_means(load_template(RESOLUTION).mask.astype(np.float32)) > 0.5
    _write(path, brain.astype(np.float32))


def in_grid(brain_values: np.ndarray) -> np.ndarray:
    """Put the values of the brain's voxels back on the grid, coarser.

    Args:
        brain_values: In the template's brain at 2 mm.
    """
    mask = load_template(RESOLUTION).mask
    whole = np.zeros(mask.shape, dtype=np.float32)
    whole[mask] = brain_values
    return block_means(whole)


def block_means(values: np.ndarray) -> np.ndarray:
    """Average cubes of `BLOCK` voxels; a rest at the far faces is left out."""
    i, j, k = (n // BLOCK for n in values.shape)
    kept = values[: i * BLOCK, : j * BLOCK, : k * BLOCK]
    means: np.ndarray = kept.reshape(i, BLOCK, j, BLOCK, k, BLOCK).mean(axis=(1, 3, 5))
    return means


def _path(out: Path, participant: str, desc: str) -> Path:
    scan = ScanId(participant)
    return derivative_path(out, scan, space=SPACE, res=RESOLUTION, desc=desc)


def _write(path: Path, values: np.ndarray) -> None:
    affine = load_template(RESOLUTION).brain.affine.copy()
    affine[:3, 3] += affine[:3, :3] @ np.full(3, (BLOCK - 1) / 2)
    affine[:3, :3] *= BLOCK
    with written_whole(path) as temporary:
        nib.save(nib.Nifti1Image(values.astype(np.float32), affine), temporary)
