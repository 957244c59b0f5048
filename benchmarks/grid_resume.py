"""Does a comparison that is killed on the way end as the undisturbed one?

Run from the root of the repository: ``python -m benchmarks.grid_resume WORK``. It makes
24 virtual participants at 2 mm in WORK (or takes ``--cohort`` and ``--derivatives``),
and trains 12 networks on 5 folds three times: by one worker, by two, and by two whose
program is killed (SIGKILL) twice. Each part is resumed when the command is given again.
What it prints goes into docs/measured/training.md.
"""

import argparse
import signal
import subprocess
import sys
import time
from collections.abc import Callable, Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import Any, Final

import yaml

from crosswarp.bids.cohort import make_cohort, read_cohort, write_cohort
from crosswarp.bids.dataset import find_scans
from crosswarp.bids.tables import read_table
from crosswarp.documents import read_json
from crosswarp.files import file_digest, write_json
from crosswarp.inputs.folds import make_folds, write_folds
from crosswarp.preprocessing.cohort import preprocess_cohort
from crosswarp.preprocessing.settings import PreprocessSettings
from crosswarp.simulation.cohort import simulate_cohort
from crosswarp.simulation.presets import preset_settings
from crosswarp.study.names import PREDICTIONS
from crosswarp.training.experiment import read_experiment
from crosswarp.training.plan import plan_run

FOLDS: Final = 5

_FUSED: Final = "compact_cross_attention"

MODELS: Final[tuple[str | Mapping[str, Any], ...]] = (
    _FUSED,
    "compact_cross_attention_t1w_query",
    "compact_concatenation",
    "compact_stacked",
    "compact_t1w",
    "compact_jsm",
    {"like": _FUSED, "name": "both_queries", "query": "both"},
    {"like": _FUSED, "name": "mean_pooling", "pooling": "mean"},
    {"like": _FUSED, "name": "place_pooling", "pooling": "place"},
    {"like": _FUSED, "name": "dropout", "dropout": 0.2},
    {"like": _FUSED, "name": "batch_norm", "norm": "batch"},
    {"like": "compact_jsm", "name": "voxel_scaling", "standardise": "voxel"},
)

TRAINING: Final = {
    "batch_size": 4,
    "learning_rate": [1.0e-3, 3.0e-3],
    "optimiser": "adamw",
    "schedule": "one_cycle",
    "augmentation": {"rotation_degrees": 1, "flip": True},
}


@dataclass(frozen=True)
class Grid:
    """The comparison on disk.

    Attributes:
        work: Folder of everything.
        experiment: Its file.
        cells: How many.
    """

    work: Path
    experiment: Path
    cells: int

    def compare(self, name: str, workers: int, kills: int = 0) -> str:
        """Run the comparison to its end and return the digest of its predictions."""
        run, record = self.work / name, self.work / f"{name}.json"
        if record.is_file():
            return str(read_json(record)["digest"])
        started, kept = time.monotonic(), []
        for number in range(1, kills + 1):
            wanted = number * self.cells // (kills + 1)
            if done(run) < wanted:
                kept.append(self._killed(run, workers, wanted))
        self._start(run, workers).wait()
        ledger = read_table(run / "ledger.tsv")
        found = {
            "digest": file_digest(run / PREDICTIONS),
            "cells": int((ledger["status"] == "ok").sum()),
            "seconds": round(time.monotonic() - started),
            "killed_at": kept,
        }
        write_json(record, found)
        return str(found["digest"])

    def _killed(self, run: Path, workers: int, wanted: int) -> dict[str, int]:
        """Kill the program when so many cells are done and one has begun."""
        program = self._start(run, workers)
        begun = 0
        while done(run) < wanted or not begun:
            if program.poll() is not None:
                sys.exit("the comparison ended before it could be killed")
            time.sleep(0.02)
            begun = len(list(run.glob("models/*/.unfinished-*/[!.]*.ckpt")))
        program.send_signal(signal.SIGKILL)
        program.wait()
        return {"cells_done": done(run), "cells_begun": begun}

    def _start(self, run: Path, workers: int) -> "subprocess.Popen[bytes]":
        words = ["compare", self.experiment, run, "--workers", workers, "--quiet"]
        command = [sys.executable, "-m", "crosswarp", *map(str, words)]
        return subprocess.Popen(command)


def done(run: Path) -> int:
    """Count the cells that are done."""
    return len(list(run.glob("models/*/repeat-*/done.json")))


def prepare(given: argparse.Namespace) -> Grid:
    """Make what is trained on, and the experiment file."""
    work: Path = given.work
    cohort, derivatives = given.cohort, given.derivatives
    if cohort is None:
        cohort, derivatives = _virtual(work, given.participants)
    table = read_cohort(cohort).groupby("diagnosis").head(given.participants // 2)
    write_cohort(work / "cohort.tsv", table)
    write_folds(work / "folds.tsv", make_folds(table, folds=FOLDS))
    experiment = work / "experiment.yaml"
    choices = {
        "name": "grid",
        "cohort": "cohort.tsv",
        "derivatives": str(derivatives.resolve()),
        "folds": "folds.tsv",
        "models": list(MODELS),
        "volume_baselines": False,  # cells of networks are counted
        "training": {**TRAINING, "epochs": given.epochs},
    }
    experiment.write_text(yaml.safe_dump(choices))
    plan = plan_run(read_experiment(experiment))
    sys.stdout.write(plan.summary() + "\n")
    return Grid(work, experiment, len(plan.cells(work)))


def _virtual(work: Path, participants: int) -> tuple[Path, Path]:
    raw, derivatives = work / "bids", work / "derivatives"
    simulate_cohort(raw, preset_settings("easy", participants=participants, seed=0))
    settings = PreprocessSettings(resolution=2)
    preprocess_cohort(find_scans(raw), derivatives, settings)
    write_cohort(work / "all.tsv", make_cohort(raw).table)
    return work / "all.tsv", derivatives


def main() -> None:
    """Run all three and print what came of them as Markdown."""
    parser = argparse.ArgumentParser()
    parser.add_argument("work", type=Path)
    parser.add_argument("--participants", type=int, default=24)
    parser.add_argument("--epochs", type=int, default=3)
    parser.add_argument("--cohort", type=Path)
    parser.add_argument("--derivatives", type=Path)
    given = parser.parse_args()
    given.work.mkdir(parents=True, exist_ok=True)
    grid = prepare(given)
    runs: dict[str, Callable[[], str]] = {
        "one": lambda: grid.compare("one", workers=1),
        "two": lambda: grid.compare("two", workers=2),
        "killed": lambda: grid.compare("killed", workers=2, kills=2),
    }
    digests = {name: run() for name, run in runs.items()}
    write = sys.stdout.write
    write("\n| run | cells | seconds | killed at | predictions.tsv |\n")
    write("| --- | ---: | ---: | --- | --- |\n")
    for name in runs:
        found = read_json(grid.work / f"{name}.json")
        at = ", ".join(
            f"{kill['cells_done']} done, {kill['cells_begun']} begun"
            for kill in found["killed_at"]
        )
        write(
            f"| {name} | {found['cells']} | {found['seconds']} | {at or 'not'} |"
            f" {found['digest']} |\n"
        )
    same = len(set(digests.values())) == 1
    write(f"\nThe same predictions: {'yes' if same else 'NO'}\n")
    sys.exit(0 if same else 1)


if __name__ == "__main__":
    main()
