"""The most probable displacement: what its settings change."""

import numpy as np
import pytest

from crosswarp.registration.build import register
from crosswarp.registration.jacobian import log_jacobian
from crosswarp.registration.settings import MapSettings
from tests.registration.deformed import deformed, template_at


@pytest.mark.slow
@pytest.mark.registration
def test_a_stiffer_prior_is_smoother() -> None:
    template = template_at(4)
    participant = deformed(template).participant
    brain = template.values > 0.2
    spreads = [
        log_jacobian(
            register(
                template,
                participant,
                MapSettings(
                    device="cpu",
                    participant_resolution=2,
                    deformable_iterations=(30, 30, 15),
                    stiffness=(0.0005, bending),
                ),
            ).displacement,
            template.affine,
        )[brain].std()
        for bending in (5.0, 50.0, 5000.0)
    ]
    assert spreads[0] > spreads[1] > 2 * spreads[2]


@pytest.mark.slow
@pytest.mark.registration
def test_a_participant_may_be_sampled_more_finely() -> None:
    template, finer = template_at(4), template_at(2)
    known, fine = deformed(template), deformed(finer)
    brain = template.values > 0.2
    found = register(template, fine.participant, MapSettings(device="cpu"))
    log_j = log_jacobian(found.displacement, template.affine)
    assert np.corrcoef(log_j[brain], known.log_jacobian[brain])[0, 1] > 0.8
