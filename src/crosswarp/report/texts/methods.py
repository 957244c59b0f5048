"""A paragraph for a methods section, filled from the run."""

import importlib.metadata
from typing import Any

from crosswarp.errors import CrosswarpError
from crosswarp.report.making import making_of
from crosswarp.report.maps import resolution, space
from crosswarp.report.parts import Text
from crosswarp.report.run import Run
from crosswarp.report.tables.settings import flat
from crosswarp.report.wording import count


def write(run: Run) -> Text:
    """Word how data were made and models compared; to be pasted and checked."""
    return Text(
        [
            _maps(run),
            _training(run),
            _statistics(run),
            _beyond_auc(run.metrics),
            *_attribution(run),
        ]
    )


def _maps(run: Run) -> str:
    making = making_of(run)
    masks = f" (brain mask {making.brain_masks})" if making.brain_masks else ""
    return (
        f"T1-weighted scans were bias-corrected (N4), skull-stripped{masks} and"
        f" affinely aligned to the {space(run)} template ({resolution(run)} mm)."
        " Nonlinear registration of the template to each scan gave a deformation;"
        f" registration: {making.registered_by}. The logarithm"
        " of the determinant of its Jacobian, without the affine part, is positive"
        " where the participant is locally larger than the template. The aligned scan"
        " and this map were the networks' input."
    )


def _training(run: Run) -> str:
    metrics, training = run.metrics, run.experiment.get("training", {})
    details = ", ".join(
        f"{name.replace('_', ' ').replace('.', ' ')} {value}"
        for name, value in flat(training)
        if value is not None and value is not False and value != 0
    )
    repeats = metrics["repeats"]
    return (
        f"{count(len(run.models()), 'model')} ({', '.join(run.models())}) told"
        f" {' from '.join(reversed(run.predictions.classes))} in"
        f" {count(metrics['scans'], 'scan')} of"
        f" {count(metrics['participants'], 'participant')} by"
        f" {metrics['folds']}-fold cross-validation"
        f"{f', repeated {repeats} times' if repeats > 1 else ''}, with folds drawn by"
        " participant and the same for every model."
        f"{_left_out(run)}" + (f" Training: {details}." if details else "")
    )


def _left_out(run: Run) -> str:
    scans = run.left_out
    if scans.empty:
        return ""
    of_each = ", ".join(
        f"{n} {d}" for d, n in scans["diagnosis"].value_counts().items()
    )
    return f" {count(len(scans), 'scan')} without maps ({of_each}) took no part."


def _statistics(run: Run) -> str:
    settings = run.metrics["settings"]
    version = importlib.metadata.version("crosswarp")
    return (
        "We report mean and standard deviation over folds, and ROC-AUC over all folds"
        " counting only pairs of scans within a fold, with"
        f" {round(100 * settings['level'])} % percentile intervals from"
        f" {settings['resamples']} bootstrap resamples of participants within fold and"
        " diagnosis. Models were compared by a paired permutation test of within-fold"
        f" ranks ({settings['permutations']} permutations; Bandos et al., 2005), by"
        " DeLong's test (DeLong et al., 1988) with participants counted once"
        " (Obuchowski, 1997), and by the corrected resampled t-test over folds (Nadeau"
        " & Bengio, 2003), which alone allows for training again; each with Holm's"
        " correction over models. Decision thresholds were the largest Youden"
        " index on validation scans where each class had at least ten of them, else"
        f" 0.5. Analyses used crosswarp {version}."
    )


def _beyond_auc(metrics: dict[str, Any]) -> str:
    covariates = metrics["covariates"]
    baseline = (
        " A logistic regression on age, sex and head size, fitted on the same"
        " folds, was compared like a network."
        if covariates["model"] is not None
        else ""
    )
    groups = (
        " Subgroups were sex, age band, site and field strength where known."
        if metrics["cohort"]["found"]
        else ""
    )
    return (
        "Calibration was judged by reliability curves in bins of equal number, expected"
        " calibration error, Brier score and log loss, before and after temperature"
        " scaling fitted on the validation scans of each fold (Guo et al., 2017), and"
        " clinical use by decision curves (Vickers & Elkin, 2006) at the cohort's share"
        f" of cases.{groups}{baseline}"
    )


def _attribution(run: Run) -> list[str]:
    try:
        found = run.attribution
    except CrosswarpError:
        return []
    return [
        "Attribution maps are integrated gradients (Sundararajan et al., 2017) from the"
        " mean maps of each network's own training participants, averaged over tested"
        " scans, each by the network of the fold that held it out. Regions are those of"
        f" {found['atlas']}."
    ]
