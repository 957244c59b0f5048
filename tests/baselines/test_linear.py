"""Linear baselines: the same as on the features themselves; C chosen inside."""

from dataclasses import replace

import numpy as np
import pytest
from scipy.stats import norm
from sklearn.linear_model import LogisticRegression
from sklearn.metrics import roc_auc_score
from sklearn.svm import SVC

from crosswarp.baselines.linear import Study, _auc, answer
from crosswarp.baselines.settings import BaselineSettings
from crosswarp.baselines.similarity import MapProducts, MeasuredRegions, products
from crosswarp.statistics.shares import participant_shares

FEATURES = 40


def study(rng, classes: int = 2, effect: float = 1.0, val: int = 20):
    """A hundred scans of fifty people; the first features carry the class."""
    diagnoses = np.repeat(np.arange(50) % classes, 2)
    features = rng.normal(size=(100, FEATURES))
    features[np.arange(100), diagnoses] += effect
    train = np.arange(100) < 60
    return (
        Study(
            {0.0: MapProducts([products([features])])},
            diagnoses,
            np.repeat(np.arange(50), 2),
            train,
            (np.arange(100) >= 60) & (np.arange(100) < 60 + val),
        ),
        features,
    )


def settings(classifier: str, **choices: object) -> BaselineSettings:
    return BaselineSettings(
        **{"name": "a", "classifier": classifier, "fwhm_mm": (0.0,)} | choices
    )


def scaled(features: np.ndarray, train: np.ndarray) -> np.ndarray:
    """Centre by the training mean and divide by one number."""
    centred = features - features[train].mean(0)
    return centred / np.sqrt((centred[train] ** 2).sum(axis=1).mean())


def test_logistic_is_the_one_on_the_features(rng) -> None:
    made, features = study(rng)
    found = answer(made, settings("logistic", strengths=(2.0,)), 2, seed=0)
    values = scaled(features, made.train)
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
    values = scaled(features, made.train)
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


@pytest.mark.parametrize("classifier", ["svm", "logistic", "gaussian_process"])
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
        {0.0: MapProducts([products([features])])},
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
    other = replace(made, views={0.0: MapProducts([products([features])])})
    first, second = (answer(s, settings("svm"), 2, seed=0) for s in (made, other))
    assert first.strength == second.strength
    np.testing.assert_allclose(
        first.probabilities[:80], second.probabilities[:80], atol=1e-9
    )


KNOWN_AUC = 0.9


def test_one_scale_reaches_the_known_auc_where_each_voxels_own_sd_fails(rng) -> None:
    """A region varies together and holds the effect; many quiet voxels hold noise.

    The best AUC that there is follows from the effect. Divided by its own SD, each
    quiet voxel counts as much as one of the region.
    """
    train = np.arange(440) < 40
    diagnoses = np.arange(440) % 2
    effect = norm.ppf(KNOWN_AUC) * np.sqrt(2)
    region = 0.3 * (rng.normal(size=440) + effect * diagnoses)
    maps = 0.01 * rng.normal(size=(440, 8_000))
    maps[:, :15] += region[:, None]
    best = roc_auc_score(diagnoses[~train], region[~train])
    assert best == pytest.approx(KNOWN_AUC, abs=0.04)
    for classifier in ("svm", "logistic", "gaussian_process"):
        found = {}
        for name, view in (
            ("one scale", MapProducts([products([maps])])),
            ("own SD", MeasuredRegions(maps)),
        ):
            people = np.arange(440)
            study = Study({0.0: view}, diagnoses, people, train, ~train & train)
            probabilities = answer(study, settings(classifier), 2, seed=0).probabilities
            found[name] = roc_auc_score(diagnoses[~train], probabilities[~train, 1])
        assert found["one scale"] == pytest.approx(best, abs=0.02), classifier
        assert found["own SD"] < 0.8, classifier


def test_smoothing_and_c_are_chosen_inside(rng) -> None:
    """An SVM by AUC, of equals the weakest penalty and the widest smoothing."""
    made, features = study(rng, effect=6.0)
    noise = MapProducts([products([rng.normal(size=features.shape)])])
    signal = made.views[0.0]
    chosen = {"fwhm_mm": (0.0, 4.0, 8.0), "strengths": (0.1, 1.0)}
    for views, best in (
        ({0.0: noise, 4.0: signal, 8.0: noise}, 4.0),
        ({0.0: signal, 4.0: noise, 8.0: noise}, 0.0),
        ({0.0: signal, 4.0: signal, 8.0: signal}, 8.0),
    ):
        for classifier in ("svm", "logistic"):
            asked = settings(classifier, **chosen)
            found = answer(replace(made, views=views), asked, 2, seed=0)
            assert (found.fwhm_mm, found.strength) == (best, 1.0)
            assert found.inner_auc == 1.0


def test_log_loss_chooses_a_strong_penalty_where_there_is_nothing(rng) -> None:
    made, _ = study(rng, effect=0.0)
    found = answer(made, settings("logistic"), 2, seed=0)
    assert found.strength <= 1.0


def test_participants_weigh_the_same_however_many_scans_they_have(rng) -> None:
    """Classes too: four scans of two people against two scans of two others."""
    features = rng.normal(size=(6, 10))
    diagnoses, people = np.array([0, 0, 0, 0, 1, 1]), np.array([0, 0, 0, 1, 2, 3])
    train = np.ones(6, bool)
    made = Study(
        {0.0: MapProducts([products([features])])}, diagnoses, people, train, ~train
    )
    found = answer(made, settings("logistic", strengths=(2.0,)), 2, seed=0)
    plain = LogisticRegression(C=2.0, tol=1e-8)
    weights = np.array([0.5, 0.5, 0.5, 1.5, 1.5, 1.5])
    values = scaled(features, train)
    plain.fit(values, diagnoses, sample_weight=weights)
    np.testing.assert_allclose(
        found.probabilities, plain.predict_proba(values), atol=1e-3
    )


def test_participants_count_once_in_what_chooses_c() -> None:
    """By hand: 0.9 (1/2) wins 2, 0.6 (1) wins 3/2, 0.3 nothing: 5/2 of 2 * 2."""
    positive = np.array([0.9, 0.3, 0.6, 0.5, 0.4, 0.7])
    found = _auc(
        np.array([1, 1, 1, 0, 0, 0]),
        np.column_stack([-positive, positive]),
        [(np.arange(0), np.arange(6))],
        participant_shares([0, 0, 1, 2, 3, 3]),
    )
    assert found == pytest.approx(0.625)


@pytest.mark.parametrize("classifier", ["svm", "logistic", "gaussian_process"])
@pytest.mark.parametrize("controls", [1, 5])
@pytest.mark.parametrize("val", [0, 20])
def test_with_one_participant_of_a_class_nothing_is_chosen_and_all_is_answered(
    rng, classifier: str, controls: int, val: int
) -> None:
    made, _ = study(rng, effect=6.0, val=val)
    train = np.zeros(100, dtype=bool)
    train[2:4] = True
    train[np.flatnonzero(made.diagnoses[:60] == 0)[: 2 * controls]] = True
    choices = {"strengths": (0.1, 1.0, 10.0)}
    asked = settings(classifier, **choices if classifier != "gaussian_process" else {})
    found = answer(replace(made, train=train), asked, 2, seed=0)
    assert (found.strength, found.fwhm_mm, found.inner_auc) == (1.0, 0.0, 0.5)
    assert roc_auc_score(made.diagnoses[60:], found.probabilities[60:, 1]) > 0.8
