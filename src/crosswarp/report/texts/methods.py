"""A paragraph for a methods section, filled from the run."""

import importlib.metadata

from crosswarp.report.maps import SPACE, resolution
from crosswarp.report.parts import Text
from crosswarp.report.run import Run
from crosswarp.report.wording import count


def write(run: Run) -> Text:
    """Word how data were made and models compared; to be pasted and checked."""
    return Text([_maps(run), _training(run), _statistics(run)])


def _maps(run: Run) -> str:
    return (
        "T1-weighted scans were bias-corrected (N4), skull-stripped and affinely"
        f" aligned to the {SPACE} template ({resolution(run)} mm). Nonlinear"
        " registration of the template to each scan gave a deformation. The logarithm"
        " of the determinant of its Jacobian, without the affine part, is positive"
        " where the participant is locally larger than the template. The aligned scan"
        " and this map were the networks' input."
    )


def _training(run: Run) -> str:
    metrics, training = run.metrics, run.experiment.get("training", {})
    details = ", ".join(
        f"{name.replace('_', ' ')} {value}" for name, value in training.items()
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
        + (f" Training: {details}." if details else "")
    )


def _statistics(run: Run) -> str:
    settings = run.metrics["settings"]
    version = importlib.metadata.version("crosswarp")
    return (
        "We report mean and standard deviation over folds, and ROC-AUC over all folds"
        " counting only pairs of scans within a fold, with"
        f" {round(100 * settings['level'])} % percentile intervals from"
        f" {settings['resamples']} bootstrap resamples of participants within fold and"
        " diagnosis. Models were compared by a paired permutation test of within-fold"
        f" ranks ({settings['permutations']} permutations; Bandos et al., 2005), with"
        " Holm's correction over models. Decision thresholds were the largest Youden"
        " index on validation scans where each class had at least ten of them, else"
        f" 0.5. Analyses used crosswarp {version}."
    )
