"""locate_brain: what is no whole head is refused, each for its own reason."""

from collections.abc import Callable

import numpy as np
import pytest
from scipy import ndimage

from crosswarp.errors import QualityError, ScanError
from crosswarp.preprocessing import brain as module
from crosswarp.preprocessing.brain import (
    check_not_stripped,
    given_brain,
    locate_brain,
)
from crosswarp.preprocessing.quality import brain_volume_cm3, overlap
from crosswarp.preprocessing.settings import PreprocessSettings
from crosswarp.preprocessing.template_mask import template_brain
from crosswarp.readers.reading import read_t1w
from crosswarp.types.arrays import Mask, SpatialMap
from tests.heads import colin27_path

STEP = 2
SETTINGS = PreprocessSettings(resolution=2)
TEMPLATE = PreprocessSettings(resolution=2, brain_mask="template")
GIVEN = PreprocessSettings(resolution=2, brain_mask="given")


@pytest.fixture(scope="module")
def head() -> SpatialMap:
    """Colin27 at 2 mm."""
    whole = read_t1w(colin27_path())
    affine = whole.affine.copy()
    affine[:3, :3] *= STEP
    return SpatialMap(whole.values[::STEP, ::STEP, ::STEP], affine)


@pytest.fixture(scope="module")
def brain(head: SpatialMap) -> Mask:
    """What deepbet finds in it."""
    return locate_brain(head, SETTINGS).mask


def cut(head: SpatialMap, axis: int, start: int, stop: int) -> SpatialMap:
    box = [slice(None)] * 3
    box[axis] = slice(start, stop)
    affine = head.affine.copy()
    affine[:3, 3] += start * affine[:3, axis]
    return SpatialMap(head.values[tuple(box)], affine)


def zeroed(head: SpatialMap) -> SpatialMap:
    values = head.values.copy()
    values[45:] = 0
    return SpatialMap(values, head.affine)


def animal(head: SpatialMap) -> SpatialMap:
    """A head of a macaque's size, longer than high; in a large field of view."""
    affine = head.affine @ np.diag([0.45, 0.6, 0.4, 1.0])
    return SpatialMap(np.pad(head.values, 30).astype(np.float32), affine)


def phantom(head: SpatialMap) -> SpatialMap:
    """A ball of water with a rod in it."""
    places = np.indices(head.extent) - np.array(head.extent).reshape(3, 1, 1, 1) / 2
    values = np.where((places**2).sum(axis=0) < 37**2, 500.0, 0.0)
    values[((places[:2] - 10) ** 2).sum(axis=0) < 4**2] = 900
    return SpatialMap(values.astype(np.float32), head.affine)


# Each of these lets deepbet run on a real image.
NO_HEADS: list[tuple[Callable[[SpatialMap], SpatialMap], str]] = [
    (lambda head: cut(head, 0, 0, 45), "against the edge of the image"),
    (lambda head: cut(head, 2, 0, 66), "against the edge of the image"),
    (zeroed, "against the edge of the image"),
    (animal, "cm3; expected 700 to 2300; is this a whole T1w head"),
    (phantom, "tissue around the brain|expected"),
]


@pytest.mark.slow
@pytest.mark.parametrize(
    ("change", "reason"),
    NO_HEADS,
    ids=["half", "without vertex", "zeroed half", "animal", "phantom"],
)
def test_what_is_no_whole_head_is_refused(
    head: SpatialMap, change: Callable[[SpatialMap], SpatialMap], reason: str
) -> None:
    with pytest.raises(ScanError, match=reason):
        locate_brain(change(head), SETTINGS)


@pytest.mark.slow
def test_a_stripped_scan_given_as_raw_is_refused(head: SpatialMap, brain: Mask) -> None:
    stripped = SpatialMap(np.where(brain, head.values, 0), head.affine)
    with pytest.raises(ScanError, match="is stripped, give `brain_mask='given'`"):
        locate_brain(stripped, SETTINGS)
    found = locate_brain(stripped, GIVEN)
    assert found.how == "given"
    assert overlap(found.mask, brain) > 0.99


@pytest.mark.slow
def test_a_whole_head_is_not_taken_for_stripped(head: SpatialMap, brain: Mask) -> None:
    check_not_stripped(head, brain)
    shell = ndimage.binary_dilation(brain, iterations=1)
    with pytest.raises(ScanError, match="only 0 cm3 of tissue"):
        check_not_stripped(
            SpatialMap(np.where(shell, head.values, 0), head.affine), brain
        )


def test_a_whole_head_given_as_stripped_is_refused(head: SpatialMap) -> None:
    with pytest.raises(QualityError, match="is the skull still on") as caught:
        locate_brain(head, GIVEN)
    assert caught.value.numbers["brain_volume_cm3"] > 2300


@pytest.mark.parametrize("background", [0.0, -1024.0, 12.0])
def test_the_background_of_a_stripped_scan_may_be_any_value(
    background: float,
) -> None:
    values = np.full((6, 7, 8), background, np.float32)
    values[2:4, 2:5, 2:6] = background + 5
    assert given_brain(SpatialMap(values, np.eye(4))).sum() == 2 * 3 * 4


@pytest.mark.slow
@pytest.mark.registration
def test_the_templates_mask_fits_a_head(head: SpatialMap, brain: Mask) -> None:
    found = locate_brain(head, TEMPLATE)
    assert found.how == "template"
    assert overlap(found.mask, brain) > 0.9
    # Also where the head lies elsewhere and is turned.
    turn = np.eye(4)
    turn[:2, :2] = [[np.cos(0.2), -np.sin(0.2)], [np.sin(0.2), np.cos(0.2)]]
    turn[:3, 3] = (15, -30, 40)
    moved = template_brain(SpatialMap(head.values, turn @ head.affine))
    assert overlap(moved, brain) > 0.9


@pytest.mark.registration
def test_the_template_stands_in_only_when_asked(
    head: SpatialMap, monkeypatch: pytest.MonkeyPatch
) -> None:
    def nothing(scan: SpatialMap) -> Mask:
        return np.zeros(scan.extent, bool)

    monkeypatch.setitem(module._NETWORKS, "deepbet", nothing)
    with pytest.raises(QualityError, match="the brain mask has 0 cm3"):
        locate_brain(head, SETTINGS)
    found = locate_brain(head, SETTINGS.model_copy(update={"fall_back": True}))
    assert found.how == "template"
    assert 1400 < brain_volume_cm3(head, found.mask) < 2200


@pytest.mark.registration
def test_where_the_template_fits_no_better_both_reasons_are_said(
    head: SpatialMap, monkeypatch: pytest.MonkeyPatch
) -> None:
    def none(_: SpatialMap) -> Mask:
        msg = "no brain was found"
        raise ScanError(msg)

    monkeypatch.setitem(module._NETWORKS, "deepbet", none)
    half = cut(head, 2, 0, 50)
    with pytest.raises(ScanError, match=r"no brain was found; nor did .* stretched"):
        locate_brain(half, SETTINGS.model_copy(update={"fall_back": True}))
