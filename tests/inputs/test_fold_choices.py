"""Choices of folds that cannot be followed are refused, all at once."""

import pytest

from crosswarp.errors import InputError
from crosswarp.inputs.fold_choices import FoldChoices


def test_plain_choices_are_told_from_designs() -> None:
    assert FoldChoices(10, 5, 1, 0.0).is_plain
    assert not FoldChoices(stratify=("sex",)).is_plain
    assert not FoldChoices(group="family").is_plain
    assert not FoldChoices(leave_one_out="site").is_plain
    assert not FoldChoices(test_where=("site=S1",)).is_plain


@pytest.mark.parametrize(
    ("choices", "reason"),
    [
        ({"folds": 1, "repeats": 0}, "got 1; repeats must be 1 or more, got 0"),
        ({"validation_fraction": 1.0}, "from 0 to below 1, got 1.0"),
        (
            {"leave_one_out": "site", "test_where": ("site=S1",)},
            "both say who is tested; give one of them",
        ),
        ({"age_edges": (70.0, 60.0)}, "rising ages in years, .*; got 70, 60"),
        ({"age_edges": ()}, "got none"),
        ({"age_edges": (0.0, 60.0)}, "got 0, 60"),
        ({"age_edges": (60.0, float("inf"))}, "got 60, inf"),
    ],
)
def test_what_does_not_go_together_is_refused(choices: dict, reason: str) -> None:
    with pytest.raises(InputError, match=reason):
        FoldChoices(**choices).check()


def test_conditions_are_columns_and_values() -> None:
    chosen = FoldChoices(test_where=(" site = S 1", "archive=a=b"))
    assert chosen.conditions == [("site", "S 1"), ("archive", "a=b")]
    for text in ("site", "site=", "=S1"):
        with pytest.raises(InputError, match="as column=value, such as site=S2, got"):
            _ = FoldChoices(test_where=(text,)).conditions
