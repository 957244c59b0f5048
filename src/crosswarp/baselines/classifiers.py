"""Classifiers that see scans through their inner products alone."""

import warnings
from collections.abc import Callable
from typing import Any, Final

import numpy as np
from sklearn.exceptions import ConvergenceWarning
from sklearn.gaussian_process import GaussianProcessClassifier
from sklearn.gaussian_process.kernels import ConstantKernel, DotProduct
from sklearn.linear_model import LogisticRegression
from sklearn.svm import SVC

from crosswarp.baselines.similarity import Kernel
from crosswarp.types.scores import ClassIndex, ClassScores, Scores

STEPS: Final = 10_000
"""Iterations of the logistic regression's optimiser, at most."""

LEAST: Final = 1e-12
"""Probability below which its logarithm is not taken."""

VARIANCES: Final = (0.1, 1e4)
"""Bounds of a Gaussian process's variance; the mean training scan has length 1."""

Scorer = Callable[[float], ClassScores]
"""From C to the scores of the scans to ask about, one column a class."""

Fitter = Callable[[Kernel, ClassIndex, Scores], Scorer]
"""From a kernel, the classes and the weights of the scans to fit on to a scorer."""


def svm(kernel: Kernel, diagnoses: ClassIndex, weights: Scores) -> Scorer:
    """Linear support vector machine."""

    def score(strength: float) -> ClassScores:
        machine = SVC(kernel="precomputed", C=strength)
        machine.fit(kernel.known, diagnoses, sample_weight=weights)
        return _columns(machine.decision_function(kernel.asked))

    return score


def logistic(kernel: Kernel, diagnoses: ClassIndex, weights: Scores) -> Scorer:
    """Logistic regression with a penalty on the squares of the weights.

    The features are rotated to as many as there are scans: the penalty stays the same.
    """
    known, asked = _rotated(kernel)

    def score(strength: float) -> ClassScores:
        model = LogisticRegression(C=strength, max_iter=STEPS)
        model.fit(known, diagnoses, sample_weight=weights)
        found: Any = model.decision_function(asked)
        return _columns(found)

    return score


def gaussian_process(kernel: Kernel, diagnoses: ClassIndex, weights: Scores) -> Scorer:
    """Gaussian process with a linear covariance and an offset.

    The variance of the linear part maximises the marginal likelihood (Laplace's
    approximation), so there is no C; scikit-learn's takes no weights.

    Returns:
        Scorer whose scores are logarithms of probabilities.
    """
    del weights
    known, asked = _rotated(kernel)
    linear = DotProduct(sigma_0=0.0, sigma_0_bounds="fixed")
    covariance = ConstantKernel(10.0, VARIANCES) * linear
    covariance += ConstantKernel(1.0, "fixed")
    process = GaussianProcessClassifier(covariance, random_state=0)
    with warnings.catch_warnings():
        # A variance at its bound is an answer too.
        warnings.simplefilter("ignore", ConvergenceWarning)
        process.fit(known, diagnoses)
    found: Any = process.predict_proba(asked)
    scores: ClassScores = np.log(np.clip(found, LEAST, 1.0))
    return lambda _: scores


def _rotated(kernel: Kernel) -> tuple[np.ndarray, np.ndarray]:
    """Coordinates of scans fitted on and asked about with the same inner products."""
    sizes, directions = np.linalg.eigh(kernel.known)
    kept = sizes > 1e-9 * sizes.max()
    roots = np.sqrt(sizes[kept])
    return directions[:, kept] * roots, kernel.asked @ directions[:, kept] / roots


def _columns(found: np.ndarray) -> ClassScores:
    """Give two classes a column each, as more have."""
    if found.ndim == 2:
        return found
    return np.stack([-found / 2, found / 2], axis=1)
