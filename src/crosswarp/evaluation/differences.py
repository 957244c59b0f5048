"""All tests of a difference between models, as rows of tables."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Any, Final

from crosswarp.evaluation.cells import Cell
from crosswarp.evaluation.comparison import Difference, compare, holm
from crosswarp.evaluation.delong import delong
from crosswarp.evaluation.metrics import cell_auc
from crosswarp.evaluation.resampled_t import corrected_resampled_t, share_tested
from crosswarp.types.scores import ParticipantWeights

PERMUTATION: Final = "paired permutation"

TESTS: Final = {
    "difference": (
        "AUC over pairs within a fold, model minus reference; 95 % interval by paired"
        " bootstrap over participants, p by paired permutation. Takes the trained"
        " networks as they are."
    ),
    "delong": (
        "The same difference, with DeLong's interval and p. Takes the trained"
        " networks as they are."
    ),
    "t": (
        "Mean of the folds' differences in AUC, with the corrected resampled t-test"
        " of Nadeau and Bengio. Allows for training again on other participants."
    ),
}
"""What each group of columns of ``comparisons.tsv`` is."""


@dataclass(frozen=True)
class Differences:
    """A model against the reference by each test; None where one is not defined."""

    permutation: Difference | None
    delong: Difference | None
    resampled_t: Difference | None


def differences_of(
    cells: Sequence[Cell],
    reference: Sequence[Cell],
    weights: ParticipantWeights,
    seed: int,
) -> Differences:
    """Compare a model with the reference by every test; see the three modules."""
    return Differences(
        compare(cells, reference, weights, seed),
        delong(cells, reference, weights.shape[1]),
        corrected_resampled_t(_by_fold(cells, reference), share_tested(reference)),
    )


def _by_fold(cells: Sequence[Cell], reference: Sequence[Cell]) -> list[float]:
    pairs = [
        (cell_auc(cell), cell_auc(other))
        for cell, other in zip(cells, reference, strict=True)
    ]
    return [a - b for a, b in pairs if a is not None and b is not None]


def comparison_rows(
    metrics: Mapping[str, Any], differences: Mapping[str, Differences]
) -> list[dict[str, Any]]:
    """List the rows of ``comparisons.tsv``, the reference first.

    Args:
        metrics: The content of ``metrics.json``.
        differences: By model, without the reference.
    """
    tests = {
        "difference": {name: d.permutation for name, d in differences.items()},
        "delong": {name: d.delong for name, d in differences.items()},
        "t": {name: d.resampled_t for name, d in differences.items()},
    }
    adjusted = {name: _holm(found) for name, found in tests.items()}
    rows = []
    for model in [metrics["reference"], *differences]:
        of_model = metrics["models"][model]
        auc = of_model["overall"]["roc_auc"] or {}
        row = {
            "model": model,
            "reference": metrics["reference"],
            "auc_mean": of_model["mean"]["roc_auc"],
            "auc_sd": of_model["sd"]["roc_auc"],
            "auc": auc.get("value"),
            "auc_low": auc.get("low"),
            "auc_high": auc.get("high"),
        }
        for name, found in tests.items():
            row |= _columns(name, found.get(model), adjusted[name].get(model))
        rows.append(row | {"participants": metrics["participants"]})
    return rows


def _holm(found: Mapping[str, Difference | None]) -> dict[str, float]:
    known = {name: value.p for name, value in found.items() if value is not None}
    return dict(zip(known, holm(list(known.values())), strict=True))


def _columns(
    test: str, found: Difference | None, adjusted: float | None
) -> dict[str, Any]:
    effect = {
        "difference": found and found.auc.value,
        "low": found and found.auc.low,
        "high": found and found.auc.high,
    }
    tail = {"p": found and found.p, "p_holm": adjusted}
    if test == "difference":
        named = {
            "difference": effect["difference"],
            "difference_low": effect["low"],
            "difference_high": effect["high"],
            "test": found and PERMUTATION,
        }
        return named | tail
    return {f"{test}_{name}": value for name, value in (effect | tail).items()}


def fold_rows(
    cells: Sequence[Cell], reference: Sequence[Cell], people: int
) -> list[dict[str, Any]]:
    """List the rows of ``fold_differences.tsv``: DeLong within each fold."""
    rows = []
    for cell, other in zip(cells, reference, strict=True):
        auc = cell_auc(cell)
        auc_reference = cell_auc(other)
        if auc is None or auc_reference is None:
            continue
        found = delong([cell], [other], people)
        rows.append(
            {
                "repeat": cell.repeat,
                "fold": cell.fold,
                "scans": len(cell.truth),
                "auc": auc,
                "auc_reference": auc_reference,
                "difference": auc - auc_reference,
                "low": found and found.auc.low,
                "high": found and found.auc.high,
                "p": found and found.p,
            }
        )
    return rows
