"""Who the participants are: age, size of structures, sites and what is not known."""

import numpy as np
import pandas as pd
import pytest

from crosswarp.bids.diagnoses import Diagnosis
from crosswarp.evaluation.context import SCAN, Context
from crosswarp.evaluation.evaluate import evaluate
from crosswarp.evaluation.predictions import check_predictions
from crosswarp.simulation.drawing import VirtualParticipant, draw_participant
from crosswarp.simulation.presets import preset_settings
from tests.evaluation.made_predictions import rows


def people(preset: str, count: int, **changes: object) -> list[VirtualParticipant]:
    settings = preset_settings(preset, participants=count, **changes)
    return [draw_participant(number, settings) for number in range(1, count + 1)]


def logs(drawn: list[VirtualParticipant], region: str) -> np.ndarray:
    return np.log([person.healthy_ratios[region] for person in drawn])


@pytest.fixture(scope="module")
def elderly() -> list[VirtualParticipant]:
    return people("realistic", 900, classes=tuple(Diagnosis))


@pytest.mark.parametrize(
    ("region", "a_year", "spread"),
    [("hippocampus_left", -0.011, 0.02), ("lateral_ventricle_right", 0.035, 0.25)],
)
def test_age_and_chance_have_the_wanted_size(
    elderly: list[VirtualParticipant], region: str, a_year: float, spread: float
) -> None:
    ages = np.array([person.age_years for person in elderly])
    slope, level = np.polyfit(ages, logs(elderly, region), 1)
    error = spread / (ages.std() * np.sqrt(len(ages)))
    assert slope == pytest.approx(a_year, abs=3.5 * error)
    rest = logs(elderly, region) - slope * ages - level
    assert rest.std() == pytest.approx(spread, rel=0.1)


def test_sides_of_a_healthy_structure_go_together(
    elderly: list[VirtualParticipant],
) -> None:
    left, right = (logs(elderly, f"hippocampus_{side}") for side in ("left", "right"))
    np.testing.assert_array_equal(left, right)


def test_disease_comes_on_top(elderly: list[VirtualParticipant]) -> None:
    means = {
        d: np.mean(
            [
                np.log(p.ratios["hippocampus_left"])
                - np.log(p.healthy_ratios["hippocampus_left"])
                for p in elderly
                if p.diagnosis == d
            ]
        )
        for d in Diagnosis
    }
    assert means[Diagnosis.CN] == pytest.approx(0, abs=0.02)
    assert means[Diagnosis.MCI] == pytest.approx(0.5 * np.log(0.78), abs=0.03)
    assert means[Diagnosis.AD] == pytest.approx(0.9 * np.log(0.78), abs=0.04)


def test_realistic_diagnoses_are_of_one_age_and_of_all_sites(
    elderly: list[VirtualParticipant],
) -> None:
    table = pd.DataFrame(
        [(p.diagnosis, p.age_years, p.site) for p in elderly], columns=["d", "a", "s"]
    )
    ages = table.groupby("d")["a"].mean()
    assert ages.max() - ages.min() < 2
    shares = pd.crosstab(table["d"], table["s"], normalize="index").to_numpy()
    assert shares.min() > 0.17
    assert shares.max() < 0.33


def test_what_is_missing_is_drawn_for_each_column_by_itself() -> None:
    drawn = people("easy", 600, missing_rate=0.3)
    for column in ("age", "sex", "site"):
        share = np.mean([column in person.missing for person in drawn])
        assert share == pytest.approx(0.3, abs=0.07)
    assert not any(person.missing for person in people("easy", 50))


def test_warnings_fire_where_age_and_site_carry_the_label() -> None:
    """A model that has learnt nothing but the site, on the confounded cohort."""
    drawn = people("confounded", 240, seed=1)
    diagnoses = [person.diagnosis.value for person in drawn]
    noise = np.random.default_rng(0).normal(0, 0.1, len(drawn))
    of_site = {"site1": 0.3, "site2": 0.7, "site3": 0.5}
    scores = np.clip([of_site[p.site] for p in drawn] + noise, 0.01, 0.99)
    folds = [n // 2 % 5 for n in range(len(drawn))]
    table = rows(diagnoses, {"site_reader": scores.tolist()}, folds)
    table = table.assign(origin="virtual")
    scans = table[SCAN].assign(
        age_years=[person.age_years for person in drawn],
        sex=[person.sex for person in drawn],
        site=[person.site for person in drawn],
    )
    context = Context(scans.set_index(SCAN), None, None)
    found = evaluate(check_predictions(table, "the table"), context=context)
    flags = found.metrics.flags
    assert any(f.startswith("Age and sex alone reach") for f in flags)
    assert any(
        f.startswith("site_reader: AUC is") and "without site" in f for f in flags
    )
