"""False positives: how often does the interval leave 0.5 out where nothing is to find?

Participants of the preset ``null`` are one group whatever their diagnosis is called,
so a study is a pool of them with diagnoses and folds dealt at random: given the pool,
the studies are independent of each other, and each is as good as a new cohort.
"""

from functools import partial
from pathlib import Path
from typing import Any, Final

import numpy as np
import pandas as pd

from benchmarks.validation_study.coarse import in_grid, network_predictions
from benchmarks.validation_study.difficulty import cohort_of
from benchmarks.validation_study.linear import (
    Products,
    chosen_of,
    linear_predictions,
)
from benchmarks.validation_study.pieces import done_or_made
from benchmarks.validation_study.scoring import scores_of
from benchmarks.validation_study.truth import Pool, make_pool
from crosswarp.bids.diagnoses import Diagnosis
from crosswarp.inputs.folds import make_folds

EXPERIMENT: Final = "null"

POOL: Final = 40

SIZE: Final = 40
"""Participants of a study, half of them called AD."""

FOLDS: Final = 4

BY_CHANCE: Final = "linear heads by chance"
"""The linear model where a head may fall more often to one diagnosis."""


def false_positives(work: Path, linear_seeds: int, network_seeds: int) -> None:
    """Test models where there is nothing to find.

    Args:
        work: Folder of the study.
        linear_seeds: Studies of the voxel-wise linear model, of each dealing.
        network_seeds: Studies of the network of log-Jacobian maps.
    """
    pool = make_pool(work, "null", POOL, (Diagnosis.CN, Diagnosis.AD))
    products = pool.products()
    for name, heads in (("linear", pool.heads), (BY_CHANCE, None)):
        for seed in range(linear_seeds):
            make = partial(_linear, products, name, heads, seed)
            piece = f"{name.replace(' ', '-')}-{seed:04d}"
            done_or_made(work, f"{EXPERIMENT}/{piece}", make)
    for seed in range(network_seeds):
        make = partial(_network, work, pool, seed)
        done_or_made(work, f"{EXPERIMENT}/network-{seed:04d}", make)


def draw_study(
    seed: int, heads: np.ndarray | None = None
) -> tuple[np.ndarray, pd.DataFrame]:
    """Deal diagnoses.

    Args:
        seed: Of the study.
        heads: Real head of each participant of the pool; each is dealt to both
            diagnoses equally often, as the simulation does. By chance when None.

    Returns:
        Places in the pool; and the cohort, in the same order.
    """
    rng = np.random.default_rng([seed, SIZE])
    order = rng.permutation(POOL)
    if heads is not None:
        # Of each head in turn one to each diagnosis.
        order = np.concatenate(
            [order[heads[order] == head] for head in sorted(set(heads))]
        )
        order = np.concatenate([order[::2], order[1::2]])
    return order, cohort_of(np.repeat(["CN", "AD"], SIZE // 2))


def _linear(
    products: Products, name: str, heads: np.ndarray | None, seed: int
) -> dict[str, Any]:
    chosen, cohort = draw_study(seed, heads)
    folds = make_folds(cohort, folds=FOLDS, seed=seed)
    table = linear_predictions("linear", chosen_of(products, chosen), cohort, folds)
    return {"model": name, "seed": seed, **scores_of(table)["linear"]}


def _network(work: Path, pool: Pool, seed: int) -> dict[str, Any]:
    chosen, cohort = draw_study(seed, pool.heads)
    folds = make_folds(cohort, folds=FOLDS, seed=seed)
    jsm = [in_grid(pool.maps[place]) for place in chosen]
    # A network of log-Jacobian maps looks at no image, but its data set has one.
    images = [np.clip(0.5 + values, 0, 1) for values in jsm]
    model = "compact_jsm"
    table = network_predictions(work, model, cohort, folds, (images, jsm))
    return {"model": "network", "seed": seed, **scores_of(table)[model]}
