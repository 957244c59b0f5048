"""Slices: all there, straight, and where the headers say, in files or in frames."""

from collections.abc import Callable
from dataclasses import replace
from pathlib import Path

import numpy as np
import pytest
from pydicom.dataset import Dataset

from crosswarp.errors import ScanError
from crosswarp.readers.dicom.geometry import (
    check_continuous,
    check_placed,
    check_slices,
)
from crosswarp.readers.dicom.series import Series, read_series
from crosswarp.types.arrays import SpatialMap
from tests.dicom_series import write_enhanced, write_series

AXIAL = (1.0, 0.0, 0.0, 0.0, 1.0, 0.0)
T1W = Series(4, "MR", (Path("a"),), 60, ("t1", "mprage"), 3.0, True, False, places=())


def placed(*heights: float) -> Series:
    places = tuple(
        (*AXIAL, 0.0, 0.0, float(z), 1.0, 1.0, 256.0, 256.0) for z in heights
    )
    return replace(T1W, images=len(heights), places=places)


def test_even_steps_pass_in_any_order() -> None:
    check_slices(placed(*np.random.default_rng(0).permutation(np.arange(0, 60, 1.2))))


@pytest.mark.parametrize(
    ("series", "reason"),
    [
        (placed(0, 1, 2, 5, 6, 7), r"slices 3 and 4 are 3 mm apart \(2 missing"),
        (placed(0, 1, 2, 2, 3, 4, 5), "some twice or shifted"),
        (placed(1, 1, 1, 1), "4 images at the same places"),
        (placed(1), "1 images at the same places"),
        (placed(0, 1, np.nan), "do not say where they lie"),
        (replace(placed(0, 1), flaw="1 of 2 files cut short"), "cut short; copy"),
    ],
)
def test_uneven_steps_are_refused(series: Series, reason: str) -> None:
    with pytest.raises(ScanError, match=reason):
        check_slices(series)


def test_mixed_directions_are_refused() -> None:
    mixed = placed(0, 1, 2)
    turned = (0.0, 1.0, 0.0, 0.0, 0.0, 1.0, *mixed.places[1][6:])
    with pytest.raises(ScanError, match="different directions"):
        check_slices(replace(mixed, places=(*mixed.places, turned)))


def test_a_sheared_stack_is_refused() -> None:
    straight = placed(*range(60))
    tilted = tuple(
        (*p[:7], p[7] + 0.14 * k, *p[8:]) for k, p in enumerate(straight.places)
    )
    with pytest.raises(
        ScanError, match=r"shifted against each other by up to 8\.26 mm"
    ):
        check_slices(replace(straight, places=tilted))


@pytest.fixture(scope="module")
def small() -> SpatialMap:
    """Sixteen small slices, each unlike the others, a fourth of which is half empty."""
    values = np.random.default_rng(0).integers(0, 900, (6, 5, 16)).astype(float)
    return SpatialMap(values, np.diag([2.0, 3.0, 4.0, 1.0]))


def slices_of(path: Path) -> Series:
    (series,) = read_series([path] if path.is_file() else sorted(path.iterdir()))
    return series


def frame_of(image: Dataset, k: int) -> Dataset:
    frame: Dataset = image.PerFrameFunctionalGroupsSequence[k]
    return frame


def moved(image: Dataset) -> None:
    frame_of(image, 5).PlanePositionSequence[0].ImagePositionPatient[2] += 1


def doubled(image: Dataset) -> None:
    place = frame_of(image, 4).PlanePositionSequence
    frame_of(image, 5).PlanePositionSequence = place


def turned(image: Dataset) -> None:
    plane = frame_of(image, 5).PlaneOrientationSequence[0]
    plane.ImageOrientationPatient = [1, 0, 0, 0, 0.9998, 0.02]


def tilted(image: Dataset) -> None:
    for k in range(image.NumberOfFrames):
        frame_of(image, k).PlanePositionSequence[0].ImagePositionPatient[1] += 0.2 * k


def nowhere(image: Dataset) -> None:
    del frame_of(image, 5).PlanePositionSequence


def fewer(image: Dataset) -> None:
    image.NumberOfFrames = 15


def short(image: Dataset) -> None:
    image.PixelData = image.PixelData[: len(image.PixelData) // 2]


def two_stacks(image: Dataset) -> None:
    frames = image.PerFrameFunctionalGroupsSequence
    for k in range(8, 16):
        frames[k].FrameContentSequence[0].StackID = "2"
        frames[k].PlanePositionSequence = frames[k - 8].PlanePositionSequence


def two_echoes(image: Dataset) -> None:
    two_stacks(image)
    for k, frame in enumerate(image.PerFrameFunctionalGroupsSequence):
        echo = Dataset()
        echo.EffectiveEchoTime = 2.0 if k < 8 else 4.0
        frame.MREchoSequence = [echo]


FLAWS: dict[str, tuple[Callable[[Dataset], None], str]] = {
    "shifted": (moved, "some twice or shifted"),
    "double": (doubled, "some twice or shifted"),
    "turned": (turned, "different directions"),
    "tilted": (tilted, "shifted against each other"),
    "nowhere": (nowhere, "do not say where they lie"),
    "fewer": (fewer, "a file of 15 frames describes 16"),
    "short": (short, "1 of 1 files cut short"),
    "stacks": (two_stacks, "16 images at the same places; several volumes, or"),
    "echoes": (two_echoes, "several volumes of 2 echo times, or"),
}


@pytest.mark.parametrize("name", FLAWS)
def test_frames_are_checked_like_files(
    tmp_path: Path, small: SpatialMap, name: str
) -> None:
    change, reason = FLAWS[name]
    path = write_enhanced(tmp_path / "a.dcm", small, change=change)
    with pytest.raises(ScanError, match=reason):
        check_slices(slices_of(path))


@pytest.mark.parametrize("order", ["stored", "backwards", "shuffled"])
def test_a_missing_frame_is_named(
    tmp_path: Path, small: SpatialMap, order: str
) -> None:
    frames = [k for k in range(16) if k != 7]
    if order == "backwards":
        frames.reverse()
    if order == "shuffled":
        frames = [int(k) for k in np.random.default_rng(1).permutation(frames)]
    path = write_enhanced(tmp_path / "a.dcm", small, frames=frames)
    with pytest.raises(ScanError, match=r"slices 7 and 8 are 8 mm apart \(1 missing"):
        check_slices(slices_of(path))


def test_geometry_may_be_shared(tmp_path: Path, small: SpatialMap) -> None:
    def shared(image: Dataset) -> None:
        plane = frame_of(image, 0).PlaneOrientationSequence
        image.SharedFunctionalGroupsSequence[0].PlaneOrientationSequence = plane
        for frame in image.PerFrameFunctionalGroupsSequence:
            del frame.PlaneOrientationSequence

    one = slices_of(write_enhanced(tmp_path / "a.dcm", small))
    other = slices_of(write_enhanced(tmp_path / "b.dcm", small, change=shared))
    assert one.places == other.places
    write_series(tmp_path / "files", small)
    assert one.places == slices_of(tmp_path / "files").places
    assert (one.images, one.echo_ms) == (16, 2.98)
    check_slices(one)


def test_frames_without_functional_groups_are_refused(
    tmp_path: Path, small: SpatialMap
) -> None:
    def old(image: Dataset) -> None:
        del image.PerFrameFunctionalGroupsSequence

    path = write_enhanced(tmp_path / "a.dcm", small, change=old)
    with pytest.raises(ScanError, match="do not say where they lie"):
        check_slices(slices_of(path))


def test_an_image_placed_elsewhere_is_refused(
    tmp_path: Path, small: SpatialMap
) -> None:
    series = slices_of(write_enhanced(tmp_path / "a.dcm", small))
    check_placed(series, small)
    squeezed = small.affine.copy()
    squeezed[2, 2] = 3.98
    with pytest.raises(ScanError, match=r"placed it 0\.3 mm from where"):
        check_placed(series, SpatialMap(small.values, squeezed))
    with pytest.raises(ScanError, match=r"with \(6, 5, 15\) voxels for \(6, 5, 16\)"):
        check_placed(series, SpatialMap(small.values[:, :, :15], small.affine))


def test_a_jump_in_the_image_is_refused_though_positions_are_even() -> None:
    heights = np.linspace(0, 3, 40)[np.newaxis, np.newaxis]
    x, y = np.meshgrid(*[np.linspace(0, 2, 12)] * 2, indexing="ij")
    head = 100 * np.sin(2 * heights + x[..., np.newaxis] + 2 * y[..., np.newaxis])
    frames = replace(placed(*range(40)), images=40)
    check_continuous(frames, SpatialMap(head, np.eye(4)))
    cut = SpatialMap(np.delete(head, 20, axis=2), np.eye(4))
    with pytest.raises(ScanError, match="between slices 20 and 21 the image changes 1"):
        check_continuous(frames, cut)
    # Files have an own header each, whose position is believed.
    check_continuous(replace(frames, files=(Path("a"),) * 40), cut)
    # Nothing is expected of air.
    faint = head.copy()
    faint[..., 30:] = 0.01 * np.delete(head, 33, axis=2)[..., 29:]
    check_continuous(frames, SpatialMap(faint, np.eye(4)))
