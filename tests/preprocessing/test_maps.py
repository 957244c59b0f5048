"""make_maps: the same maps and the same limits, whatever registers."""

import numpy as np
import pytest

from crosswarp.errors import QualityError
from crosswarp.preprocessing.maps import make_maps, on_grid
from crosswarp.preprocessing.quality import check_quality
from crosswarp.preprocessing.settings import PreprocessSettings
from crosswarp.registration.jacobian import jacobian_determinant
from crosswarp.registration.settings import (
    AntsSettings,
    GreedySettings,
    MapSettings,
    RegistrationSettings,
    TorchSettings,
)
from crosswarp.registration.template import Template, load_template
from crosswarp.types.arrays import SpatialMap
from tests.registration.deformed import deformed, flipped, template_at

pytestmark = [pytest.mark.slow, pytest.mark.registration]


@pytest.fixture(scope="module")
def stripped() -> SpatialMap:
    """A brain of a 2 mm scan, stored as LPS, with scanner numbers."""
    brain = flipped(deformed(template_at(2)).participant, (0, 1))
    inside = brain.values > 0.15
    return SpatialMap(np.where(inside, 800 * brain.values, 0), brain.affine)


def settings(registration: RegistrationSettings) -> PreprocessSettings:
    return PreprocessSettings(
        resolution=2, brain_mask="given", registration=registration
    )


@pytest.mark.parametrize(
    "registration",
    [
        GreedySettings(
            resolution=1, affine_iterations=(20, 0, 0), deformable_iterations=(20, 0, 0)
        ),
        AntsSettings(resolution=2, iterations=(10, 5, 0)),
        TorchSettings(device="cpu"),
        MapSettings(device="cpu", deformable_iterations=(10, 5, 5)),
    ],
    ids=lambda s: f"{s.backend}-{s.resolution}",
)
def test_every_back_end_fills_the_same_grid(
    registration: RegistrationSettings, stripped: SpatialMap
) -> None:
    maps = make_maps(stripped, settings(registration))
    template = load_template(2)
    estimated = load_template(registration.resolution)
    for made in (maps.t1w, maps.log_jacobian):
        assert made.extent == template.brain.extent
        np.testing.assert_array_equal(made.affine, template.brain.affine)
    displacement = maps.registration.displacement
    assert displacement.shape == (*estimated.brain.extent, 3)
    assert maps.quality.folded == 0
    assert maps.quality.overlap > 0.93
    assert maps.quality.similarity > 0.9


def test_a_shift_is_no_change_of_volume_on_a_grid_of_even_size() -> None:
    """A coarse grid ends before a fine one of even size; zeros there were a fold."""
    affine = np.diag([1.0, 1, 1, 1])
    fine = SpatialMap(np.zeros((182, 218, 182), np.float32), affine)
    coarse = SpatialMap(np.zeros((91, 109, 91), np.float32), np.diag([2.0, 2, 2, 1]))
    source, target = (
        Template(brain, brain.values > 0, resolution)
        for brain, resolution in ((coarse, 2), (fine, 1))
    )
    shift = np.zeros((91, 109, 91, 3), np.float32) + np.float32([4, -3, 2])
    finer = on_grid(shift, source, target)
    determinant = jacobian_determinant(finer, affine)
    assert np.abs(np.log(determinant)).max() < 1e-6
    assert on_grid(shift, source, source) is shift


def test_an_image_that_contradicts_its_header_is_refused_by_its_turn(
    stripped: SpatialMap,
) -> None:
    """Upside down and back to front, which an overlap alone hardly tells."""
    half = np.diag([1.0, -1, -1, 1])
    wrong = SpatialMap(stripped.values, half @ stripped.affine)
    quick = settings(
        GreedySettings(
            resolution=2, affine_iterations=(20, 0, 0), deformable_iterations=(20, 0, 0)
        )
    )
    maps = make_maps(wrong, quick)
    refused = maps.refused(quick.limits)
    assert refused.startswith(
        "the image contradicts its header: what the header calls right, front and top"
        " are the head's right, back and bottom (half a turn about the left-right axis)"
    )
    # Nothing is mended silently.
    assert maps.quality.overlap < quick.limits.overlap.fine[0]


def test_a_scan_of_a_stripped_head_has_no_size_and_no_map_outside_the_brain(
    stripped: SpatialMap,
) -> None:
    quick = settings(
        GreedySettings(
            resolution=2, affine_iterations=(20, 0, 0), deformable_iterations=(5, 0, 0)
        )
    )
    maps = make_maps(stripped, quick)
    assert maps.contradiction == ""
    assert maps.refused(quick.limits) == ""
    assert "intracranial_volume_cm3" not in maps.quality.as_row()
    outside = ~load_template(2).mask
    assert not maps.log_jacobian.values[outside].any()
    assert maps.log_jacobian.values[~outside].any()


def test_folding_above_the_limit_ends_the_scan(stripped: SpatialMap) -> None:
    wild = TorchSettings(
        device="cpu", deformable_iterations=(10, 0), smoothing=(0.7, 0.0), step=3.0
    )
    chosen = settings(wild)
    maps = make_maps(stripped, chosen)
    voxels = maps.quality.folded * load_template(2).mask.sum()
    assert voxels == pytest.approx(round(voxels), abs=1e-3)
    assert voxels > 10
    with pytest.raises(QualityError, match="the deformation folds in"):
        check_quality(maps.quality, chosen.limits)


def test_the_level_and_scale_of_the_intensities_change_no_map(
    stripped: SpatialMap,
) -> None:
    quick = settings(
        GreedySettings(
            resolution=2, affine_iterations=(20, 0, 0), deformable_iterations=(20, 0, 0)
        )
    )
    plain = make_maps(stripped, quick)
    assert plain.notes == ()
    moved = SpatialMap(stripped.values - np.float32(3000), stripped.affine)
    shifted = make_maps(moved, quick)
    assert shifted.notes == ("the background is at -3000; it was shifted to 0",)
    # Numbers near -3000 are rounded, so a voxel at the brain's edge may fall out.
    other = np.abs(shifted.t1w.values - plain.t1w.values) > 1e-3
    assert np.count_nonzero(other) < 20
    brain = stripped.values > 0
    inside = stripped.values[brain]
    scores = np.where(brain, (stripped.values - inside.mean()) / inside.std(), 0)
    scored = make_maps(SpatialMap(scores.astype(np.float32), stripped.affine), quick)
    assert scored.notes == ("a part of the brain is below 0; it was shifted above 0",)
    same = plain.brain & scored.brain
    alike = np.corrcoef(plain.t1w.values[same], scored.t1w.values[same])[0, 1]
    assert alike > 0.98
    spread = (scored.log_jacobian.values - plain.log_jacobian.values)[same].std()
    assert spread < 0.5 * plain.log_jacobian.values[same].std()
