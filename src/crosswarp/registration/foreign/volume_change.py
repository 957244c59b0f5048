"""Log-Jacobian of a transform of any program, on the grid of a reference image."""

from collections.abc import Iterator
from dataclasses import dataclass
from typing import Final

import numpy as np
from scipy import ndimage

from crosswarp.errors import InputError
from crosswarp.registration.foreign.steps import (
    AffineStep,
    ForeignTransform,
    Step,
    WarpStep,
)
from crosswarp.registration.jacobian import jacobian_determinant, log_of
from crosswarp.registration.resampling import PLANES, grid_points
from crosswarp.types.arrays import (
    Affine,
    Mask,
    Matrix,
    PerPoint,
    Points,
    ScalarMap,
    SpatialMap,
    VectorField,
)

LEAST_COVERED: Final = 0.9
"""Share of the reference's foreground that has to lie within the warp's grid."""

MOST_LINEAR: Final = 4.0
"""Volume ratio of an affine part beyond which no two heads differ."""


@dataclass(frozen=True)
class VolumeChange:
    """What a transform does to volumes.

    Attributes:
        log_jacobian: On the reference's grid; above 0 where the registered image is
            locally larger than the reference.
        folded: Voxels of the reference's foreground where the transform folds.
        counted: Voxels of that foreground.
        covered: Share of the foreground that lies within the warp's grid.
        log_affine: Logarithm of the affine part's volume ratio; 0 where there is none.
        fitted: Whether that part was fitted, since the file does not name it.
        with_affine: Whether the map includes it.
    """

    log_jacobian: SpatialMap
    folded: int
    counted: int
    covered: float
    log_affine: float
    fitted: bool
    with_affine: bool


def volume_change(
    transform: ForeignTransform, reference: SpatialMap, *, keep_affine: bool = False
) -> VolumeChange:
    """Compute the log-Jacobian of a transform at the voxels of a reference.

    By the chain rule: at each step the point's own determinant is added, and the point
    goes on to where the step takes it. The determinant of a warp is computed on the
    warp's own grid and interpolated linearly.

    Args:
        transform: From the reference's points to those of the registered image.
        reference: Image whose grid the map gets; what is not 0 in it is foreground.
        keep_affine: Whether the affine part's volume change stays in the map.

    Raises:
        InputError: If the transform is an affine and that is left out, or the warp
            lies elsewhere than the reference.
    """
    if not transform.warps and not keep_affine:
        msg = (
            f"expected a warp, got an affine ({transform.words}): its volume change is"
            " the same everywhere, and 0 without the affine; give the warp, or"
            " `keep_affine=True`"
        )
        raise InputError(msg)
    foreground: Mask = reference.values != 0
    if not foreground.any():
        msg = "the reference is 0 everywhere; give the image that was registered to"
        raise InputError(msg)
    parts = [_linear_part(step, reference) for step in transform.steps]
    log_affine = sum(part for part, _ in parts)
    if abs(log_affine) > np.log(MOST_LINEAR):
        msg = (
            f"the affine part changes volumes by a factor of {np.exp(log_affine):.3g},"
            " more than heads differ; are the numbers in the unit and direction that"
            " the format has?"
        )
        raise InputError(msg)
    walked = _walked(transform, reference)
    covered = float(walked.inside[foreground].mean())
    if covered < LEAST_COVERED:
        msg = (
            f"the warp covers {covered:.0%} of the reference; expected at least"
            f" {LEAST_COVERED:.0%}: it lies in another space, or maps the other way"
        )
        raise InputError(msg)
    # What a warp holds of an affine is in its determinant, an affine step is not.
    within = sum(
        part
        for step, (part, _) in zip(transform.steps, parts, strict=True)
        if isinstance(step, WarpStep)
    )
    added = log_affine - within if keep_affine else -within
    values: ScalarMap = (walked.log_jacobian + added).astype(np.float32)
    return VolumeChange(
        SpatialMap(values, reference.affine),
        int((walked.folded & foreground).sum()),
        int(foreground.sum()),
        covered,
        float(log_affine),
        any(fitted for _, fitted in parts),
        keep_affine,
    )


def where_to(
    transform: ForeignTransform, reference: SpatialMap
) -> tuple[VectorField, Mask]:
    """Say where a transform takes the voxels of a reference.

    Args:
        transform: From the reference's points to those of the registered image.
        reference: Image with the grid whose voxels are asked about.

    Returns:
        RAS+ millimetres in the registered image, and whether all warps reach there.
    """
    walked = _walked(transform, reference)
    return walked.goals, walked.inside


@dataclass(frozen=True)
class _Walked:
    log_jacobian: ScalarMap
    folded: Mask
    inside: Mask
    goals: VectorField


def _walked(transform: ForeignTransform, reference: SpatialMap) -> _Walked:
    extent = reference.extent
    log_j, folded = np.zeros(extent, np.float32), np.zeros(extent, bool)
    inside = np.ones(extent, bool)
    goals = np.empty((*extent, 3))
    prepared = [_prepared(step) for step in transform.steps]
    for start in range(0, extent[0], PLANES):
        planes = min(PLANES, extent[0] - start)
        some = (planes, *extent[1:])
        points = grid_points(some, reference.affine, start).reshape(-1, 3)
        for step in prepared:
            seen = step.at(points)
            part = slice(start, start + planes)
            log_j[part] += seen.log_jacobian.reshape(some)
            folded[part] |= seen.folded.reshape(some)
            inside[part] &= seen.inside.reshape(some)
            points = seen.points
        goals[start : start + planes] = points.reshape(*some, 3)
    return _Walked(log_j, folded, inside, goals)


@dataclass(frozen=True)
class _Seen:
    """What a step does to some points."""

    points: Points
    log_jacobian: PerPoint
    folded: np.ndarray
    inside: np.ndarray


@dataclass(frozen=True)
class _Affinely:
    matrix: Affine

    def at(self, points: Points) -> _Seen:
        moved = points @ self.matrix[:3, :3].T + self.matrix[:3, 3]
        count = len(points)
        none = np.zeros(count, bool)
        return _Seen(moved, np.zeros(count, np.float32), none, ~none)


@dataclass(frozen=True)
class _ByWarp:
    step: WarpStep
    log_jacobian: ScalarMap
    folds: ScalarMap
    finite: ScalarMap

    def at(self, points: Points) -> _Seen:
        back = np.linalg.inv(self.step.affine)
        voxels = (points @ back[:3, :3].T + back[:3, 3]).T
        last = np.array(self.log_jacobian.shape).reshape(3, 1) - 1
        # The outermost voxels reach half a voxel further.
        inside = ((voxels > -0.5) & (voxels < last + 0.5)).all(axis=0)

        def sampled(values: ScalarMap, order: int = 1) -> PerPoint:
            found: PerPoint = ndimage.map_coordinates(
                values, voxels, order=order, mode="nearest"
            )
            return np.where(inside, found, 0)

        moved = [sampled(c) for c in np.moveaxis(self.step.displacement, -1, 0)]
        return _Seen(
            points + np.stack(moved, axis=-1),
            sampled(self.log_jacobian),
            sampled(self.folds, 0) > 0,
            sampled(self.finite, 0) > 0,
        )


def _prepared(step: Step) -> _Affinely | _ByWarp:
    if isinstance(step, AffineStep):
        return _Affinely(step.matrix)
    finite = np.isfinite(step.displacement).all(axis=-1)
    determinant = jacobian_determinant(step.displacement, step.axes)
    # At the rim of what is not finite differences are not, either.
    finite &= np.isfinite(determinant)
    determinant = np.where(finite, determinant, 1).astype(np.float32)
    field: VectorField = np.where(finite[..., None], step.displacement, 0)
    kept = WarpStep(field, step.affine, step.axes)
    folds = (determinant <= 0).astype(np.float32)
    return _ByWarp(kept, log_of(determinant), folds, finite.astype(np.float32))


def _linear_part(step: Step, reference: SpatialMap) -> tuple[float, bool]:
    """Give the log volume ratio of a step's affine, and whether it was fitted."""
    if isinstance(step, AffineStep):
        return step.log_determinant, False
    if step.linear is not None:
        return float(np.log(abs(np.linalg.det(step.linear)))), False
    if not step.whole:
        return 0.0, False
    return float(np.log(abs(np.linalg.det(_fitted(step, reference))))), True


def _fitted(step: WarpStep, reference: SpatialMap) -> Matrix:
    """Fit an affine to where a warp takes the foreground of the reference."""
    extent = step.displacement.shape[:3]
    whole = (extent[0], extent[1], extent[2])
    back = np.linalg.inv(reference.affine) @ step.affine
    lit = (reference.values != 0).astype(np.float32)
    there = ndimage.affine_transform(lit, back[:3, :3], back[:3, 3], whole, order=0)
    there = (there > 0) & np.isfinite(step.displacement).all(axis=-1)
    if np.count_nonzero(there) < 4:
        return np.eye(3)
    places = grid_points(whole, step.axes)[there]
    goals = places + step.displacement[there]
    centred = places - places.mean(axis=0)
    solved = np.linalg.lstsq(
        centred.astype(np.float64), goals - goals.mean(axis=0), rcond=None
    )
    found: Matrix = solved[0].T
    return found


def steps_of(transform: ForeignTransform) -> Iterator[str]:
    """Describe a transform's steps, for the sidecar."""
    for step in transform.steps:
        if isinstance(step, AffineStep):
            yield "affine"
        else:
            yield f"warp of {' x '.join(str(n) for n in step.displacement.shape[:3])}"
