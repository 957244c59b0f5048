"""An evaluation as it lies in a run: tables, and ``metrics.json`` as their mark."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from pathlib import Path
from typing import Final

import pandas as pd

from crosswarp.bids.tables import write_table
from crosswarp.evaluation.context import SIZES, Context
from crosswarp.evaluation.predictions import Predictions, read_predictions
from crosswarp.files import fingerprint
from crosswarp.provenance import begin_record
from crosswarp.study.metrics import Metrics, write_metrics
from crosswarp.study.names import (
    EXCHANGE,
    EXPERIMENT,
    METRICS,
    PREDICTIONS,
    PRETRAINING,
)
from crosswarp.study.run import HEAD_SIZES, LINKED, require_ended

READ: Final = (PREDICTIONS, EXCHANGE, PRETRAINING, EXPERIMENT, *LINKED)
"""What an evaluation is made from; the ledger of the maps is told by what is taken
from it (`sizes_of`), since it grows with every scan that is preprocessed."""


@dataclass(frozen=True)
class Evaluation:
    """What was computed.

    Attributes:
        metrics: The content of ``metrics.json``.
        comparisons: One row a model, the reference first.
        tables: All tables by file name, ``comparisons.tsv`` among them; their columns
            are in `tables.COLUMNS`.
        sources: Digests of what was read; see `study.run.sources_now`.
    """

    metrics: Metrics
    comparisons: pd.DataFrame
    tables: Mapping[str, pd.DataFrame] = field(default_factory=dict)
    sources: Mapping[str, str | None] = field(default_factory=dict)


def sizes_of(context: Context) -> dict[str, str | None]:
    """Digest the sizes of heads that were taken from the ledger of the maps."""
    if context.scans is None:
        return {}
    found = [context.scans[size] for size in SIZES if size in context.scans]
    digested = [sizes.sort_index().to_json() for sizes in found]
    return {HEAD_SIZES: fingerprint(*digested)} if digested else {}


def predictions_of(run: Path) -> Predictions:
    """Read a run's predictions, unless training has begun to change them.

    Raises:
        MixedError: If it has, and has not ended.
        InputError: If there are none, or they are not sound.
    """
    require_ended(run)
    return read_predictions(run / PREDICTIONS)


def write_evaluations(found: Mapping[Path, Evaluation], runs: Sequence[Path]) -> None:
    """Write the tables of runs, and then each one's ``metrics.json``.

    Args:
        found: By the folder of its run.
        runs: Folders of all runs whose evaluation this one replaces. That of one that
            could not be done now was of another family of comparisons.
    """
    for run in runs:
        if (run / METRICS).is_file() or run in found:
            begin_record(run / METRICS, {"predictions": None})
    for run, evaluation in found.items():
        for name, table in evaluation.tables.items():
            write_table(run / name, table)
    for run, evaluation in found.items():
        others = {
            f"../{other.name}/{PREDICTIONS}": one.sources[PREDICTIONS]
            for other, one in found.items()
            if other != run
        }
        write_metrics(
            run,
            evaluation.metrics,
            products=evaluation.tables,
            sources={**evaluation.sources, **others},
        )
