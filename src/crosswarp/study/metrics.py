"""What ``metrics.json`` of an evaluated run holds, with its one reader and writer.

The numbers are those of `crosswarp.statistics`; estimates are None where they are not
defined, and the ends of an interval where none can be given. Files of earlier versions
lack some fields: those with a default here.
"""

from collections.abc import Iterable, Mapping
from pathlib import Path
from typing import Any, Final

from pydantic import Field

from crosswarp.documents import read_as, read_object
from crosswarp.errors import MissingDerivativeError, MixedError
from crosswarp.provenance import SOURCES, require_whole, write_record
from crosswarp.statistics.intervals import Estimate
from crosswarp.study.model_metrics import ModelMetrics
from crosswarp.study.names import METRICS, PREDICTIONS
from crosswarp.study.part import Part
from crosswarp.study.run import not_of_these_predictions, sources_now

EVALUATE: Final = "crosswarp evaluate"

NOT_EXCHANGED: Final = (
    "not measured by the version of crosswarp that evaluated this run; run"
    f" `{EVALUATE}` again"
)


class Settings(Part):
    """How the evaluation was done.

    Attributes:
        level: Level of all intervals, 0 to 1.
        resamples: Bootstrap draws; 0 where participants cannot vary.
        permutations: Exchanges drawn by the permutation test.
        seed: Seed of all random draws.
    """

    level: float
    resamples: int
    permutations: int
    seed: int


class NamedTests(Part):
    """Which tests the columns of the table of comparisons are of.

    Attributes:
        primary: Name of the primary test.
        columns: Description of each test, by its name.
    """

    primary: str
    columns: dict[str, str]


class PrimaryComparison(Part):
    """The primary comparison, its family, and what was corrected.

    Attributes:
        test: Name of the primary test.
        metric: Name of the metric compared.
        model: Model of the primary comparison; None where there is one model only.
        reference: Model that it is compared with.
        declared: Whether the experiment file declares it.
        note: Why it does not count as declared; None where it does.
        family: Models whose comparisons are corrected together.
        tasks: Names of the tasks over which they are; empty for a run without tasks.
        comparisons: Number of comparisons that were corrected together.
    """

    test: str
    metric: str
    model: str | None
    reference: str
    declared: bool
    note: str | None
    family: tuple[str, ...]
    tasks: tuple[str, ...] = ()
    comparisons: int = 0


class CohortFound(Part):
    """Whether the cohort table was found, and why not."""

    found: bool
    reason: str | None


class CovariateDifference(Part):
    """A difference in AUC with its interval and its p value, all of one test."""

    value: float
    low: float | None
    high: float | None
    p: float | None = None

    @property
    def estimate(self) -> Estimate:
        """The difference with its interval."""
        return Estimate(self.value, self.low, self.high)


class CovariateModel(Part):
    """The model of covariates alone, and each other model beside it.

    Attributes:
        model: Name of the model; None where there is none.
        features: Columns that it was fitted on.
        absent: Columns asked for that are known of no scan.
        reason: Why there is none; None where there is.
        imputed: Number of values that were not known.
        differences: AUC of each other model minus that of this one, primary test.
    """

    model: str | None
    features: tuple[str, ...] = ()
    absent: tuple[str, ...] = ()
    reason: str | None = None
    imputed: int = 0
    differences: dict[str, CovariateDifference] = Field(default_factory=dict)


class VolumeModels(Part):
    """Models of regional volumes alone, and each other model beside them.

    Attributes:
        models: Names of those that were compared.
        reason: Why there is none; None where there is one.
        absent: Those that the maps could not have, by name, each with its reason.
        differences: By the name of one of them: AUC of each other model minus its
            own, primary test.
    """

    models: tuple[str, ...] = ()
    reason: str | None = "not compared by the version of crosswarp that evaluated this"
    absent: dict[str, str] = Field(default_factory=dict)
    differences: dict[str, dict[str, CovariateDifference]] = Field(default_factory=dict)


class MapExchange(Part):
    """What a network loses when one map is exchanged between test participants.

    Attributes:
        auc_fall: AUC minus its mean over the exchanges.
        logit_change: Mean absolute change of the log odds of the positive class.
        unused: Whether no answer changed at all.
    """

    auc_fall: Estimate | None = None
    logit_change: Estimate | None = None
    unused: bool = False


class Exchange(Part):
    """What networks lose when maps are exchanged.

    Attributes:
        draws: Number of random exchanges of each map.
        reason: Why there is no measure; None where there is.
        models: By the name of the model, and by map, ``t1w`` or ``jsm``.
    """

    draws: int
    reason: str | None
    models: dict[str, dict[str, MapExchange]] = Field(default_factory=dict)


class SeenInPretraining(Part):
    """Participants that a network is tested on and had seen in pretraining."""

    tested_on: tuple[str, ...]


class Metrics(Part):
    """All that ``metrics.json`` says.

    Attributes:
        note: That participants are virtual; None where they are real.
        classes: Diagnoses in the order of the answers.
        positive: The positive class, the last one.
        scans: Number of test scans of a repeat.
        repeats: Number of repeats of the cross-validation.
        folds: Number of folds of a repeat.
        settings: How the evaluation was done.
        tests: Which tests the table of comparisons has.
        reference: Model that the others are compared with.
        primary: The primary comparison and its family.
        participants: Number of participants tested.
        cohort: Whether the cohort table was found.
        covariates: The model of covariates alone.
        volumes: Models of the volume of the hippocampus and of the ventricles.
        models: By the name of the model.
        flags: What stands out, in sentences, the most serious first.
        pretraining: By the name of a network that started from a pretraining.
        exchange: What networks lose when maps are exchanged.
        predictions: Digest of the predictions; None before the file is written.
    """

    note: str | None
    classes: tuple[str, ...]
    positive: str
    scans: int
    repeats: int
    folds: int
    settings: Settings
    tests: NamedTests
    reference: str
    primary: PrimaryComparison
    participants: int
    cohort: CohortFound
    covariates: CovariateModel
    models: dict[str, ModelMetrics]
    flags: tuple[str, ...]
    pretraining: dict[str, SeenInPretraining] = Field(default_factory=dict)
    exchange: Exchange = Exchange(draws=0, reason=NOT_EXCHANGED)
    volumes: VolumeModels = VolumeModels()
    predictions: str | None = None

    def with_changes(self, **changes: Any) -> "Metrics":  # noqa: ANN401 - any field
        """Return the same with some fields changed."""
        return self.model_copy(update=changes)


def write_metrics(
    run: Path,
    metrics: Metrics,
    *,
    products: Iterable[str],
    sources: Mapping[str, str | None],
) -> None:
    """Write ``metrics.json``, the last file of an evaluation.

    Args:
        run: Folder of the run.
        metrics: What was found.
        products: Names of the tables that were written beside it.
        sources: Digests of what was read.
    """
    content = metrics.model_dump(mode="json", by_alias=True)
    write_record(run / METRICS, content, products=products, sources=sources)


def read_metrics(run: Path) -> Metrics:
    """Read what an evaluation found of the very run that is there.

    Raises:
        MissingDerivativeError: If there is none.
        MixedError: If predictions, exchanges, settings, cohort, folds or the other
            tasks have changed since, or a table is not as it was written.
        InputError: If the file holds something else.
    """
    path = run / METRICS
    if not path.is_file():
        msg = f"no {METRICS} in the run; `{EVALUATE}` writes it"
        raise MissingDerivativeError(msg)
    record = read_object(path)
    primary = record.get("primary")
    tasks = isinstance(primary, dict) and primary.get("tasks")
    command = f"{EVALUATE} {run.parent if tasks else run}"
    made_from = record.get(SOURCES)
    names = list(made_from) if isinstance(made_from, dict) else []
    require_whole(path, sources_now(run, names), command)
    if record.get("predictions") != sources_now(run, [PREDICTIONS])[PREDICTIONS]:
        raise MixedError(not_of_these_predictions(METRICS, command))
    return read_as(path, Metrics, f"run `{command}` again")
