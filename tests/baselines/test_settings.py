"""BaselineSettings: names, and choices that cannot be."""

import pytest
from pydantic import ValidationError

from crosswarp.baselines.settings import (
    BASELINES,
    BaselineSettings,
    baseline_choices,
)
from crosswarp.errors import InputError


def test_names_are_spelt_out() -> None:
    for name, settings in BASELINES.items():
        chosen = BaselineSettings.model_validate(baseline_choices(name))
        assert chosen == settings
        assert chosen.name == name
    own = {"name": "mine", "maps": ["t1w"]}
    assert baseline_choices(own) == own


def test_an_unknown_name_gets_the_nearest() -> None:
    with pytest.raises(InputError, match="did you mean svm_both"):
        baseline_choices("svm_bth")
    with pytest.raises(InputError, match=r"'zzz'\? There are: svm_t1w, "):
        baseline_choices("zzz")


@pytest.mark.parametrize(
    ("choices", "reason"),
    [
        ({"maps": ["jsm", "jsm"]}, "names one twice"),
        ({"features": "volumes", "maps": ["t1w"]}, "in the jsm alone"),
        ({"strengths": [1.0, 0.0]}, "above 0, got 0"),
        ({"maps": []}, "at least 1"),
        ({"kernel": "rbf"}, "Extra inputs"),
    ],
    ids=lambda value: value if isinstance(value, str) else "",
)
def test_refused(choices, reason: str) -> None:
    with pytest.raises(ValidationError, match=reason):
        BaselineSettings.model_validate({"name": "a", **choices})
