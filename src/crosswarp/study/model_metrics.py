"""What ``metrics.json`` says of one model: its folds, curves and calibration."""

from typing import Literal

from pydantic import Field

from crosswarp.statistics.curves import (
    Curve,
    MeanPrecisionRecall,
    MeanRoc,
    PrecisionRecall,
)
from crosswarp.statistics.intervals import Estimate
from crosswarp.statistics.temperature import Temperature
from crosswarp.statistics.thresholds import Threshold
from crosswarp.study.part import Part


class FoldCurves(Part):
    """One fold of a class against the rest.

    Attributes:
        repeat: Number of the repeat, from 0.
        fold: Number of the fold, from 0.
        metrics: By the name of the metric.
        roc: Receiver operating characteristic; None where it is not defined.
        pr: Precision over recall; None where it is not defined.
    """

    repeat: int
    fold: int
    metrics: dict[str, float | None]
    roc: Curve | None = None
    pr: PrecisionRecall | None = None


class FoldMetrics(FoldCurves):
    """One fold of a model.

    Attributes:
        scans: Number of test scans.
        threshold: Operating point; None with more than two classes.
        temperature: Temperature of the fold's network.
    """

    scans: int
    threshold: Threshold | None
    temperature: Temperature


class _Summary(Part):
    """What is said of a model, and of each of its classes against the rest.

    Attributes:
        mean: Mean over folds, by the name of the metric.
        sd: Standard deviation over folds, by the name of the metric.
        overall: Estimate over all folds, by the name of the metric.
        mean_roc: Mean ROC curve; None where no fold has one.
        mean_pr: Mean curve of precision over recall; None where no fold has one.
    """

    mean: dict[str, float | None]
    sd: dict[str, float | None]
    overall: dict[str, Estimate | None]
    mean_roc: MeanRoc | None = None
    mean_pr: MeanPrecisionRecall | None = None


class ClassMetrics(_Summary):
    """One class against the rest, with more than two classes.

    Attributes:
        name: Name of the class; ``class`` in the file.
        cells: One entry a fold.
    """

    name: str = Field(alias="class")
    cells: tuple[FoldCurves, ...]


class Calibration(Part):
    """Calibration of the probabilities of one class.

    Attributes:
        name: Name of the class; ``class`` in the file.
        stage: ``before`` or ``after`` temperature scaling, or ``mean`` over repeats.
        brier: Brier score with its interval.
        log_loss: Log loss with its interval.
        ece: Expected calibration error.
        ece_if_calibrated: Its mean for a model whose probabilities are right.
        ece_if_calibrated_high: Its 95th percentile for such a model.
        bins: Number of bins of the calibration error.
        slope: Slope of the logistic recalibration.
        intercept: Intercept of the same regression.
        in_the_large: Intercept with the slope held at 1.
    """

    name: str = Field(alias="class")
    stage: str
    brier: Estimate | None
    log_loss: Estimate | None
    ece: Estimate | None
    ece_if_calibrated: float
    ece_if_calibrated_high: float
    bins: int
    slope: Estimate | None = None
    intercept: Estimate | None = None
    in_the_large: Estimate | None = None


class ModelMetrics(_Summary):
    """One model.

    Attributes:
        cells: One entry a fold.
        calibration: One entry a class and stage.
        by_class: With more than two classes one entry each.
        kind: ``covariates`` for the model that the evaluation added, else ``trained``.
    """

    cells: tuple[FoldMetrics, ...]
    calibration: tuple[Calibration, ...]
    by_class: tuple[ClassMetrics, ...] = ()
    kind: Literal["trained", "covariates"] = "trained"
