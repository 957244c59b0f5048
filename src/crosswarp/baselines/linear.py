"""A classifier on similarities; smoothing and C are chosen inside the training part."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Final, NamedTuple

import numpy as np
from sklearn.metrics import roc_auc_score
from sklearn.model_selection import StratifiedGroupKFold

from crosswarp.baselines.calibration import Platt
from crosswarp.baselines.classifiers import (
    LEAST,
    Fitter,
    gaussian_process,
    logistic,
    svm,
)
from crosswarp.baselines.settings import BaselineSettings
from crosswarp.baselines.similarity import View
from crosswarp.statistics.shares import participant_shares
from crosswarp.types.scores import (
    AskedProbabilities,
    AskIndex,
    Chosen,
    ClassIndex,
    ClassScores,
    FitIndex,
    HeldOutIndex,
    HeldOutScores,
    HeldOutWeights,
    ParticipantIndex,
    Probabilities,
    Scores,
)

_FITTERS: Final[dict[str, Fitter]] = {
    "svm": svm,
    "logistic": logistic,
    "gaussian_process": gaussian_process,
}


@dataclass(frozen=True)
class Study:
    """Scans of one cell, in one order.

    Attributes:
        views: Features of all scans by the smoothing of their maps, FWHM in mm.
        diagnoses: Class of each; of scans that are not used any number.
        participants: Participant of each.
        train: Scans to fit on.
        val: Scans to calibrate on; there may be none.
    """

    views: Mapping[float, View]
    diagnoses: ClassIndex
    participants: ParticipantIndex
    train: Chosen
    val: Chosen


@dataclass(frozen=True)
class Answer:
    """What a baseline says.

    Attributes:
        probabilities: Of every scan of the study.
        strength: C that was chosen.
        fwhm_mm: Smoothing that was chosen.
        inner_auc: Mean AUC over the inner folds with both; 0.5 where a class of the
            training part has a single participant, so that nothing can be chosen.
        calibrated_on: ``val``, ``train`` (scans that were held out inside it), or
            None where the classifier gives probabilities itself.
    """

    probabilities: Probabilities
    strength: float
    fwhm_mm: float
    inner_auc: float
    calibrated_on: str | None


class _Choice(NamedTuple):
    """Smoothing and C."""

    fwhm_mm: float
    strength: float


def answer(study: Study, settings: BaselineSettings, classes: int, seed: int) -> Answer:
    """Fit a baseline on the training part and ask it about every scan.

    Args:
        study: Scans and their features.
        settings: Of the baseline.
        classes: How many diagnoses.
        seed: Random seed of the inner folds.
    """
    fitter = _FITTERS[settings.classifier]
    rows = np.flatnonzero(study.train)
    diagnoses, people = study.diagnoses[rows], study.participants[rows]
    inner = _inner_folds(study, rows, settings.inner_folds, seed)
    held_out = _held_out(study, rows, inner, settings)
    counts = participant_shares(people)
    quality = {c: _auc(diagnoses, s, inner, counts) for c, s in held_out.items()}
    if not inner:
        chosen = _unchosen(settings)
    elif settings.classifier == "svm":
        chosen = _most(quality)
    else:
        weights = _weights(diagnoses, people)
        chosen = _most({c: -_loss(s, diagnoses, weights) for c, s in held_out.items()})
    every = np.arange(len(study.train))
    scores = _scores(study, rows, every, fitter, chosen.fwhm_mm, [chosen.strength])[0]
    val = np.flatnonzero(study.val)
    calibrated_on = None
    if settings.classifier != "svm":
        probabilities = _softmax(scores)
    elif len(np.unique(study.diagnoses[val])) == classes:
        calibrated_on = "val"
        counts = participant_shares(study.participants[val])
        probabilities = _calibrated(scores, scores[val], study.diagnoses[val], counts)
    else:
        calibrated_on = "train"
        probabilities = _calibrated(scores, held_out[chosen], diagnoses, counts)
    return Answer(
        probabilities,
        float(chosen.strength),
        float(chosen.fwhm_mm),
        float(quality[chosen]),
        calibrated_on,
    )


def _most(quality: Mapping[_Choice, float]) -> _Choice:
    """Take the best; of equals the weakest penalty, then the widest smoothing.

    The weakest, since a strong one leaves no more than the difference of the classes'
    means, which follows whatever varies most.
    """
    order = sorted(quality, key=lambda c: (c.strength, c.fwhm_mm), reverse=True)
    return max(order, key=lambda choice: round(quality[choice], 9))


def _unchosen(settings: BaselineSettings) -> _Choice:
    """Take the least smoothing and the middle C, where nothing can be compared."""
    strengths = sorted(settings.strengths)
    return _Choice(min(settings.fwhm_mm), strengths[len(strengths) // 2])


def _loss(
    scores: ClassScores, diagnoses: HeldOutIndex, weights: HeldOutWeights
) -> float:
    """Weighted mean log loss, which separates choices that rank few scans alike."""
    likely = _softmax(scores)[np.arange(len(scores)), diagnoses]
    return float(-(weights * np.log(np.maximum(likely, LEAST))).mean())


def _inner_folds(
    study: Study, rows: np.ndarray, most: int, seed: int
) -> list[tuple[np.ndarray, np.ndarray]]:
    """Divide the training part; there are none with one participant of a class."""
    diagnoses, people = study.diagnoses[rows], study.participants[rows]
    fewest = min(
        len(np.unique(people[diagnoses == number])) for number in np.unique(diagnoses)
    )
    if fewest < 2:
        return []
    splitter = StratifiedGroupKFold(
        max(2, min(most, fewest)), shuffle=True, random_state=seed
    )
    parts = splitter.split(np.zeros(len(rows)), diagnoses, people)
    whole = set(np.unique(diagnoses))
    return [(fit, out) for fit, out in parts if set(diagnoses[fit]) == whole]


def _held_out(
    study: Study,
    rows: np.ndarray,
    inner: Sequence[tuple[np.ndarray, np.ndarray]],
    settings: BaselineSettings,
) -> dict[_Choice, ClassScores]:
    """Score every training scan by models that did not see its participant.

    Mean and scale of the features are those of the inner training part, too.
    """
    classes = len(np.unique(study.diagnoses[rows]))
    fitter = _FITTERS[settings.classifier]
    found = {
        _Choice(fwhm, strength): np.zeros((len(rows), classes))
        for fwhm in settings.fwhm_mm
        for strength in settings.strengths
    }
    for fit, out in inner:
        for fwhm in settings.fwhm_mm:
            each = _scores(
                study, rows[fit], rows[out], fitter, fwhm, settings.strengths
            )
            for strength, scores in zip(settings.strengths, each, strict=True):
                found[_Choice(fwhm, strength)][out] = scores
    return found


def _scores(
    study: Study,
    fit: FitIndex,
    ask: AskIndex,
    fitter: Fitter,
    fwhm_mm: float,
    strengths: Sequence[float],
) -> list[ClassScores]:
    """Fit on some scans with every C and ask about others."""
    kernel = study.views[fwhm_mm].kernel(fit, ask)
    weights = _weights(study.diagnoses[fit], study.participants[fit])
    scorer = fitter(kernel, study.diagnoses[fit], weights)
    return [scorer(strength) for strength in strengths]


def _weights(diagnoses: np.ndarray, people: np.ndarray) -> np.ndarray:
    """Weigh scans: classes equally, and within a class participants; the mean is 1."""
    _, person, scans = np.unique(people, return_inverse=True, return_counts=True)
    weights = 1.0 / scans[person]
    present = np.unique(diagnoses)
    for number in present:
        mine = diagnoses == number
        weights[mine] *= len(diagnoses) / len(present) / weights[mine].sum()
    return weights


def _auc(
    diagnoses: ClassIndex,
    scores: ClassScores,
    inner: Sequence[tuple[np.ndarray, np.ndarray]],
    counts: Scores,
) -> float:
    """Average over inner folds and classes: folds' scores are not on one scale.

    Scans count by their share of their participant.
    """
    classes = scores.shape[1]
    found = [
        roc_auc_score(
            diagnoses[out] == number, scores[out, number], sample_weight=counts[out]
        )
        for _, out in inner
        for number in range(1 if classes == 2 else 0, classes)
        if 0 < (diagnoses[out] == number).sum() < len(out)
    ]
    return float(np.mean(found)) if found else 0.5


def _softmax(scores: ClassScores) -> AskedProbabilities:
    powers = np.exp(scores - scores.max(axis=1, keepdims=True))
    shares: AskedProbabilities = powers / powers.sum(axis=1, keepdims=True)
    return shares


def _calibrated(
    scores: ClassScores, on: HeldOutScores, known: HeldOutIndex, counts: np.ndarray
) -> AskedProbabilities:
    """Fit a sigmoid a class against the rest; two classes need one.

    Args:
        scores: Scores of all scans.
        on: Scores of the scans to fit on.
        known: Classes of the scans.
        counts: Their shares of their participants.
    """
    classes = scores.shape[1]
    if classes == 2:
        positive = Platt(on[:, 1], known == 1, counts)(scores[:, 1])
        return np.stack([1 - positive, positive], axis=1)
    each = [Platt(on[:, n], known == n, counts)(scores[:, n]) for n in range(classes)]
    together = np.stack(each, axis=1)
    shares: AskedProbabilities = together / together.sum(axis=1, keepdims=True)
    return shares
