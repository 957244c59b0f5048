"""What a reader must know before believing the numbers."""

from collections.abc import Iterable, Iterator, Mapping, Sequence
from typing import Any, Final

import numpy as np
import pandas as pd

from crosswarp.evaluation.context import HELD_OUT, SIZES, Context
from crosswarp.evaluation.encoding import described
from crosswarp.evaluation.predictions import CELL, SCAN, Predictions
from crosswarp.statistics.cells import Cell, People
from crosswarp.statistics.intervals import Estimate, can_vary
from crosswarp.study.metrics import CovariateModel, Metrics, VolumeModels
from crosswarp.study.records import RunRecord

FEW_A_CLASS = 5
"""Test scans of a class in a fold below which its own AUC is a coarse number."""

FEW_PARTICIPANTS = 50
"""Participants below which percentile intervals of AUC tend to be too narrow."""

TOO_GOOD: Final = {frozenset({"CN", "AD"}): 0.95, frozenset({"CN", "MCI"}): 0.80}
"""AUC above which leakage is likelier than skill, from one T1w scan.

Wen et al. (2020), Medical Image Analysis 63, 101694, list published results by their
risk of leakage; without it CN and AD stay below the first.
"""

PARTICIPANTS_NAMED: Final = 5


def red_flags(
    predictions: Predictions,
    cells: Sequence[Cell],
    people: People,
    folds: pd.DataFrame | None = None,
) -> list[str]:
    """List plain sentences about the design; empty when nothing stands out.

    Args:
        predictions: All of them.
        cells: Of one model: every model has the same scans and folds.
        people: Who was tested.
        folds: The fold table, which may say what a test part has in common; None
            without one.
    """
    found = []
    held_out = _held_out(folds)
    smallest = {
        f"repeat {cell.repeat} fold {cell.fold}{held_out.get(_key(cell), '')}": int(
            np.bincount(cell.truth, minlength=len(predictions.classes)).min()
        )
        for cell in cells
    }
    empty = [where for where, scans in smallest.items() if scans == 0]
    few = [where for where, scans in smallest.items() if 0 < scans < FEW_A_CLASS]
    if empty:
        found.append(f"No AUC where a class has no test scan: {', '.join(empty)}.")
    if few:
        found.append(
            f"{len(few)} of {len(cells)} folds have fewer than {FEW_A_CLASS} test scans"
            " of a class: the AUC of such a fold alone is coarse."
        )
    alone = [
        where
        for where, cell in zip(smallest, cells, strict=True)
        if held_out and _has_single_participant(cell)
    ]
    if alone:
        found.append(
            "No primary test and no DeLong interval: a class has a single test"
            f" participant in {', '.join(alone)}. Hold small sites out together (a"
            " column with groups of sites), or leave them out."
        )
    if not can_vary(people):
        found.append(
            "No intervals: at least half of a class are alone in their fold and class,"
            " so a bootstrap within folds cannot vary. Use fewer folds."
        )
    elif len(people.ids) < FEW_PARTICIPANTS:
        found.append(
            f"{len(people.ids)} participants: intervals of so few tend to be too"
            " narrow."
        )
    return found


def _held_out(folds: pd.DataFrame | None) -> dict[tuple[int, int], str]:
    """Name what the test part of each fold has in common, where the table says so."""
    if folds is None or HELD_OUT not in folds:
        return {}
    named = folds.dropna(subset=[HELD_OUT]).drop_duplicates(CELL)
    return {
        (int(repeat), int(fold)): f" ({value})"
        for repeat, fold, value in named[[*CELL, HELD_OUT]].itertuples(index=False)
    }


def _key(cell: Cell) -> tuple[int, int]:
    return cell.repeat, cell.fold


def _has_single_participant(cell: Cell) -> bool:
    """Whether one participant stands alone against others, so that nothing varies."""
    return any(
        len(np.unique(cell.participants[side])) == 1
        for positive, _ in cell.problems()
        if positive.any() and not positive.all()
        for side in (positive, ~positive)
    )


def failed_flags(record: RunRecord) -> list[str]:
    """Say which folds of networks are missing since they failed in training.

    Args:
        record: Record of the run.
    """
    failed = record.failed
    if not failed:
        return []
    return [
        f"{len(failed)} folds of models failed in training and are not in these"
        f" figures: {named(failed)}. `crosswarp compare` does what is missing."
    ]


def fold_flags(predictions: Predictions, folds: pd.DataFrame | None) -> list[str]:
    """Say where the predictions do not follow the fold table.

    Participants tested twice, or validated and tested in one fold, were refused when
    the predictions were read; so were models scored on different folds. What only
    the fold table can tell is who was trained on.

    Args:
        predictions: All of them.
        folds: The fold table; None without one.
    """
    if folds is None:
        return []
    key = [*CELL, "participant_id"]
    dealt = folds[[*key, "split"]].drop_duplicates()
    found = []
    both = dealt.duplicated(key, keep=False)
    if both.any():
        found.append(
            "The fold table has a participant in two parts of one fold:"
            f" {named(dealt.loc[both, 'participant_id'])}."
        )
    rows = predictions.table[predictions.table["model"] == predictions.models[0]]
    used = rows[[*key, "split"]].drop_duplicates()
    merged = used.merge(dealt, on=key, how="left", suffixes=("", "_dealt"))
    other = merged[merged["split"] != merged["split_dealt"]]
    trained = other[other["split_dealt"] == "train"]
    if len(trained):
        found.append(
            "Trained on and then scored in the same fold, by the fold table:"
            f" {named(trained['participant_id'])}."
        )
    elif len(other):
        found.append(
            "The predictions do not follow the fold table, which has changed since:"
            f" {named(other['participant_id'])}."
        )
    return found


def join_flags(predictions: Predictions, context: Context) -> list[str]:
    """Say which predicted scans the cohort and the ledger know nothing of.

    Args:
        predictions: All of them.
        context: Cohort, with the head sizes of the ledger where there is one.
    """
    if context.scans is None:
        return []
    predicted = set(zip(*(predictions.table[name] for name in SCAN), strict=True))
    unknown = predicted - set(context.scans.index)
    found = []
    if unknown:
        found.append(
            f"{len(unknown)} of {len(predicted)} predicted scans are not in the cohort"
            f" table, so that nothing is known of them: {_labels(unknown)}."
        )
    named = next((size for size in SIZES if size in context.scans), None)
    if named is not None:
        sizes = context.scans[named]
        without = (predicted - unknown) & set(sizes.index[sizes.isna()])
        if without:
            found.append(
                f"The ledger of preprocessing has no head size of {len(without)} of"
                f" {len(predicted)} predicted scans: {_labels(without)}."
            )
    return found


def result_flags(metrics: Metrics, has_real: bool) -> list[str]:
    """Say which results are too good, or not better than a simpler model.

    Nothing is said of a result without an interval. The differences are those of the
    primary test.

    Args:
        metrics: Metrics of all models and of the covariates.
        has_real: Whether any participant is a real one; an easy virtual cohort is no
            sign of leakage.
    """
    found = []
    areas = {
        name: auc
        for name, model in metrics.models.items()
        if (auc := model.overall["roc_auc"]) is not None
    }
    limit = TOO_GOOD.get(frozenset(metrics.classes))
    if limit is not None and has_real:
        found += [
            f"{name}: AUC {auc.value:.3f} is above {limit:.2f}, more than leak-free"
            f" studies reach for {' and '.join(metrics.classes)} from one T1w scan."
            " Look for leakage before believing it."
            for name, auc in areas.items()
            if auc.value > limit and auc.low is not None
        ]
    found += _covariate_flags(metrics.covariates, areas)
    return [*found, *_volume_flags(metrics.volumes, metrics.covariates.model)]


def _covariate_flags(
    known: CovariateModel, areas: Mapping[str, Estimate]
) -> Iterator[str]:
    covariates = described(known.features)
    alone = None if known.model is None else areas.get(known.model)
    if alone is not None and alone.low is not None and alone.low > 0.5:
        several = len(known.features) > 1
        reach, them = ("reach", "them") if several else ("reaches", "it")
        yield (
            f"{covariates[:1].upper()}{covariates[1:]} alone {reach} an AUC of"
            f" {alone.value:.3f} [{alone.low:.3f}, {alone.high:.3f}]: groups"
            f" differ in {them}."
        )
    for name, difference in known.differences.items():
        if difference.low is not None and difference.low <= 0:
            yield (
                f"{name} is not shown to be better than {covariates} alone"
                f" (difference in AUC {difference.value:+.3f}"
                f" [{difference.low:+.3f}, {difference.high:+.3f}])."
            )


def _volume_flags(volumes: VolumeModels, covariates: str | None) -> Iterator[str]:
    """Name the models that are not shown to be better than the simplest volume."""
    if not volumes.models:
        return
    first = volumes.models[0]
    others = {
        name: difference
        for name, difference in volumes.differences[first].items()
        if name not in (covariates, *volumes.models)
    }
    below = [
        f"{name} ({difference.value:+.3f} [{difference.low:+.3f},"
        f" {difference.high:+.3f}])"
        for name, difference in others.items()
        if difference.low is not None and difference.low <= 0
    ]
    if below:
        yield (
            f"Not shown to be better than {first} alone (difference in AUC):"
            f" {', '.join(below)}."
        )


def site_flags(rows: Sequence[Mapping[str, Any]]) -> list[str]:
    """Say which site moves which model's AUC.

    Args:
        rows: Rows of ``sites.tsv``.
    """
    return [
        f"{row['model']}: AUC is {row['auc']:.3f}, and {row['auc_without']:.3f} without"
        f" {row['site']}; leaving out as many others at random gives a change of"
        f" {row['chance_low']:+.3f} to {row['chance_high']:+.3f}."
        for row in rows
        if row["flagged"]
    ]


def _labels(scans: Iterable[tuple[Any, ...]]) -> str:
    return named(" ".join(map(str, scan)) for scan in scans)


def named(participants: Iterable[str]) -> str:
    """Name a few participants and count the others."""
    names = sorted(set(map(str, participants)))
    more = len(names) - PARTICIPANTS_NAMED
    rest = f" and {more} more" if more > 0 else ""
    return ", ".join(names[:PARTICIPANTS_NAMED]) + rest
