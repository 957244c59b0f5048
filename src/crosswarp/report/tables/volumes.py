"""Does a network see more than the volume of the hippocampus?"""

from typing import Final

from crosswarp.errors import MissingDerivativeError
from crosswarp.report.parts import Table
from crosswarp.report.run import Run
from crosswarp.report.wording import interval
from crosswarp.statistics.intervals import Estimate
from crosswarp.study.experiment import (
    HIPPOCAMPAL_VENTRICULAR_VOLUME,
    HIPPOCAMPAL_VOLUME,
)
from crosswarp.study.metrics import VolumeModels

VIRTUAL: Final = (
    " On virtual participants these rows are no bar to beat: the simulation changes"
    " these very structures, so the models are told where the disease is. Neither they"
    " nor a difference from them support any claim."
)


def tabulate(run: Run) -> Table:
    """Show the added value of each model over volumes of a few structures."""
    found = run.metrics.volumes
    if not found.models:
        msg = f"no model of the volume of the hippocampus: {found.reason}"
        raise MissingDerivativeError(msg)
    return Table(
        "Added value of each model over hippocampal volume",
        [
            "Model",
            "AUC over all folds [95\u00a0%]",
            *(f"Above {name}" for name in found.models),
        ],
        [
            [
                name,
                interval(run.metrics.models[name].overall["roc_auc"]),
                *(interval(_difference(found, one, name)) for one in found.models),
            ]
            for name in run.compared()
        ],
        f"{volume_words(found)} Differences are those of the primary test, each by"
        " itself, not corrected for their number. An interval that contains 0 means"
        " that no added value of the model is shown."
        + (VIRTUAL if run.predictions.has_virtual else ""),
    )


def volume_words(found: VolumeModels) -> str:
    """Say what the models of volumes are, and which is absent.

    Args:
        found: Models of volumes of the run.
    """
    if not found.models:
        return f"There is no row of hippocampal volume alone: {found.reason}."
    absent = "".join(f" No {name}: {why}." for name, why in found.absent.items())
    known = " and ".join(found.models)
    return (
        f"{known}: logistic regression, fitted on the training sets of the same folds,"
        f" on the volume of {_measured(found)}, over head size (from the log-Jacobian"
        f" map, which is free of the affine scaling of the head).{absent}"
    )


def _measured(found: VolumeModels) -> str:
    ventricles = "the hippocampi and the lateral ventricles"
    words = {
        HIPPOCAMPAL_VOLUME: "the hippocampi",
        HIPPOCAMPAL_VENTRICULAR_VOLUME: ventricles,
    }
    return ", or on that of ".join(words[name] for name in found.models)


def _difference(found: VolumeModels, volumes: str, model: str) -> Estimate | None:
    tested = found.differences.get(volumes, {}).get(model)
    return None if tested is None else tested.estimate
