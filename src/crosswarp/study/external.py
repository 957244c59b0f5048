"""What ``external.json`` holds: a trained model evaluated on another cohort."""

from collections.abc import Iterable
from pathlib import Path

from crosswarp.documents import read_as
from crosswarp.errors import MissingDerivativeError
from crosswarp.provenance import require_whole, sources_of, write_record
from crosswarp.statistics.intervals import Estimate
from crosswarp.study.cohort_prediction import Networks
from crosswarp.study.metrics import Settings
from crosswarp.study.model_metrics import Calibration, ModelMetrics
from crosswarp.study.names import EXTERNAL, PREDICTIONS
from crosswarp.study.part import Part

EVALUATE: str = "crosswarp evaluate"


class OperatingPoint(Part):
    """Decisions at the thresholds that were chosen in training, on the new cohort.

    Attributes:
        thresholds: Of each network, before temperature scaling.
        rules: How they were found, sorted.
        sensitivity: Share of the positive class that is decided for it.
        specificity: Share of the other class that is not.
        divided: Scans on which the networks were divided; they count as errors.
    """

    thresholds: tuple[float, ...]
    rules: tuple[str, ...]
    sensitivity: Estimate | None
    specificity: Estimate | None
    divided: int


class RecalibratedOn(Part):
    """The part of the cohort that probabilities were recalibrated on.

    Attributes:
        share: Share of the participants of each diagnosis, 0 to 1.
        seed: Random seed of the draw.
        participants: Number of participants of the part; none of them is in what is
            reported after recalibration.
        scans: Number of their scans.
        method: What was fitted; None where nothing was.
        intercept: Added to the log odds after the slope.
        slope: Factor of the log odds.
        temperature: Number that logits were divided by, with more than two classes.
        reason: Why nothing was fitted, or not a whole line; None where it was.
    """

    share: float
    seed: int
    participants: int
    scans: int
    method: str | None
    intercept: float
    slope: float
    temperature: float
    reason: str | None


class ShiftRow(Part):
    """How the cohort differs from the training cohort in one respect.

    Attributes:
        variable: Name of the variable.
        level: Category whose share is compared; None for a number.
        training: Mean or share in the training cohort; None where it is not known.
        training_sd: Standard deviation there, for a number.
        external: Mean or share in the cohort.
        external_sd: Standard deviation there, for a number.
        difference: Standardised difference, cohort minus training cohort.
        remark: What else is to be said.
    """

    variable: str
    level: str | None
    training: float | None
    training_sd: float | None
    external: float | None
    external_sd: float | None
    difference: float | None
    remark: str | None


class FarScans(Part):
    """Scans that lie far from the training scans for the networks.

    Attributes:
        share: Share of participants whose first scan lies beyond 95 percent of the
            held-out scans of the training cohort; 0.05 is expected without a shift.
        low: Lower end of Wilson's interval.
        high: Upper end of the interval.
    """

    share: float
    low: float
    high: float


class External(Part):
    """All that ``external.json`` says.

    Attributes:
        note: That participants are virtual; None where they are real.
        networks: Networks that answered.
        participants: Number of participants evaluated.
        scans: Number of their scans.
        not_evaluated: Number of scans that were not, by the reason.
        settings: How the evaluation was done.
        operating_point: Decisions at the thresholds of training; None with more than
            two classes.
        metrics: Metrics on all evaluated scans, as the networks answer; those that rest
            on decisions are at the thresholds of training.
        recalibration: Part that probabilities were recalibrated on.
        calibration: Of all scans ``before``, and of those outside that part,
            ``rest_before`` and ``rest_after`` recalibration.
        shift: How the cohort differs from the training cohort.
        far: Scans far from the training scans; None where it cannot be stated.
        unstated: What cannot be stated, and why.
        flags: What stands out, in sentences.
    """

    note: str | None
    networks: Networks
    participants: int
    scans: int
    not_evaluated: dict[str, int]
    settings: Settings
    operating_point: OperatingPoint | None
    metrics: ModelMetrics
    recalibration: RecalibratedOn
    calibration: tuple[Calibration, ...]
    shift: tuple[ShiftRow, ...]
    far: FarScans | None
    unstated: tuple[str, ...]
    flags: tuple[str, ...]


def write_external(
    out: Path,
    found: External,
    *,
    products: Iterable[str],
    sources: dict[str, str | None],
) -> None:
    """Write ``external.json``, the last file of an evaluation on another cohort.

    Args:
        out: Folder of the predictions.
        found: What was found.
        products: Names of the tables that were written beside it.
        sources: Digests of what was read.
    """
    content = found.model_dump(mode="json", by_alias=True)
    write_record(out / EXTERNAL, content, products=products, sources=sources)


def read_external(out: Path) -> External:
    """Read what an evaluation on another cohort found.

    Raises:
        MissingDerivativeError: If there is none.
        MixedError: If a table is not as it was written, or the predictions are others.
        InputError: If the file holds something else.
    """
    path, command = out / EXTERNAL, f"{EVALUATE} {out}"
    if not path.is_file():
        msg = f"no {EXTERNAL} in {out}; `{command}` writes it"
        raise MissingDerivativeError(msg)
    require_whole(path, sources_of({PREDICTIONS: out / PREDICTIONS}), command)
    return read_as(path, External, f"run `{command}` again")
