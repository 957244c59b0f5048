"""From a download of ADNI to the comparison of models, on virtual participants.

Run from the root of the repository: ``python -m benchmarks.adni_way OUT``. It makes
virtual heads (`crosswarp simulate`), writes a download of ADNI of them (DICOM, tables
of the generation since 2024-10, and what an importer must leave out), and then does
what a user does: ``crosswarp init --archive adni``, ``crosswarp run``. The study is a
coarse one, so that it ends in minutes; ``--paper`` takes the paper's comparison as
`init` writes it, which takes days. The figures that it prints last go into
docs/how-to/archives.md. Virtual participants: no figure says anything about
diagnostic accuracy.
"""

import argparse
import json
import sys
from collections import Counter
from pathlib import Path
from typing import Any, Final

import pandas as pd
import yaml

from benchmarks.virtual_adni.people import expected, people_of
from benchmarks.virtual_adni.write import ORIGIN, write_adni
from crosswarp.cli.main import app
from crosswarp.study.names import (
    COHORT,
    COMPARISONS,
    EXCLUDED,
    REPORT,
    STUDY,
    STUDY_RECORD,
)

HEADS: Final = 24

COARSE: Final[dict[str, Any]] = {
    "preprocessing": {"resolution": 2, "registration": "greedy"},
    "folds": {"folds": 3, "validation_fraction": 0.25},
    "models": ["compact_cross_attention", "compact_jsm"],
    "baselines": ["svm_jsm"],
    "training": {
        "epochs": 10,
        "batch_size": 4,
        "learning_rate": 1.0e-3,
        "optimiser": "adamw",
        "schedule": "one_cycle",
        "weight_decay": 0.01,
        "selection": "last",
        "augmentation": {"rotation_degrees": 0},
    },
}
"""What replaces the choices of the study file that `init` writes."""


def main() -> None:
    """Do all of it; the same command resumes."""
    parser = argparse.ArgumentParser(prog="python -m benchmarks.adni_way")
    parser.add_argument("out", type=Path)
    parser.add_argument("--heads", type=int, default=HEADS)
    parser.add_argument("--workers", type=int, default=1)
    parser.add_argument("--paper", action="store_true")
    given = parser.parse_args()
    heads, download = given.out / "heads", given.out / "download" / "ADNI"
    crosswarp(
        *("simulate", heads, "--participants", given.heads),
        *("--workers", given.workers, "--quiet"),
    )
    people = people_of(heads)
    if not download.is_dir():
        write_adni(download, people)
    file = given.out / "study" / STUDY
    if not file.is_file():
        kind = ["--paper"] if given.paper else []
        crosswarp("init", file.parent, "--archive", "adni", download, *kind)
        choose(file, {} if given.paper else COARSE, download.parent / ORIGIN)
    crosswarp("run", file, "--check")
    crosswarp("run", file, "--workers", given.workers, "--quiet")
    say(*figures(file.parent, expected(people)))


def crosswarp(*words: object) -> None:
    """Type a command."""
    typed = [str(word) for word in words]
    say(f"$ crosswarp {' '.join(typed)}")
    app(typed, standalone_mode=False)


def choose(file: Path, choices: dict[str, Any], origin: Path) -> None:
    """Change a study file as a user would with an editor.

    Args:
        file: Study file that `crosswarp init` wrote.
        choices: Sections that replace those of the file.
        origin: Table that says who is virtual.
    """
    study = yaml.safe_load(file.read_text(encoding="utf-8"))
    study.update(choices)
    study["cohort"]["tables"] = [str(origin.resolve())]
    file.write_text(yaml.safe_dump(study, sort_keys=False), encoding="utf-8")


def figures(out: Path, wanted: dict[str, str]) -> list[str]:
    """Say what came of it, and refuse a cohort with a wrong label.

    Args:
        out: Folder of the study.
        wanted: The right diagnosis by participant.

    Returns:
        Lines to print.

    Raises:
        ValueError: If a participant is missing, too many or mislabelled.
    """
    cohort = pd.read_csv(out / COHORT, sep="\t")
    got = dict(zip(cohort["participant_id"], cohort["diagnosis"], strict=True))
    if got != wanted:
        wrong = sorted(
            {who for who in {*got, *wanted} if got.get(who) != wanted.get(who)}
        )
        msg = f"wrong in the cohort: {', '.join(wrong)}"
        raise ValueError(msg)
    excluded = pd.read_csv(out / EXCLUDED, sep="\t")
    steps = json.loads((out / STUDY_RECORD).read_text(encoding="utf-8"))["steps"]
    compared = pd.read_csv(out / "run" / COMPARISONS, sep="\t")
    return [
        f"{len(cohort)} scans, every diagnosis right; {len(excluded)} rows excluded:",
        *(f"  {n} {reason}" for reason, n in Counter(excluded["reason"]).items()),
        *(f"{name}: {step['seconds']:.0f} s" for name, step in steps.items()),
        compared.to_string(index=False),
        f"report: {out / 'run' / REPORT}",
    ]


def say(*lines: str) -> None:
    """Print lines."""
    sys.stdout.write("".join(f"{line}\n" for line in lines))
    sys.stdout.flush()


if __name__ == "__main__":
    main()
