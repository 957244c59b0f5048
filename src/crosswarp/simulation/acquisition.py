"""What a scanner does to a head: pose, inhomogeneity, contrast, noise, a voxel grid."""

from typing import Final

import numpy as np
from jaxtyping import Int16
from scipy.spatial.transform import Rotation

from crosswarp.simulation.fields import Lattice
from crosswarp.simulation.settings import AcquisitionSettings
from crosswarp.types.arrays import Affine, ScalarMap

FIELD_OF_VIEW: Final = (192.0, 240.0, 200.0)
"""Millimetres: holds the real heads at 8 % more than their size."""

CENTRE: Final = (0.0, -16.0, 18.0)
"""Millimetres from the anterior commissure to the middle of the field of view."""

LARGEST_DRAW: Final = 2.5
"""Standard deviations: poses beyond would cut the head."""

_WAVES: Final = 3


def scanner_lattice(spacing: float) -> Lattice:
    """Give the scanner's grid; its axes are RAS+.

    Args:
        spacing: Millimetres between voxels.
    """
    i, j, k = (round(mm / spacing) for mm in FIELD_OF_VIEW)
    x, y, z = (
        centre - (n - 1) / 2 * spacing
        for centre, n in zip(CENTRE, (i, j, k), strict=True)
    )
    return Lattice((i, j, k), (x, y, z), spacing)


def random_pose(settings: AcquisitionSettings, rng: np.random.Generator) -> Affine:
    """Draw how the head lies in the scanner.

    Args:
        settings: Spread of rotation and translation.
        rng: Source of the draw.

    Returns:
        Head mm to scanner mm: a rotation about the anterior commissure, then a
        translation.
    """
    draws = np.clip(rng.standard_normal(6), -LARGEST_DRAW, LARGEST_DRAW)
    angles = settings.rotation_sd * draws[:3]
    pose: Affine = np.eye(4)
    pose[:3, :3] = Rotation.from_euler("xyz", angles, degrees=True).as_matrix()
    pose[:3, 3] = settings.translation_sd * draws[3:]
    return pose


def acquire(
    head: ScalarMap, settings: AcquisitionSettings, rng: np.random.Generator
) -> Int16[np.ndarray, "..."]:
    """Turn intensities into what a scanner stores.

    Args:
        head: On the scanner's grid; 1 is white matter, 0 is air.
        settings: Strength of each effect.
        rng: Source of the draws.

    Returns:
        Magnitudes, ``settings.white`` for white matter.

    References:
        Gudbjartsson & Patz (1995), The Rician distribution of noisy MRI data.
        Magnetic Resonance in Medicine 34(6), 910-914. doi:10.1002/mrm.1910340618
    """
    gamma = np.exp(np.clip(rng.normal(settings.gamma_mean, settings.gamma_sd), -1, 1))
    clean = np.maximum(head, 0) ** np.float32(gamma)
    clean *= _inhomogeneity(head.shape, settings.bias_sd, rng)
    noise = np.float32(settings.noise)
    real = clean + noise * rng.standard_normal(head.shape, dtype=np.float32)
    imaginary = noise * rng.standard_normal(head.shape, dtype=np.float32)
    magnitude = np.sqrt(real**2 + imaginary**2) * np.float32(settings.white)
    limit = np.iinfo(np.int16).max
    return np.asarray(np.minimum(np.rint(magnitude), limit), dtype=np.int16)


def _inhomogeneity(
    extent: tuple[int, ...], sd: float, rng: np.random.Generator
) -> ScalarMap:
    """Smooth factor: the exponential of a few slow cosines, of the wanted spread."""
    weights = rng.standard_normal((_WAVES,) * 3)
    weights[0, 0, 0] = 0
    orders = np.arange(_WAVES)
    weights /= 1 + sum(order**2 for order in np.meshgrid(orders, orders, orders))
    cosines = [
        np.cos(np.pi * np.outer(orders, (np.arange(n) + 0.5) / n)) for n in extent
    ]
    slow = np.einsum("abc,ai,bj,ck->ijk", weights, *cosines, optimize=True)
    factor: ScalarMap = np.exp(slow * (sd / max(slow.std(), 1e-9))).astype(np.float32)
    return factor
