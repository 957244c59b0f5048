"""A paragraph for a methods section, filled from the run."""

import importlib.metadata

from crosswarp.errors import CrosswarpError
from crosswarp.evaluation.encoding import described
from crosswarp.report.design import validation_text
from crosswarp.report.making import making_of
from crosswarp.report.maps import resolution, space
from crosswarp.report.parts import Text
from crosswarp.report.run import Run
from crosswarp.report.tables.settings import flat
from crosswarp.report.wording import count
from crosswarp.study.metrics import Metrics, PrimaryComparison
from crosswarp.types.maps import OF_SCAN


def write(run: Run) -> Text:
    """Describe data and comparison for a methods section; the author checks it."""
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
        " The template was registered nonlinearly to each scan; registration:"
        f" {making.registered_by}. The Jacobian determinant map (JSM), here its"
        " logarithm and without the affine part, is positive where the participant is"
        f" locally larger than the template. {_input(run)}"
    )


def _input(run: Run) -> str:
    """Say what networks were given."""
    maps = run.experiment.maps
    if maps == OF_SCAN:
        return "The aligned scan and the JSM were the input of the networks."
    first = "aligned later scan" if maps[0] == "t1w" else "JSM of the later scan"
    yearly = ", divided by the years between them" if maps[1] == "rate" else ""
    return (
        f"The input of the networks were the {first}, and the logarithm of the volume"
        f" change from the participant's first scan to it{yearly}."
    )


def _training(run: Run) -> str:
    metrics, training = run.metrics, run.experiment.training
    details = ", ".join(
        f"{name.replace('_', ' ').replace('.', ' ')} {value}"
        for name, value in flat(training)
        if value is not None and value is not False and value != 0
    )
    return (
        f"{count(len(run.models()), 'model')} ({', '.join(run.models())})"
        f" {'was evaluated' if len(run.models()) == 1 else 'were compared'} for the"
        f" classification of {' versus '.join(reversed(run.predictions.classes))} in"
        f" {count(metrics.scans, 'scan')} of"
        f" {count(metrics.participants, 'participant')} by"
        f" {validation_text(run)}."
        f"{_several_scans(run)}{_left_out(run)}{_harmonised(run)}"
        + (f" Training: {details}." if details else "")
    )


def _several_scans(run: Run) -> str:
    later = run.passed_over
    if len(later):
        people = later["participant_id"].nunique()
        return (
            f" Of {count(people, 'participant')} with several scans the first was used;"
            f" {count(len(later), 'later scan')} were excluded."
        )
    if run.metrics.scans > run.metrics.participants:
        return (
            " Every participant counted once: the scans of participants with several"
            " shared one weight, in training and in all metrics."
        )
    return ""


def _left_out(run: Run) -> str:
    scans = run.left_out
    if scans.empty:
        return ""
    of_each = ", ".join(
        f"{n} {d}" for d, n in scans["diagnosis"].value_counts().items()
    )
    return f" {count(len(scans), 'scan')} without maps ({of_each}) were excluded."


def _harmonised(run: Run) -> str:
    harmonised = [
        str(one.get("name"))
        for one in run.experiment.listed("baselines")
        if one.get("harmonise")
    ]
    if not harmonised:
        return ""
    return (
        f" Effects of sites on the volumes of {', '.join(harmonised)} were removed by"
        " ComBat (Johnson et al., 2007; Fortin et al., 2018), estimated on the scans"
        " that each model was fitted on."
    )


def _statistics(run: Run) -> str:
    settings = run.metrics.settings
    version = importlib.metadata.version("crosswarp")
    level = f"{round(100 * settings.level)} %"
    intervals = (
        f" with {level} percentile intervals from {settings.resamples} bootstrap"
        " resamples of participants within fold and diagnosis (an exact one-sided bound"
        " for an area of 1; Clopper & Pearson, 1934)"
        if settings.resamples
        else " without intervals, since folds had too few participants of a class"
    )
    return (
        "We report the mean and standard deviation over folds, and the ROC-AUC over all"
        f" folds, computed from pairs of scans within a fold,{intervals}."
        f"{_comparisons(run.metrics.primary)} Decision thresholds maximised"
        " the Youden index on the validation scans if each class had at least ten of"
        f" them, and were 0.5 otherwise. Analyses used crosswarp {version}."
    )


def _comparisons(primary: PrimaryComparison) -> str:
    if primary.model is None:
        return ""
    declared = "declared" if primary.declared else "not declared"
    tasks = len(primary.tasks)
    over = f" in {tasks} tasks" if tasks > 1 else ""
    return (
        " Differences in ROC-AUC were tested by DeLong's test (DeLong et al., 1988)"
        " with participants counted once (Obuchowski, 1997). To account for the"
        " variability of training, the variance between folds, multiplied by the ratio"
        " of test to training participants (Nadeau & Bengio, 2003), was added to its"
        " variance, with Satterthwaite's degrees of freedom."
        f" The primary comparison, {declared} before the analysis, was"
        f" {primary.model} against {primary.reference}; p values were corrected"
        f" by Holm's method over {count(primary.comparisons, 'comparison')}{over}."
    )


def _beyond_auc(metrics: Metrics) -> str:
    covariates = metrics.covariates
    baseline = (
        f" A logistic regression on {described(covariates.features)}, fitted on the"
        " same folds, served as a baseline without images."
        if covariates.model is not None
        else ""
    )
    volumes = (
        " Logistic regression on the volume of the hippocampi over head size, and on"
        " that together with the volume of the lateral ventricles, fitted on the same"
        " folds, served as the reference of established regional markers."
        if metrics.volumes.models
        else ""
    )
    groups = (
        " Subgroups were sex, age band, site and field strength where known."
        if metrics.cohort.found
        else ""
    )
    return (
        "Calibration was assessed by slope and intercept of logistic recalibration"
        " (Cox, 1958; Van Calster et al., 2019), reliability curves in bins of equal"
        " number, expected calibration error, Brier score and log loss, before and"
        " after temperature scaling (Guo et al., 2017; fitted on validation scans of"
        " all folds and shrunk towards 1). Clinical utility was assessed by decision"
        " curves (Vickers & Elkin, 2006) at the prevalence of the"
        f" cohort.{groups}{baseline}{volumes}"
    )


def _attribution(run: Run) -> list[str]:
    try:
        found = run.attribution
    except CrosswarpError:
        return []
    return [
        "Attribution maps are integrated gradients (Sundararajan et al., 2017) from the"
        " mean maps of each network's own training participants, averaged over test"
        " scans, each explained by the network of the fold that held it out. Regions"
        f" are those of {found.atlas}."
    ]
