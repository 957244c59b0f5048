"""The answer for one scan, line by line."""

from dataclasses import replace

from crosswarp.cli.answer_lines import answer_lines
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
