"""What encoders have learned, asked by a linear model: no network is trained.

Run from the root of the repository, after `benchmarks.pretraining` or beside it::

    python -m benchmarks.pretraining_linear WORK

Each objective of ``benchmarks/pretraining.yml`` is learned, if it is not yet. A linear
SVM then tells diagnoses apart by the tokens of the encoders as they are, and by those
of the same encoders with fresh weights, and by the maps themselves, all on the same
folds. ``linear.tsv`` has each against fresh weights, by the package's paired test.
"""

import sys
from collections.abc import Iterator, Mapping, Sequence
from pathlib import Path
from typing import Any, Final

import numpy as np
import pandas as pd
import torch
import yaml
from sklearn.svm import SVC

from benchmarks.models import Cohort
from benchmarks.pooling import evaluate_together
from benchmarks.pretraining import CHOICES, WEIGHTS, learned, table_of, world_cohorts
from crosswarp.bids.cohort import read_cohort
from crosswarp.bids.tables import read_table, write_table
from crosswarp.inputs.grid import Grid
from crosswarp.inputs.samples import find_grid, find_samples
from crosswarp.inputs.scan_files import Derivatives
from crosswarp.inputs.store import open_store, write_store
from crosswarp.models.build import build_network
from crosswarp.models.choices import model_choices
from crosswarp.models.own_weights import start_from_own
from crosswarp.models.reconstruction import SEEN, encoders_of, scalings_of
from crosswarp.models.settings import ModelSettings
from crosswarp.study.names import COHORT, COMPARISONS, DERIVATIVES, PRETRAINING
from crosswarp.types.grid import SPACE

TABLE: Final = "linear.tsv"
MAPS: Final = {"t1w": ["t1w"], "jsm": ["jsm"], "both": ["t1w", "jsm"]}
"""Whose tokens are told apart by."""

_BATCH: Final = 8


def main(arguments: Sequence[str]) -> None:
    """Learn what is left to learn, tell diagnoses apart, write the table."""
    work = Path(arguments[0])
    choices = yaml.safe_load(CHOICES.read_text(encoding="utf-8"))
    seen, tested = world_cohorts(work, choices)
    for name in choices["objectives"]:
        learned(work, name, seen, choices)
    kernels = dict(_kernels(work, tested, choices))
    folds = tested.folds(choices["folds"], choices["linear_repeats"])
    parts = []
    for maps, used in MAPS.items():
        rows = pd.concat(
            predicted(name, [each[m] for m in used], folds, tested)
            for name, each in kernels.items()
        )
        compared = work / f"linear-{maps}"
        evaluate_together(compared, {tested.name: rows}, choices["reference"])
        found = read_table(compared / COMPARISONS, text=("model",))
        parts.append(table_of(work / WEIGHTS, found).assign(maps=maps))
    write_table(work / TABLE, pd.concat(parts))


def volumes_of(work: Path, tested: Cohort) -> tuple[Grid, dict[str, torch.Tensor]]:
    """Read the maps of a cohort, as networks see them before scaling.

    Args:
        work: Folder of the study, which keeps them in one file.
        tested: The cohort.

    Returns:
        The grid, and of each map the participants in the order of their ids, of shape
        ``participants 1 x y z``.
    """
    maps = Derivatives(tested.folder / DERIVATIVES, SPACE, 2)
    samples = find_samples(read_cohort(tested.folder / COHORT), maps)
    grid = find_grid(samples, maps, crop=True)
    if not (work / "store").is_dir():
        write_store(work / "store", samples, grid)
    store = open_store(work / "store")
    return grid, {
        name: torch.from_numpy(np.asarray(values, dtype=np.float32))[:, None]
        for name, values in (("t1w", store.t1w), ("jsm", store.jsm))
    }


def _kernels(
    work: Path, tested: Cohort, choices: dict[str, Any]
) -> Iterator[tuple[str, dict[str, np.ndarray]]]:
    """Give products of each two participants: of maps, of fresh and learned tokens."""
    grid, volumes = volumes_of(work, tested)
    yield "maps", {name: products(v.flatten(1).numpy()) for name, v in volumes.items()}
    settings = model_choices({**choices["model"], "name": "linear"})
    for name in (choices["reference"], *choices["objectives"]):
        weights = work / WEIGHTS / name
        yield (
            name,
            _tokens(ModelSettings.model_validate(settings), grid, weights, volumes),
        )


def _tokens(
    settings: ModelSettings,
    grid: Grid,
    weights: Path,
    volumes: Mapping[str, torch.Tensor],
) -> dict[str, np.ndarray]:
    torch.manual_seed(0)  # as `crosswarp model pretrain` begins with
    network = build_network(settings, 2, grid.seen_extent)
    if (weights / PRETRAINING).is_file():
        start_from_own(network, settings, weights)
    scalings = dict(zip(("t1w", "jsm"), scalings_of(network), strict=True))
    found = {}
    for name, encoder in encoders_of(network, settings).items():
        batches = zip(*(torch.split(volumes[m], _BATCH) for m in scalings), strict=True)
        with torch.inference_mode():
            tokens = [
                encoder(SEEN[name](scalings["t1w"](t1w), scalings["jsm"](jsm)))
                for t1w, jsm in batches
            ]
        found[name] = products(torch.cat(tokens).flatten(1).numpy())
    return found


def products(rows: np.ndarray) -> np.ndarray:
    """Multiply each two of some rows, their mean taken off."""
    centred = rows.astype(np.float64) - rows.mean(axis=0)
    return np.asarray(centred @ centred.T)


def predicted(
    model: str, kernels: Sequence[np.ndarray], folds: pd.DataFrame, tested: Cohort
) -> pd.DataFrame:
    """Tell diagnoses apart in each fold, by a linear SVM with C = 1.

    Args:
        model: Name in the table.
        kernels: Of each map that is used, products of each two participants.
        folds: As `make_chosen_folds` makes them.
        tested: Cohort of the participants, whom kernels have in the order of their ids.
    """
    people = read_cohort(tested.folder / COHORT).sort_values("participant_id")
    people = people.reset_index(drop=True)
    parts = []
    for _, part in folds.groupby(["repeat", "fold"]):
        names = part.loc[part["split"] == "test", "participant_id"]
        test = people["participant_id"].isin(names).to_numpy()
        kernel = np.sum([scaled(each, ~test) for each in kernels], axis=0)
        known = people["diagnosis"].to_numpy() == "AD"
        machine = SVC(kernel="precomputed", C=1.0)
        machine.fit(kernel[np.ix_(~test, ~test)], known[~test])
        score = machine.decision_function(kernel[np.ix_(test, ~test)])
        chance = 1 / (1 + np.exp(-score))
        columns = ["participant_id", "session_id", "diagnosis", "origin"]
        parts.append(
            people.loc[test, columns].assign(
                model=model,
                repeat=part["repeat"].iloc[0],
                fold=part["fold"].iloc[0],
                split="test",
                probability_CN=1 - chance,
                probability_AD=chance,
            )
        )
    return pd.concat(parts)


def scaled(kernel: np.ndarray, train: np.ndarray) -> np.ndarray:
    """Centre by the training part, and give it a mean variance of 1.

    Args:
        kernel: Products of each two participants.
        train: True for a participant of the training part.
    """
    mean = kernel[:, train].mean(axis=1)
    centred = kernel - mean[:, None] - mean[None] + mean[train].mean()
    return np.asarray(centred / np.diag(centred)[train].mean())


if __name__ == "__main__":
    main(sys.argv[1:])
