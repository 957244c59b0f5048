"""Learning curves: what does each fusion and baseline gain from more participants?

On true maps of 4 mm, as a chain without error would find them: only so do all networks
end on a small machine (`chain_curves` has them on maps of the chain). A smaller study
is the first part of a larger one, so that the sizes differ by participants alone.
"""

from collections.abc import Callable
from functools import partial
from pathlib import Path
from typing import Any, Final

import numpy as np
import pandas as pd

from benchmarks.validation_study.coarse import in_grid, network_predictions
from benchmarks.validation_study.difficulty import CLASSES, PARTICIPANTS, cohort_of
from benchmarks.validation_study.linear import (
    Products,
    chosen_of,
    linear_predictions,
)
from benchmarks.validation_study.pieces import done_or_made
from benchmarks.validation_study.scoring import scores_of
from benchmarks.validation_study.truth import Pool, make_pool
from crosswarp.inputs.folds import make_folds

EXPERIMENT: Final = "curves"

SIZES: Final = (80, 40, 20)
"""Participants, half of them with AD; the largest first."""

FOLDS: Final = 4

JSM: Final = "linear_jsm"

T1W: Final = "linear_t1w"

NETWORKS: Final = (
    "compact_cross_attention",
    "compact_jsm",
    "compact_t1w",
    "compact_concatenation",
    "compact_stacked",
    "compact_bottleneck",
    "compact_self_attention",
    "compact_gating",
    "compact_multiplied",
    "compact_late_averaging",
    "compact_cross_attention_t1w_query",
    "compact_cross_attention_both_ways",
)
"""In the order in which they run: what is most asked for comes first."""


def learning_curves(work: Path, models: int, largest: int) -> None:
    """Test models on true maps of studies of different size.

    Args:
        work: Folder of the study.
        models: How many of `NETWORKS`, besides the linear ones.
        largest: Most participants of a study that needs images; those cost most.
    """
    maps = make_pool(work, "realistic", PARTICIPANTS, CLASSES).of(("CN", "AD"))
    known = maps.products()
    for size in SIZES:
        make = partial(_one_size, partial(_linear, known), JSM, maps.diagnoses, size)
        done_or_made(work, f"{EXPERIMENT}/{JSM}-{size:03d}", make)
    dealt = largest * len(CLASSES) // 2
    both = make_pool(work, "realistic", dealt, CLASSES, ("CN", "AD"))
    images = both.image_products()
    for name in (T1W, *NETWORKS[:models]):
        linear = name == T1W
        score = partial(_linear, images) if linear else partial(_network, work, both)
        for size in (size for size in SIZES if size <= largest):
            make = partial(_one_size, score, name, both.diagnoses, size)
            done_or_made(work, f"{EXPERIMENT}/{name}-{size:03d}", make)


def first_of_each(diagnoses: np.ndarray, size: int) -> np.ndarray:
    """Take the first participants of each of two diagnoses.

    Args:
        diagnoses: Of all.
        size: Of both together.

    Returns:
        Their places, sorted.
    """
    places = [
        np.flatnonzero(diagnoses == d)[: size // 2] for d in sorted(set(diagnoses))
    ]
    return np.sort(np.concatenate(places))


Scored = Callable[[str, np.ndarray, pd.DataFrame, pd.DataFrame], pd.DataFrame]


def _one_size(
    score: Scored, name: str, diagnoses: np.ndarray, size: int
) -> dict[str, Any]:
    places = first_of_each(diagnoses, size)
    cohort = cohort_of(diagnoses[places])
    table = score(name, places, cohort, make_folds(cohort, folds=FOLDS))
    return {"model": name, "participants": size, **scores_of(table)[name]}


def _linear(
    known: Products,
    name: str,
    places: np.ndarray,
    cohort: pd.DataFrame,
    folds: pd.DataFrame,
) -> pd.DataFrame:
    return linear_predictions(name, chosen_of(known, places), cohort, folds)


def _network(
    work: Path,
    pool: Pool,
    name: str,
    places: np.ndarray,
    cohort: pd.DataFrame,
    folds: pd.DataFrame,
) -> pd.DataFrame:
    images = [pool.images[place] for place in places]
    jsm = [in_grid(pool.maps[place]) for place in places]
    return network_predictions(work, name, cohort, folds, (images, jsm))
