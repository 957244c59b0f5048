"""How much faster is the package than the usual way, and where does its time go?

Run from the root of the repository, one question at a time::

    python -m benchmarks.performance reading   # store against files and rotations
    python -m benchmarks.performance steps     # networks against their convolutions
    python -m benchmarks.performance steps-1mm # the same at 1 mm
    python -m benchmarks.performance start-up  # python, import crosswarp, --help
    python -m benchmarks.performance growth    # evaluation of 100 to 10,000 people
    python -m benchmarks.performance chain SCAN OUT   # against ANTs' N4 and SyN
    python -m benchmarks.performance prediction BUNDLE SCAN OUT   # raw, and from maps

The sides of a question take turns in one run, so that their ratio holds on a busy
machine. A table of medians is printed, seconds of the processor with children, and
written as JSON with ``--json``. The tables go into docs/measured/performance.md.
"""

import argparse
import os
import platform
import resource
import subprocess
import sys
import tempfile
from collections.abc import Callable, Sequence
from dataclasses import asdict, dataclass
from functools import partial
from pathlib import Path
from statistics import median
from typing import Any, Final

import numpy as np

from benchmarks.performance_sides import (
    AT_1_MM,
    NETWORKS,
    Side,
    reading_sides,
    step_sides,
)
from crosswarp.files import write_json

PEOPLE: Final = (100, 1_000, 10_000)
"""Participants of the question of growth."""


@dataclass(frozen=True)
class Result:
    """One line of a table.

    Attributes:
        what: Name of the side.
        seconds: Median of the processor's seconds.
        ratio: Those over the first side's.
    """

    what: str
    seconds: float
    ratio: float


def side_by_side(
    sides: dict[str, Side], rounds: int, clock: Callable[[], float] | None = None
) -> list[Result]:
    """Let sides take turns, and give the median of each.

    Args:
        sides: Functions by name; ratios are over the first.
        rounds: Number of turns of each, after one that loads libraries.
        clock: Function that gives seconds; those of the processor when None.
    """
    now = clock or processor_seconds
    taken: dict[str, list[float]] = {name: [] for name in sides}
    for turn in range(rounds + 1):
        for name, side in sides.items():
            started = now()
            side()
            if turn > 0:
                taken[name].append(now() - started)
    middle = {name: median(values) for name, values in taken.items()}
    first = next(iter(middle.values()))
    return [Result(name, value, value / first) for name, value in middle.items()]


def processor_seconds() -> float:
    """Return the seconds of the processor of this process and of ended children."""
    who = (resource.RUSAGE_SELF, resource.RUSAGE_CHILDREN)
    used = [resource.getrusage(each) for each in who]
    return sum(each.ru_utime + each.ru_stime for each in used)


def table(results: Sequence[Result]) -> str:
    """Lay results out as Markdown."""
    rows = [f"| {r.what} | {r.seconds:.4g} | {r.ratio:.3g} |" for r in results]
    return "\n".join(["| | CPU s | ratio |", "| --- | ---: | ---: |", *rows, ""])


def start_up(rounds: int) -> list[Result]:
    """Compare an empty Python with what the package adds to it."""
    words = {
        "python -c pass": ["-c", "pass"],
        "import crosswarp": ["-c", "import crosswarp"],
        "crosswarp --help": ["-m", "crosswarp", "--help"],
    }
    sides: dict[str, Side] = {
        name: partial(
            subprocess.run,
            [sys.executable, *arguments],
            check=True,
            stdout=subprocess.DEVNULL,
        )
        for name, arguments in words.items()
    }
    return side_by_side(sides, rounds)


def reading(rounds: int) -> list[Result]:
    """Compare our store and rotation with two files and ANTs' rotation a sample."""
    with tempfile.TemporaryDirectory() as folder:
        return side_by_side(reading_sides(Path(folder)), rounds)


def steps(rounds: int) -> list[Result]:
    """Compare a training step at 2 mm with its convolutions and products alone."""
    sides = [step_sides(name) for name in NETWORKS]
    return [result for each in sides for result in side_by_side(each, rounds)]


def steps_at_1_mm(rounds: int) -> list[Result]:
    """Compare a training step of one scan at 1 mm with its layers alone."""
    sides = [step_sides(name, 1, 1) for name in AT_1_MM]
    return [result for each in sides for result in side_by_side(each, rounds)]


def growth(
    rounds: int, people: Sequence[int] = PEOPLE, resamples: int = 2000
) -> list[Result]:
    """Compare evaluations of five models over more and more participants.

    Args:
        rounds: Number of turns.
        people: Numbers of participants.
        resamples: Draws of the bootstrap.
    """
    from crosswarp.evaluation.evaluate import evaluate
    from crosswarp.evaluation.predictions import Predictions, check_predictions

    def made(number: int) -> Predictions:
        return check_predictions(_predictions(number), "made up")

    sides: dict[str, Side] = {
        f"{number:,} participants, 5 models": partial(
            evaluate, made(number), resamples=resamples
        )
        for number in people
    }
    return side_by_side(sides, rounds)


def _predictions(number: int, models: int = 5, folds: int = 5) -> Any:  # noqa: ANN401 - pandas
    import pandas as pd

    drawn = np.random.default_rng(0)
    truth = np.arange(number) % 2
    tables = []
    for model in range(models):
        score = truth * 0.8 + drawn.standard_normal(number)
        positive = 1 / (1 + np.exp(-score))
        for split, shift in (("test", 0), ("val", 1)):
            tables.append(
                pd.DataFrame(
                    {
                        "model": f"model{model}",
                        "repeat": 0,
                        "fold": (np.arange(number) // 2 + shift) % folds,
                        "split": split,
                        "participant_id": [f"sub-{n:06d}" for n in range(number)],
                        "session_id": "ses-M00",
                        "diagnosis": np.where(truth, "AD", "CN"),
                        "origin": "virtual",
                        "probability_CN": 1 - positive,
                        "probability_AD": positive,
                    }
                )
            )
    return pd.concat(tables, ignore_index=True)


def chain(rounds: int, scan: Path, out: Path) -> tuple[list[Any], str]:
    """Compare our preprocessing of a scan with the paper's: results and their table."""
    from benchmarks.performance_chain import Task, alike, compare_chains
    from benchmarks.performance_chain import table as laid_out

    task = Task(scan, out)
    costs = compare_chains(task, rounds)
    return costs, laid_out(costs, alike(task))


def prediction(rounds: int, *places: Path) -> tuple[list[Any], str]:
    """Ask a trained model about a raw head and about its maps."""
    from benchmarks.performance_prediction import predictions
    from benchmarks.performance_prediction import table as laid_out

    bundle, scan, out = places
    found = predictions(bundle, scan, out, rounds)
    return found, laid_out(found)


ABOUT_FILES: Final[dict[str, tuple[str, Callable[..., tuple[list[Any], str]]]]] = {
    "chain": ("SCAN OUT", chain),
    "prediction": ("BUNDLE SCAN OUT", prediction),
}
"""Questions about files of one's own: their names, and what answers."""

QUESTIONS: Final[dict[str, Callable[[int], list[Result]]]] = {
    "reading": reading,
    "steps": steps,
    "steps-1mm": steps_at_1_mm,
    "start-up": start_up,
    "growth": growth,
}


def main(words: list[str] | None = None) -> None:
    """Answer one question: print its table, and write it as JSON.

    Args:
        words: Arguments; the command line's when None.
    """
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("question", choices=[*QUESTIONS, *ABOUT_FILES])
    parser.add_argument("paths", type=Path, nargs="*", help="Files, in order.")
    parser.add_argument("--rounds", type=int, default=3, help="Turns of each side.")
    parser.add_argument("--json", type=Path, help="File for the results.")
    given = parser.parse_args(words)
    if given.question in ABOUT_FILES:
        names, answer = ABOUT_FILES[given.question]
        if len(given.paths) != len(names.split()):
            parser.error(f"{given.question} needs {names}")
        results, text = answer(given.rounds, *given.paths)
    else:
        results = QUESTIONS[given.question](given.rounds)
        text = table(results)
    machine = f"{platform.system()} {platform.machine()}, {os.cpu_count()} cores"
    sys.stdout.write(f"{given.question}; {machine}\n\n{text}")
    if given.json is not None:
        rows = [asdict(result) for result in results]
        write_json(given.json, {"machine": machine, given.question: rows})


if __name__ == "__main__":
    main()
