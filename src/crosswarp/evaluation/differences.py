"""All tests of a difference between models, as rows of tables."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Any, Final

from crosswarp.evaluation.family import Family
from crosswarp.statistics.cells import Cell
from crosswarp.statistics.comparison import (
    PERMUTATIONS,
    Difference,
    paired_bootstrap,
    permutation_p,
)
from crosswarp.statistics.corrected_delong import corrected_delong
from crosswarp.statistics.delong import delong
from crosswarp.statistics.metrics import cell_auc
from crosswarp.statistics.resampled_t import (
    corrected_resampled_t,
    fold_differences,
    share_tested,
)
from crosswarp.study.model_metrics import ModelMetrics
from crosswarp.types.scores import Draws, ParticipantWeights

PRIMARY: Final = "corrected DeLong"

TESTS: Final = {
    "difference": (
        "Primary test: AUC over pairs within a fold, model minus reference, with"
        " interval and p of DeLong's test corrected for the variability of training"
        " (Nadeau and Bengio). Asks whether one method is better than the other."
    ),
    "bootstrap": (
        "The same difference, with interval and p of a paired bootstrap over"
        " participants. Takes the trained networks as they are."
    ),
    "permutation": (
        "Paired permutation of within-fold ranks; it has no interval. Takes the"
        " trained networks as they are."
    ),
    "delong": (
        "The same difference, with DeLong's interval and p. Takes the trained"
        " networks as they are."
    ),
    "t": (
        "Mean of the folds' differences in AUC, with the corrected resampled t-test"
        " of Nadeau and Bengio. Accounts for training on other participants."
    ),
}
"""What each group of columns of ``comparisons.tsv`` is."""


@dataclass(frozen=True)
class Differences:
    """A model against the reference by each test; None where one is not defined."""

    primary: Difference | None
    bootstrap: Difference | None
    permutation: float | None
    delong: Difference | None
    resampled_t: Difference | None


def differences_of(
    cells: Sequence[Cell],
    reference: Sequence[Cell],
    weights: ParticipantWeights,
    seed: int,
    permutations: int = PERMUTATIONS,
    areas: tuple[Draws, Draws] | None = None,
) -> Differences:
    """Compare a model with the reference by every test; see their modules.

    Args:
        cells: Cells of the model, sorted as the reference's.
        reference: Cells of the model compared with.
        weights: Weights as `intervals.participant_weights` returns them.
        seed: Random seed of the exchanges.
        permutations: Number of exchanges drawn.
        areas: As for `comparison.paired_bootstrap`.
    """
    people = weights.shape[1]
    return Differences(
        corrected_delong(cells, reference, people),
        paired_bootstrap(cells, reference, weights, areas),
        permutation_p(cells, reference, people, seed, permutations),
        delong(cells, reference, people),
        corrected_resampled_t(
            fold_differences(cells, reference), share_tested(reference)
        ),
    )


def comparison_rows(
    models: Mapping[str, ModelMetrics],
    differences: Mapping[str, Differences],
    family: Family,
    participants: int,
) -> list[dict[str, Any]]:
    """List the rows of ``comparisons.tsv``, the reference first, p not yet corrected.

    Args:
        models: Metrics by the name of the model.
        differences: By model, without the reference.
        family: What each comparison is; see `family.corrected`.
        participants: Number of participants tested.
    """
    rows = []
    against = models[family.reference].overall["roc_auc"]
    for model in [family.reference, *differences]:
        of_model = models[model]
        auc = of_model.overall["roc_auc"]
        row: dict[str, Any] = {
            "model": model,
            "reference": family.reference,
            "auc_mean": of_model.mean["roc_auc"],
            "auc_sd": of_model.sd["roc_auc"],
            "auc": auc and auc.value,
            "auc_low": auc and auc.low,
            "auc_high": auc and auc.high,
        }
        if model in differences:
            row |= {"role": family.role_of(model)} | _tested(differences[model])
            if row["difference"] is None and auc is not None and against is not None:
                # It is there, though it could not be tested.
                row["difference"] = auc.value - against.value
        rows.append(row | {"participants": participants})
    return rows


def _tested(found: Differences) -> dict[str, Any]:
    primary = _columns(found.primary)
    columns = {
        "difference": primary["difference"],
        "difference_low": primary["low"],
        "difference_high": primary["high"],
        "test": found.primary and PRIMARY,
        "p": primary["p"],
        "permutation_p": found.permutation,
    }
    others = {
        "bootstrap": found.bootstrap,
        "delong": found.delong,
        "t": found.resampled_t,
    }
    for test, difference in others.items():
        named = _columns(difference).items()
        columns |= {f"{test}_{name}": value for name, value in named}
    return columns


def _columns(found: Difference | None) -> dict[str, float | None]:
    if found is None:
        return dict.fromkeys(("difference", "low", "high", "p"))
    return {
        "difference": found.auc.value,
        "low": found.auc.low,
        "high": found.auc.high,
        "p": found.p,
    }


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
