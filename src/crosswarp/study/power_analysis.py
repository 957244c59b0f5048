"""What ``power.json`` of a run holds: how many participants a difference needs."""

from collections.abc import Mapping
from pathlib import Path
from typing import Final

from pydantic import BaseModel, ConfigDict

from crosswarp.documents import read_as
from crosswarp.provenance import write_record
from crosswarp.study.names import POWER, POWER_CURVE
from crosswarp.study.run import require_of_predictions

COMMAND: Final = "crosswarp power"


class ComparedPair(BaseModel):
    """The answer for one model and the reference.

    Attributes:
        model: Name of the model.
        reference: Name of the model that it is compared with.
        auc_model_observed: AUC of the model in the run.
        auc_reference: AUC of the reference in the run.
        correlation: Correlation of the two models' scores.
        participants: Number needed; None beyond the limit.
        monte_carlo_low: Lower end of the 95 % interval of the simulation's own error.
        monte_carlo_high: Upper end of that interval.
        run_low: Lower end of what runs of this size would have answered, 95 %.
        run_high: Upper end of that.
        participants_of_run: Number in the run.
        power_of_run: Power of a study as large as the run.
        detectable_difference: Difference that a study as large as the run would show.
    """

    model_config = ConfigDict(frozen=True)

    model: str
    reference: str
    auc_model_observed: float
    auc_reference: float
    correlation: float | None
    participants: int | None
    monte_carlo_low: int | None = None
    monte_carlo_high: int | None = None
    run_low: int | None = None
    run_high: int | None = None
    participants_of_run: int
    power_of_run: float
    detectable_difference: float | None = None


class PowerAnalysis(BaseModel):
    """All that ``power.json`` says.

    Attributes:
        difference: AUC of the model minus that of the reference, which is asked about.
        folds: Number of folds of the future study.
        alpha: Two-sided error of the test.
        power: Target power, 0 to 1.
        simulations: Number of simulated studies per sample size.
        seed: Seed of all random draws.
        predictions: Digest of the predictions.
        test: Name of the test.
        note: That participants are virtual; None where they are real.
        limit: Number of participants beyond which there is no answer.
        pairs: One entry a model.
    """

    model_config = ConfigDict(frozen=True)

    difference: float
    folds: int
    alpha: float
    power: float
    simulations: int
    seed: int
    predictions: str
    test: str
    note: str | None
    limit: int
    pairs: tuple[ComparedPair, ...]


def write_power(
    run: Path, found: PowerAnalysis, sources: Mapping[str, str | None]
) -> None:
    """Write ``power.json``, after the table of simulated power.

    Args:
        run: Folder of the run.
        found: What was found.
        sources: Digests of what was read.
    """
    content = found.model_dump(mode="json")
    write_record(run / POWER, content, products=[POWER_CURVE], sources=sources)


def read_power(run: Path) -> PowerAnalysis:
    """Read what `crosswarp power` found from the very predictions that are there.

    Raises:
        MissingDerivativeError: If there is no such file.
        MixedError: If predictions or settings have changed since.
        InputError: If the file holds something else.
    """
    path = require_of_predictions(run, POWER, "predictions", COMMAND)
    return read_as(path, PowerAnalysis, f"run `{COMMAND}` again")
