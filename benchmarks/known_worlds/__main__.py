"""Every fusion in every known world, against an oracle.

Run from the root of the repository, as often as needed (what is done stays as it is)::

    python -m benchmarks.known_worlds WORK world=both seed=21 seed=22 seed=23

``world=`` can be repeated (all five when left out), ``participants=96`` is the size of
a cohort, ``stage=NAME`` runs one stage of ``study.yml`` alone, ``workers=2`` makes maps
in as many processes, ``device=auto`` trains on a GPU where there is one, ``head=NAME``
takes other real heads (repeatable). WORK gets a folder of maps for each world and seed,
a study for each world, and ``worlds.tsv`` with the AUC of each model in each world
beside the oracle's on the same participants.

``maps=scanned`` takes the maps that the chain makes of scans in place of the true ones:
some 30 seconds a participant in place of five. Its cohorts, studies and table are in
``WORK/scanned``.

``leave_one_out=head`` tests the participants from each real head in turn, by models
that have seen none from it; its studies and its table have names of their own.
"""

import sys
from collections.abc import Callable, Sequence
from pathlib import Path
from typing import Any, Final

import pandas as pd
import yaml

from benchmarks.known_worlds.cohort import make_world
from benchmarks.known_worlds.results import CHOICES, world_rows
from benchmarks.known_worlds.scanned import SCANNED, make_scanned_world
from benchmarks.known_worlds.words import words_of
from benchmarks.models import Cohort, train
from crosswarp.bids.tables import write_table
from crosswarp.simulation.settings import HEAD_NAMES
from crosswarp.simulation.worlds import WORLDS

TABLE: Final = "worlds.tsv"
PARTICIPANTS: Final = 96


def main(arguments: Sequence[str]) -> None:
    """Make what is left to make, train what is left to train, write the table."""
    work = Path(arguments[0])
    asked = words_of(arguments[1:])
    choices = yaml.safe_load(CHOICES.read_text(encoding="utf-8"))
    size = int(asked["participants"][0]) if asked["participants"] else PARTICIPANTS
    workers = int(asked["workers"][0]) if asked["workers"] else 1
    for stage in choices["stages"] if asked["device"] else ():
        stage["training"] = {**stage["training"], "device": asked["device"][0]}
    heads = tuple(asked["head"]) or HEAD_NAMES[:2]
    end = ""
    if asked["leave_one_out"]:
        (column,) = asked["leave_one_out"]
        choices |= {"leave_one_out": column, "folds": len(heads)}
        end = f"-by-{column}"
    make, place = _maker(work, asked["maps"])
    rows: list[dict[str, Any]] = []
    for world in asked["world"] or list(WORLDS):
        cohorts = [
            Cohort("report", folder.resolve())
            for folder in (
                make(place, world, size, int(seed), heads, workers)
                for seed in asked["seed"] or ["21"]
            )
        ]
        study = place / f"study{end}-{world}-{size}"
        for stage in choices["stages"]:
            if asked["stage"] and stage["name"] not in asked["stage"]:
                continue
            for cohort in cohorts:
                train(study, cohort, stage, choices)
        rows += world_rows(study, world, choices)
    write_table((place / TABLE).with_stem(f"worlds{end}"), pd.DataFrame(rows))


def _maker(work: Path, maps: Sequence[str]) -> tuple[Callable[..., Path], Path]:
    """Choose what makes the maps, and where their studies are."""
    if not maps:
        return make_world, work
    if maps[0] != SCANNED:
        msg = f"maps={maps[0]}: only maps={SCANNED} are others than the true ones"
        raise ValueError(msg)
    return make_scanned_world, work / SCANNED


if __name__ == "__main__":
    main(sys.argv[1:])
