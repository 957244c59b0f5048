"""Known worlds: an oracle's AUC is 0.90 in each; they differ in where it lies."""

import numpy as np
import pytest
from scipy.stats import norm

from crosswarp.bids.diagnoses import Diagnosis
from crosswarp.errors import InputError
from crosswarp.simulation.drawing import draw_participant
from crosswarp.simulation.presets import preset_settings
from crosswarp.simulation.settings import SimulationSettings
from crosswarp.simulation.worlds import WORLDS, oracle_auc, oracle_scores


def of(world: str, participants: int = 8) -> SimulationSettings:
    return preset_settings(world, participants=participants, seed=4)


@pytest.mark.parametrize("world", WORLDS)
def test_an_oracle_of_both_finds_as_much_in_each_world(world: str) -> None:
    assert oracle_auc(of(world)) == pytest.approx(0.90, abs=0.003)


@pytest.mark.parametrize(
    ("world", "volume", "signal"),
    [
        ("volume", 0.90, 0.50),
        ("intensity", 0.50, 0.90),
        ("both", 0.818, 0.818),
        ("relation", 0.65, 0.65),
        ("exclusive_or", 0.50, 0.50),
    ],
)
def test_an_oracle_of_one_finds_what_that_world_gives_it(
    world: str, volume: float, signal: float
) -> None:
    settings = of(world)
    assert oracle_auc(settings, "volume") == pytest.approx(volume, abs=0.004)
    assert oracle_auc(settings, "signal") == pytest.approx(signal, abs=0.004)


@pytest.mark.parametrize("world", ["relation", "exclusive_or"])
def test_the_sum_of_both_is_no_way_around_the_relation(world: str) -> None:
    settings = of(world, 800)
    people = [draw_participant(n, settings) for n in range(1, 801)]
    sums = np.array([p.severity + p.signal_severity for p in people])
    ill = np.array([p.diagnosis is Diagnosis.AD for p in people])
    auc = (sums[ill][:, None] > sums[~ill][None, :]).mean()
    # A sum is wider in AD, where both come together, than in CN.
    assert auc < 0.75


def test_participants_are_drawn_as_the_world_says() -> None:
    settings = of("relation", 800)
    people = [draw_participant(n, settings) for n in range(1, 801)]
    for diagnosis, expected in ((Diagnosis.AD, 0.762), (Diagnosis.CN, -0.762)):
        both = np.array(
            [
                (p.severity, p.signal_severity)
                for p in people
                if p.diagnosis is diagnosis
            ]
        )
        assert np.corrcoef(both.T)[0, 1] == pytest.approx(expected, abs=0.06)
    severities = np.array([(p.severity, p.signal_severity) for p in people])
    scores = oracle_scores(severities, settings)
    ill = np.array([p.diagnosis is Diagnosis.AD for p in people])
    auc = (scores[ill][:, None] > scores[~ill][None, :]).mean()
    assert auc == pytest.approx(oracle_auc(settings), abs=0.03)


def test_one_structure_of_the_signal_tells_less_than_its_severity() -> None:
    settings = of("intensity").signal
    assert settings is not None
    ill, healthy = (settings.severity[d] for d in (Diagnosis.AD, Diagnosis.CN))
    lost = settings.darker["hippocampus"]
    spread = np.hypot(lost * ill.sd, settings.darker_sd)
    auc = norm.cdf(lost * (ill.mean - healthy.mean) / (np.sqrt(2) * spread))
    # An observer of images finds nearly this much, docs/explanation/simulation.md.
    assert 0.84 < auc < 0.88


def test_mci_lies_between() -> None:
    settings = preset_settings("both", participants=900, classes=tuple(Diagnosis))
    people = [draw_participant(n, settings) for n in range(1, 901)]
    means = [
        np.mean([p.signal_severity for p in people if p.diagnosis is diagnosis])
        for diagnosis in (Diagnosis.CN, Diagnosis.MCI, Diagnosis.AD)
    ]
    assert means[0] < means[1] < means[2]
    assert means[1] == pytest.approx((means[0] + means[2]) / 2, abs=0.05)


@pytest.mark.parametrize(
    ("positive", "both", "volume", "signal"),
    [(Diagnosis.AD, 0.90, 0.853, 0.764), (Diagnosis.MCI, 0.70, 0.685, 0.561)],
)
def test_realistic_is_as_hard_as_wanted_for_an_oracle(
    positive: Diagnosis, both: float, volume: float, signal: float
) -> None:
    settings = of("realistic")
    found = [oracle_auc(settings, a, positive) for a in (None, "volume", "signal")]
    assert found == pytest.approx([both, volume, signal], abs=0.004)


def test_the_demo_shows_what_fusion_is_for() -> None:
    """Either severity has less than 0.92, both together much more."""
    settings = of("easy")
    assert oracle_auc(settings, "volume") == pytest.approx(0.90, abs=0.004)
    assert oracle_auc(settings, "signal") == pytest.approx(0.79, abs=0.006)
    assert oracle_auc(settings) > 0.96


def test_an_oracle_tells_any_two_diagnoses_apart() -> None:
    settings = of("both")
    ill = oracle_auc(settings, positive=Diagnosis.AD, negative=Diagnosis.MCI)
    early = oracle_auc(settings, positive=Diagnosis.MCI)
    assert ill == pytest.approx(early, abs=0.006)  # MCI lies halfway
    assert early < oracle_auc(settings) - 0.1


def test_who_knows_no_signal_is_told_so() -> None:
    settings = of("both").model_copy(update={"signal": None})
    with pytest.raises(InputError, match="which is None"):
        oracle_auc(settings)
