"""From names of structures to labels of the atlas."""

import pytest

from crosswarp.atlas import Region, load_atlas
from crosswarp.baselines.regions import feature_labels
from crosswarp.baselines.settings import (
    BASELINES,
    DEFAULTS,
    HIPPOCAMPUS,
    VENTRICLES,
    BaselineSettings,
)
from crosswarp.errors import InputError
from crosswarp.registration import softness
from crosswarp.registration.template import load_template
from crosswarp.study.experiment import VOLUME_BASELINES

REGIONS = [
    Region(48, "hippocampus", "right"),
    Region(99, "hippocampus", "left"),
    Region(41, "lateral ventricle", "right"),
]


def of(**structures: list[str]) -> BaselineSettings:
    choices = {"name": "own", "features": "volumes", "structures": structures}
    return BaselineSettings.model_validate(choices)


def test_both_sides_are_one_feature() -> None:
    assert feature_labels(
        of(small=["hippocampus"], all=["hippocampus", "lateral ventricle"]), REGIONS
    ) == {
        "small": [48, 99],
        "all": [48, 99, 41],
    }


def test_without_structures_every_region_is_a_feature() -> None:
    found = feature_labels(BASELINES["volumes_jsm"], REGIONS)
    assert found == {
        "hippocampus right": [48],
        "hippocampus left": [99],
        "lateral ventricle right": [41],
    }


def test_a_structure_that_is_none_gets_the_nearest() -> None:
    with pytest.raises(
        InputError, match=r"baseline own: .*'hipocampus'; did you mean h"
    ):
        feature_labels(of(one=["hipocampus"]), REGIONS)
    with pytest.raises(InputError, match="it has: hippocampus, lateral ventricle"):
        feature_labels(of(one=["zzz"]), REGIONS)


def test_the_atlas_has_the_structures_of_every_table() -> None:
    brain = load_template(2).brain
    labels, regions = load_atlas(brain.extent, brain.affine)
    assert [one.name for one in DEFAULTS] == list(VOLUME_BASELINES)
    small, both = (feature_labels(one, regions) for one in DEFAULTS)
    assert {name: len(listed) for name, listed in both.items()} == {
        "hippocampus": 2,
        "ventricles": 4,
    }
    assert small == {"hippocampus": both["hippocampus"]}
    # Two hippocampi of 4.7 ml in the template, at 8 cubic millimetres a voxel.
    assert sum((labels == n).sum() for n in small["hippocampus"]) == 2 * 590


def test_the_list_is_not_that_of_the_registrations_prior() -> None:
    """A claim about these baselines may not rest on where the prior is softer."""
    assert set(softness.STRUCTURES) > {*HIPPOCAMPUS, *VENTRICLES}
