"""How well a registration finds a change that is known."""

from dataclasses import dataclass

import numpy as np

from benchmarks.known_truth.anatomies import Truth
from benchmarks.known_truth.templates import ScoredTemplate
from crosswarp.registration.jacobian import jacobian_determinant
from crosswarp.registration.resampling import grid_points, resample
from crosswarp.types.arrays import Affine, Mask, ScalarMap, SpatialMap, VectorField


@dataclass(frozen=True)
class Found:
    """What a registration of a template to a scan says, on the template's grid.

    Attributes:
        log_ratio: Log-Jacobian of the displacement plus that of the affine: the
            logarithm of the whole volume ratio.
        positions: RAS+ mm in the scan of every voxel.
        folded: Voxels of the brain whose determinant is not above 0.
    """

    log_ratio: ScalarMap
    positions: VectorField
    folded: int


@dataclass(frozen=True)
class Score:
    """Estimated against true log volume ratio in the template's brain.

    Attributes:
        correlation: Pearson's.
        rmse: Root mean square of the difference.
        slope: Of estimated on true, by least squares; 1 is neither damped nor
            exaggerated.
        target_error: Mean distance, mm, from where a brain point was found to where
            it lies.
    """

    correlation: float
    rmse: float
    slope: float
    target_error: float


def read_registration(
    affine: Affine, displacement: VectorField, template: ScoredTemplate
) -> Found:
    """Turn a registration into volume ratios and positions.

    Args:
        affine: Template mm to scan mm.
        displacement: On the template's grid, mm.
        template: The fixed head.
    """
    determinant = jacobian_determinant(displacement, template.brain.affine)
    folded = int((determinant[template.mask] <= 0).sum())
    log_ratio = np.log(np.maximum(determinant, 0.01)) + np.float32(
        np.log(np.linalg.det(affine[:3, :3]))
    )
    points = grid_points(template.brain.extent, template.brain.affine) + displacement
    positions: VectorField = points @ affine[:3, :3].T + affine[:3, 3]
    return Found(log_ratio, positions.astype(np.float32), folded)


def score(estimated: np.ndarray, true: np.ndarray, distance: np.ndarray) -> Score:
    """Compare estimated with true log ratios at the same points.

    Args:
        estimated: One number a point.
        true: The same.
        distance: Millimetres from found to true position.
    """
    slope = np.cov(estimated, true)[0, 1] / true.var(ddof=1)
    return Score(
        correlation=float(np.corrcoef(estimated, true)[0, 1]),
        rmse=float(np.sqrt(((estimated - true) ** 2).mean())),
        slope=float(slope),
        target_error=float(distance.mean()),
    )


def score_exactly(found: Found, truth: Truth, template: ScoredTemplate) -> Score:
    """Score where the template itself was warped: the truth is known at its voxels."""
    inside = template.mask
    coarse = inside[::2, ::2, ::2]
    true_places = np.stack([m.values[coarse] for m in truth.positions], axis=-1)
    distance = np.linalg.norm(
        found.positions[::2, ::2, ::2][coarse] - true_places, axis=-1
    )
    return score(found.log_ratio[inside], truth.log_jacobian.values[inside], distance)


@dataclass(frozen=True)
class Between:
    """Two scans of one head, one of them warped, seen by another head as template.

    The first scan's registration says where in the base head a voxel of the template
    lies; there the truth about the warp is known. What is scored is the difference
    between the two estimates against that truth, so a registration that finds the
    same correspondence twice is right whatever correspondence that is.

    Attributes:
        inside: Voxels of the template's brain that lie where the truth is known.
        true: Their true log ratio, warped over unwarped head.
        true_places: Where they truly lie in the warped scan, RAS+ mm.
    """

    inside: Mask
    true: np.ndarray
    true_places: np.ndarray

    def score(self, found: Found, unwarped: Found) -> Score:
        """Compare the change found with the true one."""
        change = (found.log_ratio - unwarped.log_ratio)[self.inside]
        places = found.positions[self.inside]
        distance = np.linalg.norm(places - self.true_places, axis=-1)
        return score(change, self.true, distance)


def carry(
    unwarped: Found, unwarped_truth: Truth, truth: Truth, template: ScoredTemplate
) -> Between:
    """Look the truth up where the registration of the unwarped head says.

    Args:
        unwarped: Registration of the template to the unwarped head's scan.
        unwarped_truth: Its pose.
        truth: About the warped head.
        template: The fixed head.
    """
    to_head = np.linalg.inv(unwarped_truth.to_scan)
    points = unwarped.positions[template.mask].astype(np.float64)
    places = (points @ to_head[:3, :3].T + to_head[:3, 3]).astype(np.float32)
    maps = (truth.log_jacobian, *truth.positions)
    values = np.stack([_look_up(m, places) for m in maps])
    known = np.isfinite(values).all(axis=0)
    inside = template.mask.copy()
    inside[template.mask] = known
    size = np.log(np.linalg.det(unwarped_truth.to_scan[:3, :3]))
    return Between(inside, values[0][known] - np.float32(size), values[1:, known].T)


def _look_up(source: SpatialMap, places: np.ndarray) -> np.ndarray:
    # One long row of points is a grid whose displacement is the place itself.
    extent = (len(places), 1, 1)
    collapsed = np.diag([0.0, 0.0, 0.0, 1.0])
    row = places.reshape(*extent, 3)
    return resample(source, extent, collapsed, displacement=row).ravel()


def volumes(log_ratio: ScalarMap, template: ScoredTemplate) -> dict[str, float]:
    """Volume of every scored region in the scan, cubic mm on a 1 mm template."""
    return {
        name: float(np.exp(log_ratio[region].astype(np.float64)).sum())
        for name, region in template.regions.items()
    }
