"""Is the answer age, sex or head size in disguise?"""

from crosswarp.errors import MissingDerivativeError
from crosswarp.report.parts import Table
from crosswarp.report.run import Run
from crosswarp.report.wording import count, interval

WORDS = {"age_years": "age", "sex": "sex", "brain_volume_cm3": "brain volume"}


def tabulate(run: Run) -> Table:
    """Show what each model adds to what is known without its maps."""
    found = run.metrics["covariates"]
    if found["model"] is None:
        msg = f"no model of age, sex and head size: {found['reason']}"
        raise MissingDerivativeError(msg)
    features = ", ".join(WORDS.get(name, name) for name in found["features"])
    return Table(
        "What each model adds to age, sex and head size",
        ["Model", "AUC over all folds [95\u00a0%]", "Above age, sex, head size"],
        [
            [
                name,
                interval(run.metrics["models"][name]["overall"]["roc_auc"]),
                interval(found["differences"].get(name)),
            ]
            for name in run.compared()
        ],
        f"{found['model']}: logistic regression on {features}, fitted on the training"
        f" part of the same folds. {_imputed(found['imputed'])} An"
        " interval that holds 0 means that the model is not shown to know more than"
        " these. Brain volume stands for head size; disease shrinks it, too.",
    )


def _imputed(missing: int) -> str:
    if missing == 0:
        return "No value was missing."
    known = "the training part's median or most frequent value"
    return f"{count(missing, 'missing value')} had {known} instead."
