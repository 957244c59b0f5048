"""A run as an object: its predictions, metrics, comparisons and figures."""

from collections.abc import Callable, Mapping
from pathlib import Path
from typing import TYPE_CHECKING, Final

import pandas as pd

from crosswarp.api.paths import PathLike, as_path
from crosswarp.errors import InputError
from crosswarp.evaluation.tasks import evaluate_tasks, runs_of
from crosswarp.report.run import Run as RunFolder
from crosswarp.statistics.intervals import Estimate
from crosswarp.study.names import COMPARISONS

if TYPE_CHECKING:
    from matplotlib.figure import Figure

    from crosswarp.report.parts import Illustration

FIGURES: Final = (
    "roc",
    "precision_recall",
    "calibration",
    "decision_curve",
    "fold_auc",
)
"""Figures of the report that `Run.plot` draws."""


class Run:
    """What training and evaluation wrote into a folder; `open_run` makes it.

    Each attribute reads its file when it is first used and raises
    `MissingDerivativeError` when the stage that writes it has not run.

    Attributes:
        folder: Folder of the run.
    """

    def __init__(self, folder: Path) -> None:
        self.folder = folder
        self._read = RunFolder(folder)

    def __repr__(self) -> str:
        return f"Run({str(self.folder)!r})"

    @property
    def tasks(self) -> dict[str, "Run"]:
        """Runs of the tasks by name, such as ``CN-AD``; empty without tasks."""
        runs = runs_of(self.folder)
        return {} if runs == [self.folder] else {run.name: Run(run) for run in runs}

    @property
    def models(self) -> list[str]:
        """Names of the networks and baselines, in the order of the experiment."""
        return self._single.models()

    @property
    def predictions(self) -> pd.DataFrame:
        """One row per model, repeat, fold, split and scan.

        ``probability_<class>`` are probabilities from 0 to 1. Only rows whose ``split``
        is ``test`` are of held-out participants.
        """
        return self._single.predictions.table.copy()

    @property
    def metrics(self) -> pd.DataFrame:
        """One row per model with each metric and its 95 % confidence interval.

        The columns are ``<metric>``, ``<metric>_low`` and ``<metric>_high``, such as
        ``roc_auc``. A metric that is not defined is NaN.
        """
        models = self._single.metrics.models
        rows = {name: _estimates(model.overall) for name, model in models.items()}
        return pd.DataFrame.from_dict(rows, orient="index").rename_axis("model")

    @property
    def comparisons(self) -> pd.DataFrame:
        """One row per model with the difference of its AUC from the reference model's.

        ``p`` is that of the primary test, ``p_holm`` corrected for the number of
        comparisons (Holm).
        """
        return self._single.evaluated(COMPARISONS)

    def evaluate(
        self, reference: str | None = None, *, resamples: int = 2000, seed: int = 0
    ) -> "Run":
        """Compute metrics and comparisons, and write them into the run.

        Args:
            reference: Model that the others are compared with; the one that the
                experiment declares when None, or else its first.
            resamples: Bootstrap resamples of the participants; at least 100.
            seed: Random seed of the resamples.

        Returns:
            This run, so that an attribute can follow.

        Raises:
            InputError: If the predictions are not sound, or there is no such model.
            MixedError: If the files of the run do not belong together.
            LockedError: If another process works on the run.
        """
        chosen = {"resamples": resamples, "seed": seed}
        _, failures = evaluate_tasks(self.folder, reference=reference, **chosen)
        failures.show()
        self._read = RunFolder(self.folder)
        return self

    def plot(self, figure: str = "roc") -> "Figure":
        """Draw one of the report's figures.

        Args:
            figure: ``roc``, ``precision_recall``, ``calibration``, ``decision_curve``
                or ``fold_auc`` (AUC of each fold).

        Returns:
            Matplotlib figure with one panel per model.

        Raises:
            InputError: If there is no figure of that name.
            MissingDerivativeError: If the run has not been evaluated.
        """
        if figure not in FIGURES:
            msg = f"figure: expected one of {', '.join(FIGURES)}, got {figure!r}"
            raise InputError(msg)
        return _drawing(figure)(self._single).figure

    @property
    def _single(self) -> RunFolder:
        """The folder's reader, where it is not that of several tasks."""
        tasks = list(self.tasks)
        if tasks:
            msg = (
                f"{self.folder} has a run for each of the tasks {', '.join(tasks)};"
                f" open one: open_run(...).tasks[{tasks[0]!r}]"
            )
            raise InputError(msg)
        return self._read


def open_run(run: PathLike) -> Run:
    """Open the folder of a run.

    Args:
        run: Folder that a comparison wrote. With several tasks, ``.tasks`` has a run
            for each.

    Returns:
        Object with the tables ``predictions``, ``metrics`` and ``comparisons``
        (`pandas.DataFrame`), ``evaluate`` and ``plot``.

    Raises:
        InputError: If the folder is not that of a run.
        MixedError: If training has begun and has not ended.

    Examples:
        >>> run = crosswarp.open_run(study / "run")
        >>> run.models[:2]
        ['jsm', 't1w']
        >>> run.comparisons["model"].tolist()[-2:]
        ['hippocampal_volume', 'covariates']
        >>> auc = run.metrics.loc["jsm", "roc_auc"]
        >>> bool(run.metrics.loc["jsm", "roc_auc_low"] <= auc)
        True
        >>> run.plot("roc")
        <Figure size ...>
    """
    folder = as_path(run)
    runs_of(folder)
    return Run(folder)


def _estimates(overall: Mapping[str, Estimate | None]) -> dict[str, float]:
    row: dict[str, float] = {}
    for metric, estimate in overall.items():
        for end, key in (("", "value"), ("_low", "low"), ("_high", "high")):
            value = getattr(estimate, key, None)
            row[metric + end] = float("nan") if value is None else float(value)
    return row


def _drawing(name: str) -> "Callable[[RunFolder], Illustration]":
    from crosswarp.report.figures import (
        calibration,
        decision_curve,
        fold_auc,
        precision_recall,
        roc,
    )

    drawings: tuple[Callable[[RunFolder], Illustration], ...] = (
        *(roc.draw, precision_recall.draw, calibration.draw, decision_curve.draw),
        fold_auc.draw,
    )
    return dict(zip(FIGURES, drawings, strict=True))[name]
