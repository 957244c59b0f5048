"""Linear classifiers on similarities; their strength is chosen inside the training."""

from collections.abc import Callable, Sequence
from dataclasses import dataclass
from typing import Any, Final

import numpy as np
from sklearn.linear_model import LogisticRegression
from sklearn.metrics import roc_auc_score
from sklearn.model_selection import StratifiedGroupKFold
from sklearn.svm import SVC

from crosswarp.baselines.calibration import Platt
from crosswarp.baselines.settings import BaselineSettings
from crosswarp.types.scores import (
    AskedProbabilities,
    AskedSimilarity,
    Chosen,
    ClassIndex,
    ClassScores,
    HeldOutIndex,
    HeldOutScores,
    ParticipantIndex,
    Probabilities,
    Similarity,
)

STEPS: Final = 10_000
"""Of the logistic regression's optimiser, at most."""


@dataclass(frozen=True)
class Study:
    """Scans of one cell, in one order.

    Attributes:
        similarity: Of every scan with every other.
        diagnoses: Class of each; of scans that are not used any number.
        participants: Whose each is.
        train: Scans to fit on.
        val: Scans to calibrate on; there may be none.
    """

    similarity: Similarity
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
        inner_auc: Mean AUC over the inner folds at that C; None when none was needed.
        calibrated_on: ``val``, ``train`` (scans that were held out inside it), or
            None where the classifier gives probabilities itself.
    """

    probabilities: Probabilities
    strength: float
    inner_auc: float | None
    calibrated_on: str | None


# Similarity of the scans to fit on, their classes, and of all scans with those.
_Scorer = Callable[[Similarity, ClassIndex, AskedSimilarity, float], ClassScores]


def answer(study: Study, settings: BaselineSettings, classes: int, seed: int) -> Answer:
    """Fit a baseline on the training part and ask it about every scan.

    Args:
        study: Scans and how alike they are.
        settings: Of the baseline.
        classes: How many diagnoses.
        seed: Of the inner folds.
    """
    score = _SCORERS[settings.classifier]
    rows = np.flatnonzero(study.train)
    inner = _inner_folds(study, rows, settings.inner_folds, seed)
    held_out = {c: _held_out(study, rows, inner, score, c) for c in settings.strengths}
    quality = {
        c: _auc(study.diagnoses[rows], scores, inner, classes)
        for c, scores in held_out.items()
    }
    # Of equals the first: the strongest penalty.
    strength = max(sorted(quality), key=lambda c: quality[c])
    scores = _asked(study, rows, np.arange(len(study.train)), score, strength)
    chosen = {"strength": float(strength), "inner_auc": float(quality[strength])}
    if settings.classifier == "logistic":
        return Answer(_softmax(scores), calibrated_on=None, **chosen)
    val = np.flatnonzero(study.val)
    if len(np.unique(study.diagnoses[val])) == classes:
        on, known, what = scores[val], study.diagnoses[val], "val"
    else:
        on, known, what = held_out[strength], study.diagnoses[rows], "train"
    return Answer(_calibrated(scores, on, known, classes), calibrated_on=what, **chosen)


def _inner_folds(
    study: Study, rows: np.ndarray, most: int, seed: int
) -> list[tuple[np.ndarray, np.ndarray]]:
    diagnoses, people = study.diagnoses[rows], study.participants[rows]
    fewest = min(
        len(np.unique(people[diagnoses == number])) for number in np.unique(diagnoses)
    )
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
    score: _Scorer,
    strength: float,
) -> ClassScores:
    """Score every training scan by a model that did not see its participant."""
    classes = len(np.unique(study.diagnoses[rows]))
    scores = np.zeros((len(rows), classes))
    for fit, out in inner:
        scores[out] = _asked(study, rows[fit], rows[out], score, strength)
    return scores


def _asked(
    study: Study, fit: np.ndarray, ask: np.ndarray, score: _Scorer, strength: float
) -> ClassScores:
    known = study.similarity[np.ix_(fit, fit)]
    return score(
        known, study.diagnoses[fit], study.similarity[np.ix_(ask, fit)], strength
    )


def _auc(
    diagnoses: ClassIndex,
    scores: ClassScores,
    inner: Sequence[tuple[np.ndarray, np.ndarray]],
    classes: int,
) -> float:
    """Average over inner folds and classes: folds' scores are not on one scale."""
    found = [
        roc_auc_score(diagnoses[out] == number, scores[out, number])
        for _, out in inner
        for number in range(1 if classes == 2 else 0, classes)
        if 0 < (diagnoses[out] == number).sum() < len(out)
    ]
    return float(np.mean(found)) if found else 0.5


def _svm(
    known: Similarity, diagnoses: ClassIndex, asked: AskedSimilarity, strength: float
) -> ClassScores:
    machine = SVC(kernel="precomputed", C=strength, class_weight="balanced")
    machine.fit(known, diagnoses)
    return _columns(machine.decision_function(asked))


def _logistic(
    known: Similarity, diagnoses: ClassIndex, asked: AskedSimilarity, strength: float
) -> ClassScores:
    """Rotate the features to as many as there are scans: the penalty stays the same."""
    sizes, directions = np.linalg.eigh(known)
    kept = sizes > 1e-9 * sizes.max()
    roots = np.sqrt(sizes[kept])
    model = LogisticRegression(C=strength, class_weight="balanced", max_iter=STEPS)
    model.fit(directions[:, kept] * roots, diagnoses)
    found: Any = model.decision_function(asked @ directions[:, kept] / roots)
    return _columns(found)


_SCORERS: Final[dict[str, _Scorer]] = {"svm": _svm, "logistic": _logistic}


def _columns(found: np.ndarray) -> ClassScores:
    """Give two classes a column each, as more have."""
    if found.ndim == 2:
        return found
    return np.stack([-found / 2, found / 2], axis=1)


def _softmax(scores: ClassScores) -> AskedProbabilities:
    powers = np.exp(scores - scores.max(axis=1, keepdims=True))
    shares: AskedProbabilities = powers / powers.sum(axis=1, keepdims=True)
    return shares


def _calibrated(
    scores: ClassScores, on: HeldOutScores, known: HeldOutIndex, classes: int
) -> AskedProbabilities:
    """Fit a sigmoid a class against the rest; two classes need one."""
    if classes == 2:
        positive = Platt(on[:, 1], known == 1)(scores[:, 1])
        return np.stack([1 - positive, positive], axis=1)
    each = [Platt(on[:, n], known == n)(scores[:, n]) for n in range(classes)]
    together = np.stack(each, axis=1)
    shares: AskedProbabilities = together / together.sum(axis=1, keepdims=True)
    return shares
