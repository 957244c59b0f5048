"""Where the registration may bend more."""

import numpy as np
import pytest

from crosswarp.atlas import load_atlas
from crosswarp.registration.build import register
from crosswarp.registration.jacobian import log_jacobian
from crosswarp.registration.settings import MapSettings
from crosswarp.registration.softness import (
    STRUCTURES,
    softness,
    softness_of,
)
from crosswarp.registration.template import Template, load_template
from tests.registration.deformed import deformed, template_at


def test_it_is_whole_in_the_structures_and_gone_far_from_them() -> None:
    template = load_template(2)
    soft = softness(template)
    assert soft is not None
    assert 0 <= soft.min() < soft.max() <= 1 + 1e-6
    labels, regions = load_atlas(template.brain.extent, template.brain.affine)
    means = {
        region.name: float(soft[labels == region.label].mean()) for region in regions
    }
    assert set(STRUCTURES) <= set(means)
    assert min(means[name] for name in STRUCTURES) > 0.8
    assert means["precentral"] < 0.01
    # About a sixteenth of the brain.
    assert 0.03 < soft[template.mask].mean() < 0.1


def test_ones_own_template_has_no_atlas() -> None:
    own = load_template(2)
    other = Template(own.brain, own.mask, 2, "mine", "of the user")
    assert softness(other) is None


def test_the_border_is_gradual() -> None:
    block = np.zeros((31, 31, 31), dtype=bool)
    block[12:19, 12:19, 12:19] = True
    row = softness_of(block, 2.0)[15, 15, 15:]
    assert row[0] > 0.99
    assert (np.diff(row) <= 1e-6).all()
    assert row[-1] == 0
    assert 0.1 < row[5] < 0.9


@pytest.mark.slow
@pytest.mark.registration
def test_more_is_found_where_the_prior_is_soft() -> None:
    template = template_at(4)
    participant = deformed(template).participant
    half = np.zeros(template.extent, dtype=np.float32)
    half[: template.extent[0] // 2] = 1
    settings = MapSettings(device="cpu", stiffness=(0.0005, 2000.0))
    plain, softer = (
        log_jacobian(
            register(template, participant, settings, soft).displacement,
            template.affine,
        )
        for soft in (None, half)
    )
    inside = template.values > 0.2
    left, right = inside & (half > 0), inside & (half == 0)
    gained, untouched = (
        softer[side].std() / plain[side].std() for side in (left, right)
    )
    # The other half moves along with its neighbour, but does not bend by itself.
    assert gained > 1.3
    assert gained > 1.3 * untouched
