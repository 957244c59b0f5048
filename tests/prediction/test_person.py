"""What is known of a person: odd values are refused, odds move with the prevalence."""

import pytest

from crosswarp.errors import InputError
from crosswarp.evaluation.facts import ScanFacts
from crosswarp.prediction.findings import Circumstances
from crosswarp.prediction.person import Person, at_prevalence, person_of


@pytest.mark.parametrize(
    ("known", "argument"),
    [
        (Circumstances(Person(age_years=300.0)), "`age`"),
        (Circumstances(Person(sex="female")), "`sex`"),
        (Circumstances(Person(field_strength_t=3000.0)), "`field_strength`"),
        (Circumstances(prevalence=10.0), "`prevalence`"),
    ],
)
def test_what_is_none_is_refused(known: Circumstances, argument: str) -> None:
    with pytest.raises(InputError, match=argument):
        known.check()
    Circumstances(Person(70.0, "F", 3.0), 0.1).check()


def test_a_row_of_a_cohort_is_a_person() -> None:
    facts = ScanFacts(age_years=70.0, sex="O", field_strength="1.5")
    assert person_of(facts) == Person(70.0, None, 1.5)
    assert person_of(ScanFacts(sex="M")) == Person(sex="M")


def test_odds_are_multiplied_by_the_ratio_of_the_prevalences() -> None:
    moved = at_prevalence({"CN": 0.25, "AD": 0.75}, {"CN": 0.6, "AD": 0.4}, 0.1)
    odds = 3 * (0.1 / 0.9) / (0.4 / 0.6)
    assert moved["AD"] == pytest.approx(odds / (1 + odds), abs=1e-6)
    assert sum(moved.values()) == pytest.approx(1, abs=1e-6)
    same = at_prevalence({"CN": 0.25, "AD": 0.75}, {"CN": 0.6, "AD": 0.4}, 0.4)
    assert same == {"CN": 0.25, "AD": 0.75}
