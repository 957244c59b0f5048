"""The same learning curves on 2 mm maps that the chain found, over several cohorts."""

from collections.abc import Sequence
from dataclasses import dataclass
from functools import partial
from pathlib import Path
from typing import Any, Final

import pandas as pd

from benchmarks.pooling import evaluate_together
from benchmarks.validation_study.coarse import TRAINING
from benchmarks.validation_study.curves import FOLDS, NETWORKS, first_of_each
from benchmarks.validation_study.pieces import done_or_made
from crosswarp.baselines.settings import BASELINES
from crosswarp.bids.cohort import read_cohort, write_cohort
from crosswarp.inputs.folds import make_folds, write_folds
from crosswarp.study.experiment import VOLUME_BASELINES
from crosswarp.training.cross_validation import cross_validate
from crosswarp.training.experiment import Experiment

EXPERIMENT: Final = "chain-curves"

JSM: Final = "compact_jsm"
"""Model that the others are held against."""

SIZES: Final = (16, 32, 48)
"""Participants of each cohort, half of them with AD."""


@dataclass(frozen=True)
class Compared:
    """What is trained.

    Attributes:
        networks: Names of the catalogue.
        baselines: Names of the models without a network.
        sizes: Participants of each cohort that are used.
    """

    networks: Sequence[str] = NETWORKS
    baselines: Sequence[str] = tuple(n for n in BASELINES if n not in VOLUME_BASELINES)
    sizes: Sequence[int] = SIZES


def chain_curves(work: Path, cohorts: Sequence[Path], compared: Compared) -> None:
    """Train on parts of cohorts that went through the chain, and test within each.

    Paired tests against the JSM alone are in ``chain/all-SIZE/comparisons.tsv``.

    Args:
        work: Folder of the study.
        cohorts: Folders with ``cohort.tsv`` and ``derivatives`` at 2 mm, each drawn
            with a seed of its own, as for `benchmarks.models`.
        compared: Which models, at which sizes.
    """
    for size in compared.sizes:
        tables = {
            folder.name: _tested(work, folder, compared, size) for folder in cohorts
        }
        together = work / "chain" / f"all-{size:03d}"
        for found in evaluate_together(together, tables, JSM).comparisons.itertuples():
            row = {
                "model": found.model,
                "participants": size,
                "cohorts": len(cohorts),
                "auc": found.auc,
                "low": found.auc_low,
                "high": found.auc_high,
            }
            piece = f"{EXPERIMENT}/{found.model}-{len(cohorts)}-{size:03d}"
            done_or_made(work, piece, partial(dict, row))


def _tested(work: Path, folder: Path, compared: Compared, size: int) -> pd.DataFrame:
    """Test all models on the first participants of one cohort.

    Returns:
        Rows of ``predictions.tsv``.
    """
    whole = read_cohort(folder / "cohort.tsv")
    cohort = whole.iloc[first_of_each(whole["diagnosis"].to_numpy(), size)]
    place = work.resolve() / "chain" / f"{folder.name}-{size:03d}"
    write_cohort(place / "cohort.tsv", cohort)
    write_folds(place / "folds.tsv", make_folds(cohort, folds=FOLDS))
    content: dict[str, Any] = {
        "name": f"{EXPERIMENT}, {folder.name}",
        "cohort": place / "cohort.tsv",
        "derivatives": folder.resolve() / "derivatives",
        "folds": place / "folds.tsv",
        "models": compared.networks,
        "baselines": compared.baselines,
        "volume_baselines": False,  # on virtual participants they know the answer
        "training": TRAINING,
    }
    return cross_validate(Experiment.model_validate(content), place / "run")
