"""False positives: how often does the interval leave 0.5 out where nothing is to find?

Participants of the preset ``null`` are one group whatever their diagnosis is called,
so a study is a random choice of a pool with diagnoses dealt at random: given the pool,
the studies are independent of each other, and each is as good as a new cohort.
"""

from functools import partial
from pathlib import Path
from typing import Any, Final

import nibabel as nib
import numpy as np
import pandas as pd

from benchmarks.validation_study.difficulty import cohort_of
from benchmarks.validation_study.linear import linear_predictions, products_of
from benchmarks.validation_study.pieces import done_or_made
from benchmarks.validation_study.scoring import scores_of
from benchmarks.validation_study.truth import RESOLUTION, Pool, make_pool
from crosswarp.bids.cohort import write_cohort
from crosswarp.bids.diagnoses import Diagnosis
from crosswarp.bids.ids import ScanId
from crosswarp.bids.names import derivative_path, template_path
from crosswarp.derivatives.template import SPACE, load_template
from crosswarp.files import written_folder, written_whole
from crosswarp.inputs.folds import make_folds, write_folds
from crosswarp.training.cross_validation import cross_validate
from crosswarp.training.experiment import Experiment

EXPERIMENT: Final = "null"

POOL: Final = 60

SIZE: Final = 40
"""Participants of a study, half of them called AD."""

FOLDS: Final = 4

BLOCK: Final = 2
"""Voxels a side that the network's maps are the means of: 4 mm instead of 2."""

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


def false_positives(work: Path, linear_seeds: int, network_seeds: int) -> None:
    """Test models where there is nothing to find.

    Args:
        work: Folder of the study.
        linear_seeds: Studies of the voxel-wise linear model.
        network_seeds: Studies of the network of log-Jacobian maps.
    """
    pool = make_pool(work, "null", POOL, (Diagnosis.CN, Diagnosis.AD))
    products = products_of(pool.maps)
    for seed in range(linear_seeds):
        make = partial(_linear, products, seed)
        done_or_made(work, f"{EXPERIMENT}/linear-{seed:04d}", make)
    for seed in range(network_seeds):
        make = partial(_network, work, pool, seed)
        done_or_made(work, f"{EXPERIMENT}/network-{seed:04d}", make)


def draw_study(seed: int, pool: int = POOL) -> tuple[np.ndarray, pd.DataFrame]:
    """Choose participants and deal diagnoses.

    Args:
        seed: Of the study.
        pool: How many there are to choose from.

    Returns:
        Places in the pool; and the cohort, in the same order.
    """
    rng = np.random.default_rng([seed, SIZE])
    chosen = rng.permutation(pool)[:SIZE]
    return chosen, cohort_of(np.repeat(["CN", "AD"], SIZE // 2))


def _linear(products: np.ndarray, seed: int) -> dict[str, Any]:
    chosen, cohort = draw_study(seed, len(products))
    folds = make_folds(cohort, folds=FOLDS, seed=seed)
    part = products[np.ix_(chosen, chosen)]
    table = linear_predictions("linear", part, cohort, folds)
    return {"model": "linear", "seed": seed, **scores_of(table)["linear"]}


def _network(work: Path, pool: Pool, seed: int) -> dict[str, Any]:
    chosen, cohort = draw_study(seed, len(pool.maps))
    folds = make_folds(cohort, folds=FOLDS, seed=seed)
    with written_folder(work / "network") as folder:
        maps = folder / "maps"
        write_mask(maps)
        for place, participant in zip(chosen, cohort["participant_id"], strict=True):
            write_maps(maps, ScanId(participant), pool.maps[place])
        write_cohort(folder / "cohort.tsv", cohort)
        write_folds(folder / "folds.tsv", folds)
        experiment = Experiment.model_validate(
            {
                "name": "null",
                "seed": seed,
                "cohort": folder / "cohort.tsv",
                "derivatives": maps,
                "folds": folder / "folds.tsv",
                "models": ["compact_jsm"],
                "training": TRAINING,
            }
        )
        table = cross_validate(experiment, folder / "run")
    return {"model": "network", "seed": seed, **scores_of(table)["compact_jsm"]}


def write_mask(out: Path) -> None:
    """Write the template's brain on the coarse grid."""
    template = load_template(RESOLUTION)
    path = template_path(out, space=SPACE, res=RESOLUTION, desc="brain", suffix="mask")
    brain = block_means(template.mask.astype(np.float32)) > 0.5
    _write(path, brain.astype(np.float32))


def write_maps(out: Path, scan: ScanId, brain_values: np.ndarray) -> None:
    """Write a true log-Jacobian map, coarser, where a network finds its maps.

    The image beside it is not looked at by a network of log-Jacobian maps; it is the
    determinant, shifted into the range of images.

    Args:
        out: Derivatives of the study.
        scan: Whose.
        brain_values: Log-Jacobian in the template's brain at 2 mm.
    """
    mask = load_template(RESOLUTION).mask
    whole = np.zeros(mask.shape, dtype=np.float32)
    whole[mask] = brain_values
    coarse = block_means(whole)
    for desc, values in (
        ("logjacobian", coarse),
        ("preproc", np.clip(0.5 + coarse / 2, 0, 1)),
    ):
        path = derivative_path(out, scan, space=SPACE, res=RESOLUTION, desc=desc)
        _write(path, values)


def block_means(values: np.ndarray) -> np.ndarray:
    """Average cubes of `BLOCK` voxels; a rest at the far faces is left out."""
    i, j, k = (n // BLOCK for n in values.shape)
    kept = values[: i * BLOCK, : j * BLOCK, : k * BLOCK]
    means: np.ndarray = kept.reshape(i, BLOCK, j, BLOCK, k, BLOCK).mean(axis=(1, 3, 5))
    return means


def _write(path: Path, values: np.ndarray) -> None:
    affine = load_template(RESOLUTION).brain.affine.copy()
    affine[:3, 3] += affine[:3, :3] @ np.full(3, (BLOCK - 1) / 2)
    affine[:3, :3] *= BLOCK
    with written_whole(path) as temporary:
        nib.save(nib.Nifti1Image(values.astype(np.float32), affine), temporary)
