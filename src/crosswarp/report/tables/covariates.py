"""Is the answer a covariate, such as age, sex or head size, in disguise?"""

from typing import Final

from crosswarp.errors import MissingDerivativeError
from crosswarp.evaluation.encoding import described
from crosswarp.report.parts import Table
from crosswarp.report.run import Run
from crosswarp.report.wording import count, interval
from crosswarp.statistics.intervals import Estimate
from crosswarp.study.metrics import CovariateModel

_SIZES: Final = {
    "intracranial_volume_cm3": " Head size is the volume inside the skull.",
    "brain_volume_cm3": (
        " Brain volume is used as head size; disease reduces it as well."
    ),
}
"""What is said of each measure of the size of a head."""


def tabulate(run: Run) -> Table:
    """Show the added value of each model over covariates without images."""
    found = run.metrics.covariates
    if found.model is None:
        msg = f"no model of covariates alone: {found.reason}"
        raise MissingDerivativeError(msg)
    features, absent = described(found.features), found.absent
    unknown = f" Missing for every scan: {described(absent)}." if absent else ""
    volume = "".join(
        words for column, words in _SIZES.items() if column in found.features
    )
    return Table(
        f"Added value of each model over {features}",
        ["Model", "AUC over all folds [95\u00a0%]", f"Above {features}"],
        [
            [
                name,
                interval(run.metrics.models[name].overall["roc_auc"]),
                interval(_difference(found, name)),
            ]
            for name in run.compared()
        ],
        f"{found.model}: logistic regression on {features}, fitted on the training"
        f" sets of the same folds. {_imputed(found.imputed)}{unknown} Differences"
        " are those of the primary test. An interval that contains 0 means that no"
        f" added value of the model is shown.{volume}",
    )


def _difference(found: CovariateModel, model: str) -> Estimate | None:
    tested = found.differences.get(model)
    return None if tested is None else tested.estimate


def _imputed(missing: int) -> str:
    if missing == 0:
        return "No value was missing."
    known = "the median or most frequent value of the training set"
    return f"{count(missing, 'missing value')} replaced by {known}."
