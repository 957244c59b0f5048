"""The answer beside those of the same model to people it was not trained on."""

from typing import Final

import numpy as np
from matplotlib.axes import Axes

from crosswarp.figures.panels import titled_panels
from crosswarp.figures.style import BLUE, FAINT, INK, ORANGE, styled
from crosswarp.report.one_scan.source import OneScan
from crosswarp.report.parts import Illustration, Table
from crosswarp.report.wording import interval, number
from crosswarp.statistics.intervals import Estimate
from crosswarp.types.scores import Scores

BINS: Final = 20
"""Of a histogram, over the probabilities from 0 to 1."""

OTHERS: Final = "other classes"


def draw(page: OneScan) -> Illustration:
    """Draw the probability on a scale, before the held-out scans of each class."""
    answer = page.answer
    with styled():
        figure, panels = titled_panels(
            [f"probability of {name}" for name in _shown(page)],
            ("probability", "share of held-out scans"),
            row_height=1.9,
        )
        for axes, name in zip(panels, _shown(page), strict=True):
            _draw(axes, page, name)
    said = "; ".join(
        f"{name} {number(answer.probabilities[answer.classes.index(name)], 2)}"
        for name in _shown(page)
    )
    return Illustration(
        figure,
        "The thick line is this scan's probability; the shade is the range over the"
        " networks. Behind it, the same model's answers to held-out scans, each by a"
        " network that was not trained on the participant, as shares of the scans of a"
        " class. A scan far from both hills is unlike those that the model was tested"
        " on.",
        f"Histograms of the probabilities of held-out scans, and this scan's: {said}.",
    )


def tabulate(page: OneScan) -> Table:
    """Count the held-out scans that look at least as much like each class."""
    answer, held = page.answer, page.held_out
    rows = []
    for name in _shown(page):
        here = answer.probabilities[answer.classes.index(name)]
        for diagnosis in answer.classes:
            scores = _scores(page, name, diagnosis)
            above = int((scores >= here).sum())
            rows.append([name, diagnosis, str(len(scores)), _share(above, len(scores))])
    return Table(
        "Held-out scans with at least this probability",
        ["Probability of", "Diagnosis", "Held-out scans", "At least as high"],
        rows,
        f"{held['diagnosis'].size} answers of single networks, divided by the same"
        f" temperature. {_operating_point(page)}",
    )


def _operating_point(page: OneScan) -> str:
    found = page.run.metrics.models[page.answer.model].overall
    named = [(name, found.get(name)) for name in ("sensitivity", "specificity")]
    known = [(name, value) for name, value in named if isinstance(value, Estimate)]
    if not known:
        return ""
    said = ", ".join(f"{name} {interval(value, 2)}" for name, value in known)
    return f"At the networks' thresholds, over all held-out scans: {said}."


def _shown(page: OneScan) -> tuple[str, ...]:
    """Choose the classes to show: with two, the one is the other's mirror image."""
    classes = page.answer.classes
    return classes[1:] if len(classes) == 2 else classes


def _scores(page: OneScan, name: str, diagnosis: str) -> Scores:
    rows = page.held_out
    scores: Scores = rows.loc[rows["diagnosis"] == diagnosis, name].to_numpy(float)
    return scores


def _draw(axes: Axes, page: OneScan, name: str) -> None:
    answer = page.answer
    index = answer.classes.index(name)
    others = [each for each in answer.classes if each != name]
    groups = [
        (name, ORANGE, _scores(page, name, name)),
        (
            others[0] if len(others) == 1 else OTHERS,
            BLUE,
            np.concatenate([_scores(page, name, each) for each in others]),
        ),
    ]
    edges = np.linspace(0, 1, BINS + 1)
    for label, colour, scores in groups:
        shares = np.full(len(scores), 1 / max(len(scores), 1))
        heights, _ = np.histogram(scores, edges, weights=shares)
        axes.stairs(heights, edges, fill=True, alpha=0.25, color=colour)
        axes.stairs(heights, edges, linewidth=1.2, color=colour, label=label)
    axes.axvspan(
        answer.minimum[index], answer.maximum[index], color=FAINT, alpha=0.25, lw=0
    )
    axes.axvline(answer.probabilities[index], color=INK, linewidth=2.2)
    axes.set(xlim=(-0.01, 1.01), xticks=[0, 0.25, 0.5, 0.75, 1])
    # Beside the title: inside, the shade and the hills would lie over it.
    axes.legend(
        loc="lower right",
        bbox_to_anchor=(1.0, 1.0),
        ncols=2,
        labelcolor="linecolor",
        handlelength=1.2,
    )


def _share(part: int, whole: int) -> str:
    return f"{part} ({100 * part / whole:.0f}\u00a0%)" if whole else "0"
