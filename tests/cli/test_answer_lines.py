"""The answer for one scan, line by line."""

from dataclasses import replace

from crosswarp.cli.answer_lines import answer_lines
from crosswarp.study.findings import CHANGE_NOTE, Changes, SessionChange
from tests.prediction.test_answer import ANSWER


def test_the_range_is_named_as_what_it_is() -> None:
    first, cn, ad, decision, *rest = answer_lines(ANSWER)
    label = "sub-01_ses-1"
    assert first == f"{label}: quality control: check, {ANSWER.reason}"
    assert cn.startswith(f"{label}: probability of CN 0.250 (0.20 to 0.30: lowest to")
    assert ad.endswith("of 5 networks of the folds, not a confidence interval)")
    assert decision == f"{label}: decision AD, by 4 of 5 networks"
    assert rest == []  # The first note repeats the quality.
    alone = answer_lines(replace(ANSWER, networks=1))
    assert alone[2] == f"{label}: probability of AD 0.750"


def test_changes_are_said_with_what_they_are_not() -> None:
    known = {"first": "ses-1", "probability": 0.2, "log_odds": 1.0}
    yearly = {"probability_per_year": 0.1, "log_odds_per_year": 0.5}
    sessions = (
        SessionChange(later="ses-2", **known),
        SessionChange(later="ses-3", **known, years=2.0, **yearly),
        SessionChange(later="ses-4", **known, years=0.019, days=7),
    )
    said = replace(ANSWER, changes=Changes(positive="AD", sessions=sessions))
    change = "probability of AD +0.200, log-odds +1.00"
    per_year = "+0.100 and +0.50 per year"
    assert answer_lines(said)[4:] == [
        f"sub-01: from ses-1 to ses-2: {change}",
        f"sub-01: from ses-1 to ses-3 in 2.00 years: {change}; {per_year}",
        f"sub-01: from ses-1 to ses-4 in 7 days: {change}",
        CHANGE_NOTE,
    ]
