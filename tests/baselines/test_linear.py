"""Linear baselines: the same as on the features themselves; C chosen inside."""

import numpy as np
import pytest
from sklearn.linear_model import LogisticRegression
from sklearn.svm import SVC

from crosswarp.baselines.linear import Study, answer
from crosswarp.baselines.settings import BaselineSettings
from crosswarp.baselines.similarity import similarity

FEATURES = 40


def study(rng, classes: int = 2, effect: float = 1.0, val: int = 20):
    """A hundred scans of fifty people; the first features carry the class."""
    diagnoses = np.repeat(np.arange(50) % classes, 2)
    features = rng.normal(size=(100, FEATURES))
    features[np.arange(100), diagnoses] += effect
    train = np.arange(100) < 60
    return (
        Study(
            similarity([features], train),
            diagnoses,
            np.repeat(np.arange(50), 2),
            train,
            (np.arange(100) >= 60) & (np.arange(100) < 60 + val),
        ),
        features,
    )


def settings(classifier: str, **choices: object) -> BaselineSettings:
    return BaselineSettings(name="a", classifier=classifier, **choices)


def standardised(features: np.ndarray, train: np.ndarray) -> np.ndarray:
    mean, deviation = features[train].mean(0), features[train].std(0)
    return (features - mean) / deviation / np.sqrt(FEATURES)


def test_logistic_is_the_one_on_the_features(rng) -> None:
    made, features = study(rng)
    found = answer(made, settings("logistic", strengths=(2.0,)), 2, seed=0)
    values = standardised(features, made.train)
    plain = LogisticRegression(C=2.0, class_weight="balanced", tol=1e-8)
    plain.fit(values[made.train], made.diagnoses[made.train])
    np.testing.assert_allclose(
        found.probabilities, plain.predict_proba(values), atol=1e-3
    )
    assert found.strength == 2.0
    assert found.calibrated_on is None


def test_the_machine_is_the_one_on_the_features(rng) -> None:
    made, features = study(rng)
    found = answer(made, settings("svm", strengths=(2.0,)), 2, seed=0)
    values = standardised(features, made.train)
    plain = SVC(kernel="linear", C=2.0, class_weight="balanced")
    plain.fit(values[made.train], made.diagnoses[made.train])
    scores = plain.decision_function(values)
    evidence = np.log(found.probabilities[:, 1] / found.probabilities[:, 0])
    slope, offset = np.polyfit(scores, evidence, 1)
    assert slope > 0
    np.testing.assert_allclose(evidence, slope * scores + offset, atol=1e-3)
    assert found.calibrated_on == "val"


def test_without_a_validation_part_it_is_calibrated_inside_the_training(rng) -> None:
    made, _ = study(rng, effect=4.0, val=0)
    found = answer(made, settings("svm"), 2, seed=0)
    assert found.calibrated_on == "train"
    held_out = ~made.train
    right = found.probabilities[held_out].argmax(1) == made.diagnoses[held_out]
    assert right.mean() > 0.8


@pytest.mark.parametrize("classifier", ["svm", "logistic"])
def test_three_classes(rng, classifier: str) -> None:
    made, _ = study(rng, classes=3, effect=5.0)
    found = answer(made, settings(classifier), 3, seed=0)
    assert found.probabilities.shape == (100, 3)
    np.testing.assert_allclose(found.probabilities.sum(1), 1)
    held_out = ~made.train
    right = found.probabilities[held_out].argmax(1) == made.diagnoses[held_out]
    assert right.mean() > 0.8


def test_noise_is_worth_nothing_inside_though_the_training_part_is_learned(rng) -> None:
    """Two scans of each participant, nearly alike: inner folds must not part them."""
    made, _ = study(rng, effect=0.0)
    people = rng.normal(size=(50, 2000))
    features = np.repeat(people, 2, axis=0) + 0.01 * rng.normal(size=(100, 2000))
    twins = Study(
        similarity([features], made.train),
        made.diagnoses,
        made.participants,
        made.train,
        made.val,
    )
    found = answer(twins, settings("logistic", strengths=(1e3,)), 2, seed=0)
    trained = found.probabilities[made.train].argmax(1) == made.diagnoses[made.train]
    assert trained.all()
    assert found.inner_auc < 0.75


def test_answers_about_the_test_part_do_not_depend_on_it(rng) -> None:
    made, features = study(rng)
    features[80:] *= 100
    other = Study(
        similarity([features], made.train),
        made.diagnoses,
        made.participants,
        made.train,
        made.val,
    )
    first, second = (answer(s, settings("svm"), 2, seed=0) for s in (made, other))
    assert first.strength == second.strength
    np.testing.assert_allclose(
        first.probabilities[:80], second.probabilities[:80], atol=1e-9
    )
