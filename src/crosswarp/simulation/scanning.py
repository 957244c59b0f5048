"""One scan of a head: its site's scanner, its motion, its field of view, its faults."""

from collections.abc import Callable
from dataclasses import dataclass
from typing import Final

import numpy as np
from scipy import ndimage
from scipy.spatial.transform import Rotation

from crosswarp.simulation.acquisition import acquire
from crosswarp.simulation.drawing import Streams
from crosswarp.simulation.settings import AcquisitionSettings, SimulationSettings
from crosswarp.types.arrays import Affine, ScalarMap, SpatialMap

LARGEST_DRAW: Final = 2.0
"""Standard deviations of what differs between sites."""

POSITIONS: Final = 3
"""Between which a head moves during a scan."""

PHASE_AXIS: Final = 1
"""Left to right is 0: the head's back and front are encoded by phase."""

_NOD: Final = 10.0
"""Degrees between two places of a head that does not lie still at all."""

TRUNCATED: Final = "truncated_file"
"""The fault of a file, not of what is in it: its last part is missing."""


@dataclass(frozen=True)
class ScanTruth:
    """What happened to a scan.

    Attributes:
        motion_degrees: Largest turn of the head during the scan; 0: it lay still.
        crop_mm: Of the neck that the field of view leaves out.
        fault: What makes the scan unusable, a key of `FAULTS`, or ``none``.
    """

    motion_degrees: float
    crop_mm: float
    fault: str


def scan_head(
    clean: SpatialMap, site: str, settings: SimulationSettings, streams: Streams
) -> tuple[SpatialMap, ScanTruth]:
    """Scan a head.

    Args:
        clean: The head on the scanner's fine grid; 1 is white matter, 0 is air.
        site: Site of the scanner.
        settings: Of the cohort.
        streams: Of the participant.

    Returns:
        What is stored, and what happened.
    """
    scanner = scanner_of(site, settings)
    rng = streams.trouble
    chances, sizes = rng.random(3), rng.standard_normal(2)
    fault = "none"
    if chances[0] < scanner.bad_rate:
        fault = sorted(FAULTS)[int(rng.integers(len(FAULTS)))]
    degrees = 0.0
    if chances[1] < scanner.motion_rate:
        degrees = scanner.motion_degrees * float(0.5 + abs(sizes[0]))
    head = FAULTS[fault](clean, rng) if fault in FAULTS else clean
    if degrees:
        head = with_motion(head, degrees, rng)
    crop = float(chances[2]) * scanner.crop
    place = settings.acquisition.sites.index(site)
    voxels = scanner.voxels[place % len(scanner.voxels)] if scanner.voxels else None
    head = thinned(cropped(head, crop), voxels)
    stored = acquire(head.values, scanner, streams.scanner).astype(np.float32)
    return SpatialMap(stored, head.affine), ScanTruth(degrees, crop, fault)


def scanner_of(site: str, settings: SimulationSettings) -> AcquisitionSettings:
    """Settings of one site's scanner: drawn once for the cohort.

    Args:
        site: One of the settings' sites.
        settings: Of the cohort.
    """
    common = settings.acquisition
    # Participants begin at 1, so 0 is free for the sites.
    seed = np.random.SeedSequence([settings.seed, 0, common.sites.index(site)])
    draws = np.random.default_rng(seed).standard_normal(3)
    gamma, noise, bias = np.clip(draws, -LARGEST_DRAW, LARGEST_DRAW).tolist()
    return common.model_copy(
        update={
            "gamma_mean": common.gamma_mean + common.site_gamma_sd * gamma,
            "noise": common.noise * float(np.exp(common.site_noise_sd * noise)),
            "bias_sd": common.bias_sd * float(np.exp(common.site_bias_sd * bias)),
        }
    )


def cropped(head: SpatialMap, crop_mm: float) -> SpatialMap:
    """Leave out the lowest part of the field of view.

    Args:
        head: On RAS+ axes.
        crop_mm: How much, rounded down to whole slices.
    """
    slices = int(crop_mm / head.spacing[2])
    affine = head.affine.copy()
    affine[:3, 3] += affine[:3, 2] * slices
    return SpatialMap(head.values[:, :, slices:], affine)


def thinned(head: SpatialMap, voxels: tuple[float, float, float] | None) -> SpatialMap:
    """Resample to larger voxels, each the mean of what it covers.

    Args:
        head: On RAS+ axes.
        voxels: Their size in mm; the head's own when None. Never smaller.
    """
    if voxels is None:
        return head
    ratio = np.maximum(np.array(voxels) / head.spacing, 1)
    if (ratio == 1).all():
        return head
    # A Gaussian as wide as a box of the larger voxel, less the one it has.
    smooth = ndimage.gaussian_filter(head.values, np.sqrt((ratio**2 - 1) / 12))
    extent = tuple(
        int((n - 1) / r) + 1 for n, r in zip(head.extent, ratio, strict=True)
    )
    values: ScalarMap = ndimage.affine_transform(
        smooth, np.diag(ratio), output_shape=extent, order=1, output=np.float32
    )
    affine = head.affine.copy()
    affine[:3, :3] *= ratio
    return SpatialMap(values, affine)


def with_motion(
    head: SpatialMap, degrees: float, rng: np.random.Generator
) -> SpatialMap:
    """Move a head during its scan: lines of k-space see it in different places.

    Args:
        head: On RAS+ axes.
        degrees: Largest turn; the shift in mm is as large.
        rng: When and how it moves.

    Returns:
        Magnitudes: blurred, with ghosts along the phase axis.
    """
    lines = head.extent[PHASE_AXIS]
    # Most of the centre is seen at rest: people move now and then.
    starts = np.sort(rng.uniform(0.05, 0.95, POSITIONS - 1))
    bounds = [0, *(starts * lines).astype(int).tolist(), lines]
    spectrum = np.zeros(head.extent, dtype=np.complex64)
    for n in range(POSITIONS):
        share = 0.0 if n == POSITIONS // 2 else degrees * rng.uniform(0.5, 1)
        moved = _moved(head, share, rng)
        whole = np.fft.fft(moved, axis=PHASE_AXIS)
        seen = np.fft.ifftshift(np.arange(lines))
        chosen = np.flatnonzero((seen >= bounds[n]) & (seen < bounds[n + 1]))
        spectrum[:, chosen] = whole[:, chosen]
    values: ScalarMap = np.abs(np.fft.ifft(spectrum, axis=PHASE_AXIS))
    return SpatialMap(values.astype(np.float32), head.affine)


def _moved(head: SpatialMap, degrees: float, rng: np.random.Generator) -> ScalarMap:
    axis, shift = rng.standard_normal((2, 3))
    if degrees == 0:
        return head.values
    turn = np.deg2rad(degrees) * axis / np.linalg.norm(axis)
    matrix = Rotation.from_rotvec(turn).as_matrix()
    middle = (np.array(head.extent) - 1) / 2
    offset = middle - matrix @ middle
    offset += degrees * shift / np.linalg.norm(shift) / np.array(head.spacing)
    values: ScalarMap = ndimage.affine_transform(
        head.values, matrix, offset, order=1, output=np.float32
    )
    return values


def _wrong_contrast(head: SpatialMap, rng: np.random.Generator) -> SpatialMap:
    """Fluid bright, white matter dark: a T2w image in a T1w image's place."""
    del rng
    tissue = np.clip(head.values / 0.15, 0, 1)
    values: ScalarMap = tissue * np.clip(1.25 - head.values, 0.05, None)
    return SpatialMap(values.astype(np.float32), head.affine)


def _cut_head(head: SpatialMap, rng: np.random.Generator) -> SpatialMap:
    """The upper third to half of the head lies outside the slices."""
    kept = int(head.extent[2] * rng.uniform(0.45, 0.55))
    values = head.values.copy()
    values[:, :, kept:] = 0
    return SpatialMap(values, head.affine)


def _no_head(head: SpatialMap, rng: np.random.Generator) -> SpatialMap:
    """Nobody lay in the scanner."""
    del rng
    return SpatialMap(np.zeros_like(head.values), head.affine)


def _strong_motion(head: SpatialMap, rng: np.random.Generator) -> SpatialMap:
    """Somebody who nods all along: every other line sees another place."""
    moved = _moved(head, _NOD, rng)
    spectrum = np.fft.fft(head.values, axis=PHASE_AXIS)
    spectrum[:, 1::2] = np.fft.fft(moved, axis=PHASE_AXIS)[:, 1::2]
    values: ScalarMap = np.abs(np.fft.ifft(spectrum, axis=PHASE_AXIS))
    return SpatialMap(values.astype(np.float32), head.affine)


def _sideways(head: SpatialMap, rng: np.random.Generator) -> SpatialMap:
    """The header says another orientation than the image has."""
    del rng
    affine: Affine = head.affine.copy()
    turn = Rotation.from_euler("x", 90, degrees=True).as_matrix()
    affine[:3] = turn @ head.affine[:3]
    return SpatialMap(head.values, affine)


def _as_it_is(head: SpatialMap, rng: np.random.Generator) -> SpatialMap:
    del rng
    return head


FAULTS: Final[dict[str, Callable[[SpatialMap, np.random.Generator], SpatialMap]]] = {
    "cut_head": _cut_head,
    "no_head": _no_head,
    "sideways": _sideways,
    "strong_motion": _strong_motion,
    TRUNCATED: _as_it_is,
    "wrong_contrast": _wrong_contrast,
}
"""What makes a scan unusable, and how."""
