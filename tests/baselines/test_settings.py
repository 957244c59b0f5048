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
        ({"features": "volumes", "fwhm_mm": [0, 4]}, "volumes are not smoothed"),
        ({"fwhm_mm": [-1.0]}, r"must be 0 to 30, got \[-1"),
        ({"fwhm_mm": [0, float("nan")]}, r"must be 0 to 30, got \[0.0, nan"),
        ({"fwhm_mm": [80.0]}, r"must be 0 to 30, got \[80"),
        ({"classifier": "gaussian_process", "strengths": [1, 2]}, "has no strengths"),
        ({"structures": {"a": ["hippocampus"]}}, "add features: volumes or regions"),
        ({"features": "regions", "fwhm_mm": [4]}, "regions are not smoothed"),
        ({"features": "regions", "harmonise": "site"}, "harmonise is for volumes"),
        ({"features": "volumes", "structures": {"a": []}}, "structures.a is empty"),
        ({"harmonise": "site"}, "volumes of regions; add"),
        ({"protect": ["age_years"]}, "add harmonise: site"),
        (
            {"features": "volumes", "harmonise": "site", "protect": ["Site"]},
            "protect names site",
        ),
        ({"kernel": "rbf"}, "Extra inputs"),
    ],
    ids=lambda value: value if isinstance(value, str) else "",
)
def test_refused(choices, reason: str) -> None:
    with pytest.raises(ValidationError, match=reason):
        BaselineSettings.model_validate({"name": "a", **choices})


def test_what_does_not_apply_is_not_chosen_from() -> None:
    volumes = BaselineSettings.model_validate({"name": "a", "features": "volumes"})
    assert volumes.fwhm_mm == (0.0,)
    process = BaselineSettings(name="a", classifier="gaussian_process")
    assert process.strengths == (1.0,)
    assert len(process.fwhm_mm) == 3
    again = BaselineSettings.model_validate(process.model_dump())
    assert again == process
    with pytest.raises(ValidationError, match="valid dictionary"):
        BaselineSettings.model_validate("svm")
