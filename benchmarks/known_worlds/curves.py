"""Learning curves in a known world: the same participants tested, more to train on.

Run from the root of the repository, as often as needed (what is done stays as it is)::

    python -m benchmarks.known_worlds.curves WORK world=both seed=41 seed=42 seed=43
    python -m benchmarks.known_worlds.curves TABLE.tsv WORK...     # the table alone

The cohorts of all seeds are one, in three folds: the 96 of a fold are tested by models
that were trained on the first 24, 48, 96 and 192 of the others, as many of either
diagnosis. ``participants=96`` is the size of each cohort and ``workers=2`` the number
of processes that make maps, ``size=24`` trains on that many alone, ``network=NAME``
that network and the linear models alone; ``world=``, ``size=`` and ``network=`` can be
repeated. Models and training are those of ``study.yml``.
"""

import sys
from collections.abc import Iterator, Mapping, Sequence
from pathlib import Path
from typing import Any, Final

import pandas as pd
import yaml

from benchmarks.known_worlds.cohort import ORACLE, make_world
from benchmarks.known_worlds.results import (
    CHOICES,
    fold_areas,
    oracle_areas,
    summary,
    tested_rows,
)
from benchmarks.known_worlds.words import words_of
from benchmarks.models import Cohort, link_maps
from crosswarp.bids.cohort import read_cohort, write_cohort
from crosswarp.bids.tables import read_table, write_table
from crosswarp.inputs.folds import make_folds, write_folds
from crosswarp.study.names import COHORT, DERIVATIVES, FOLDS
from crosswarp.training.cross_validation import cross_validate
from crosswarp.training.experiment import Experiment, read_experiment

PARTICIPANTS: Final = 96

SIZES: Final = (24, 48, 96, 192)
"""Participants to train on."""

NETWORKS: Final = (
    "patterns_crossed",
    "patterns_added",
    "patterns_t1w",
    "cross_attention",
    "early_fusion",
)
"""By their names in ``study.yml``: the best of `both` and `relation`, and the paper's
fusion."""

BASELINES: Final = ("svm_both",)


def main(arguments: Sequence[str]) -> None:
    """Make what is left to make and train what is left to train, or write the table."""
    if arguments[0].endswith(".tsv"):
        table, *works = map(Path, arguments)
        write_table(table, pd.DataFrame(row for work in works for row in rows_of(work)))
        return
    work = Path(arguments[0])
    asked = words_of(arguments[1:])
    participants = (
        int(asked["participants"][0]) if asked["participants"] else PARTICIPANTS
    )
    workers = int(asked["workers"][0]) if asked["workers"] else 1
    choices = yaml.safe_load(CHOICES.read_text(encoding="utf-8"))
    for world in asked["world"] or ["both", "relation"]:
        cohorts = [
            make_world(work, world, participants, int(seed), workers=workers)
            for seed in asked["seed"] or ["41", "42", "43"]
        ]
        pooled = pool(work / f"pooled-{world}", cohorts)
        for size in map(int, asked["size"] or map(str, SIZES)):
            networks = asked["network"] or NETWORKS
            train_on(work / f"curves-{world}", pooled, size, choices, networks)


def pool(folder: Path, cohorts: Sequence[Path]) -> Path:
    """Make one cohort of several, whose maps are links.

    Args:
        folder: Where to.
        cohorts: Folders as `make_world` leaves them.

    Returns:
        The folder, like theirs.
    """
    people, oracles = [], []
    for cohort in (Cohort("report", path.resolve()) for path in cohorts):
        link_maps(cohort, folder / DERIVATIVES)
        people.append(cohort.renamed(read_cohort(cohort.folder / COHORT)))
        oracles.append(cohort.renamed(read_table(cohort.folder / ORACLE)))
    write_cohort(folder / COHORT, pd.concat(people, ignore_index=True))
    write_table(folder / ORACLE, pd.concat(oracles))
    return folder


def train_on(
    study: Path,
    cohort: Path,
    size: int,
    choices: Mapping[str, Any],
    networks: Sequence[str] = NETWORKS,
) -> None:
    """Train and test the models of a curve on one number of participants.

    Each fold is a run of its own: who is not trained on in one fold is tested in
    another, and a table of folds has everybody in every fold.

    Args:
        study: Folder of the runs, one a size and fold.
        cohort: Folder of a world, as `make_world` leaves it.
        size: Participants to train on, half of either diagnosis.
        choices: As in ``study.yml``: number of folds, models and their training.
        networks: Which of the models; `BASELINES` stand beside them.

    Raises:
        ValueError: If a fold has fewer participants to train on.
    """
    people = read_cohort(cohort / COHORT)
    for fold, dealt in first_of_folds(people, choices["folds"], size):
        run = study / f"{size:03d}-{fold}"
        run.mkdir(parents=True, exist_ok=True)
        kept = people["participant_id"].isin(dealt["participant_id"])
        write_cohort(run / COHORT, people[kept])
        write_folds(run / FOLDS, dealt)
        cross_validate(experiment_of(run, cohort, choices, networks), run / "curve")


def experiment_of(
    run: Path, cohort: Path, choices: Mapping[str, Any], networks: Sequence[str]
) -> Experiment:
    """Write and read the experiment of a folder that has a cohort and folds.

    Args:
        run: Folder with ``cohort.tsv`` and ``folds.tsv``.
        cohort: Folder of a world, whose maps are meant.
        choices: As in ``study.yml``: the seed, models and their training.
        networks: Which of the models; `BASELINES` stand beside them.
    """
    models = {
        model["name"]: (model, stage["training"])
        for stage in choices["stages"]
        for model in stage["models"]
    }
    experiment = {
        "name": f"{run.parent.name}, {run.name}",
        "seed": choices["seed"],
        "cohort": COHORT,
        "derivatives": str((cohort / DERIVATIVES).resolve()),
        "folds": FOLDS,
        "models": [models[name][0] for name in networks],
        "baselines": list(BASELINES),
        "volume_baselines": False,  # on virtual participants they know the answer
        "training": models[networks[0]][1],
    }
    path = run / "experiment.yaml"
    path.write_text(yaml.safe_dump(experiment), encoding="utf-8")
    return read_experiment(path)


def first_of_folds(
    people: pd.DataFrame, folds: int, size: int
) -> Iterator[tuple[int, pd.DataFrame]]:
    """Give each fold with the first of its participants to train on.

    Smaller sizes are parts of larger ones, and all sizes are tested on the same.

    Args:
        people: Scans of a cohort, one a participant.
        folds: Number of folds.
        size: Participants to train on, half of either diagnosis.

    Yields:
        Number of the fold and its table, the only fold of that table.

    Raises:
        ValueError: If a fold has fewer participants of a diagnosis to train on.
    """
    diagnoses = people.set_index("participant_id")["diagnosis"]
    for fold, dealt in make_folds(people, folds, validation_fraction=0.0).groupby(
        "fold"
    ):
        trained = dealt[dealt["split"] == "train"].sort_values("participant_id")
        kinds = trained["participant_id"].map(diagnoses)
        first = trained[trained.groupby(kinds).cumcount() < size // 2]
        if len(first) < size:
            msg = (
                f"{size} participants to train on are more than the {len(trained)} of a"
                " fold; make a larger cohort"
            )
            raise ValueError(msg)
        yield int(str(fold)), pd.concat([first, dealt[dealt["split"] == "test"]])


def rows_of(work: Path) -> list[dict[str, Any]]:
    """List the AUC of each model by world and number of participants to train on.

    Args:
        work: Folder of a study, finished or not.

    Returns:
        Mean and SD over the folds that are there, and their number; a row of the
        oracle for each number.
    """
    rows = []
    for study in sorted(work.glob("curves-*")):
        world = study.name.removeprefix("curves-")
        known = work / f"pooled-{world}" / ORACLE
        for size in sorted({path.name[:3] for path in study.glob("*-*")}):
            areas = []
            for path in sorted(study.glob(f"{size}-*")):
                tested = tested_rows(path)
                if len(tested):
                    areas += [fold_areas(tested), oracle_areas(known, tested)]
            for model, part in pd.concat(areas).groupby("model") if areas else ():
                start = {"world": world, "trained_on": int(size)}
                rows.append({**start, **summary(str(model), part["auc"])})
    return rows


if __name__ == "__main__":
    main(sys.argv[1:])
