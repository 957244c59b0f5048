"""What do numbers fitted on a few validation scans do to a model's probabilities?

Run from the root of the repository: ``python -m benchmarks.temperature 400``. The
argument is the number of draws; the tables go into docs/explanation/statistics.md.

Log odds of two classes are normal with equal variance, so that a model that gives them
is right; one that gives them times T is too sure of itself by T. Each draw fits on the
validation scans of one fold or five, and is judged on 20,000 scans of other people.
"""

import sys
from collections.abc import Callable
from dataclasses import dataclass
from typing import Final

import numpy as np
from scipy.optimize import minimize_scalar
from scipy.special import expit, log_expit

from crosswarp.baselines.calibration import Platt
from crosswarp.statistics.temperature import LIMITS, fit_temperature
from crosswarp.statistics.thresholds import choose_threshold

TESTED: Final = 20_000
FOLDS: Final = 5
DISTANCES: Final = {0.80: 1.19, 0.967: 2.6}
"""Distance of the classes' means, by the AUC that it gives."""


@dataclass(frozen=True)
class Scans:
    """Log odds of scans and which of them are positive."""

    logits: np.ndarray
    positive: np.ndarray

    @classmethod
    def draw(
        cls, rng: np.random.Generator, each: int, distance: float, sure: float
    ) -> "Scans":
        """Draw as many scans of each class."""
        positive = np.repeat([False, True], each)
        place = rng.normal(size=2 * each) + distance * (positive - 0.5)
        return cls(sure * distance * place, positive)

    def loss(self, temperature: float) -> float:
        """Mean log loss of the log odds divided by a temperature."""
        signed = np.where(self.positive, self.logits, -self.logits)
        return float(-log_expit(signed / temperature).mean())

    def balanced_accuracy(self, threshold: float) -> float:
        """Mean of sensitivity and specificity."""
        right = (expit(self.logits) >= threshold) == self.positive
        return float((right[self.positive].mean() + right[~self.positive].mean()) / 2)


def joined(parts: list[Scans]) -> Scans:
    """Put scans together."""
    return Scans(
        np.concatenate([part.logits for part in parts]),
        np.concatenate([part.positive for part in parts]),
    )


def likeliest(scans: Scans) -> float:
    """Fit a temperature without a prior, as Guo et al. do."""
    low, high = np.log(LIMITS)
    found = minimize_scalar(
        lambda log: scans.loss(float(np.exp(log))), bounds=(low, high), method="bounded"
    )
    return float(np.exp(found.x))


def shrunk(scans: Scans) -> float:
    """Fit a temperature as the evaluation does."""
    probabilities = np.column_stack([expit(-scans.logits), expit(scans.logits)])
    return fit_temperature(scans.positive.astype(np.int64), probabilities).value


METHODS: Final[dict[str, Callable[[list[Scans]], float]]] = {
    "not scaled": lambda _: 1.0,
    "one fold": lambda folds: likeliest(folds[0]),
    "one fold, shrunk": lambda folds: shrunk(folds[0]),
    "five folds": lambda folds: likeliest(joined(folds)),
    "five folds, shrunk": lambda folds: shrunk(joined(folds)),
}


def temperatures(draws: int, each: int, distance: float, sure: float) -> list[str]:
    """Return a row: mean log loss by method, and how often it is 0.01 worse."""
    rng = np.random.default_rng(0)
    tested = Scans.draw(rng, TESTED // 2, distance, sure)
    losses: dict[str, list[float]] = {name: [] for name in METHODS}
    for _ in range(draws):
        folds = [Scans.draw(rng, each, distance, sure) for _ in range(FOLDS)]
        for name, method in METHODS.items():
            losses[name].append(tested.loss(method(folds)))
    unscaled = losses["not scaled"][0]
    cells = []
    for found in losses.values():
        worse = np.mean(np.array(found) > unscaled + 0.01)
        cells.append(f"{np.mean(found):.3f} ({100 * worse:.0f})")
    cells[0] = f"{unscaled:.3f}"
    return cells


def decisions(draws: int, each: int, distance: float) -> list[str]:
    """Return a row: balanced accuracy at 0.5, at Youden's threshold, Platt's loss."""
    rng = np.random.default_rng(0)
    tested = Scans.draw(rng, TESTED // 2, distance, 1.0)
    chosen, losses = [], []
    for _ in range(draws):
        few = Scans.draw(rng, each, distance, 1.0)
        threshold = choose_threshold(few.positive, expit(few.logits)).value
        chosen.append(tested.balanced_accuracy(threshold))
        platt = Platt(few.logits, few.positive)(tested.logits)
        losses.append(-np.log(np.where(tested.positive, platt, 1 - platt)).mean())
    return [
        f"{tested.balanced_accuracy(0.5):.3f}",
        f"{np.mean(chosen):.3f} ± {np.std(chosen):.3f}",
        f"{tested.loss(1.0):.3f}",
        f"{np.mean(losses):.3f}",
        f"{np.max(losses):.3f}",
    ]


def main(draws: int) -> None:
    """Print the tables as Markdown."""
    write = sys.stdout.write
    write(f"{draws} draws a row; log loss, and in how many % it is worse by 0.01.\n\n")
    write("| validation | AUC | T | " + " | ".join(METHODS) + " |\n")
    write("| --- | ---: |" + " ---: |" * (1 + len(METHODS)) + "\n")
    for area, distance in DISTANCES.items():
        for each in (12, 25):
            for sure in (0.5, 1.0, 2.0, 4.0):
                cells = temperatures(draws, each, distance, sure)
                first = f"{each} + {each} | {area:.2f} | {sure:g}"
                write(f"| {first} | {' | '.join(cells)} |\n")
    write("\n| validation | AUC | at 0.5 | Youden ± SD | log loss | Platt | worst |\n")
    write("| --- |" + " ---: |" * 6 + "\n")
    for area, distance in DISTANCES.items():
        for each in (12, 25, 50):
            cells = decisions(draws, each, distance)
            write(f"| {each} + {each} | {area:.2f} | {' | '.join(cells)} |\n")


if __name__ == "__main__":
    main(int(sys.argv[1]) if len(sys.argv) > 1 else 400)
