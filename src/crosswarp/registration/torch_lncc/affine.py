"""The affine part: twelve numbers, from coarse to fine."""

import itertools
from collections.abc import Callable
from typing import Final

import torch

from crosswarp.registration.torch_lncc.correlation import (
    LocalCorrelation,
    correlation,
)
from crosswarp.registration.torch_lncc.pyramid import (
    extent_of,
    smoothed,
    thinned,
)
from crosswarp.registration.torch_lncc.sampling import (
    moved_places,
    sample,
    voxel_places,
)
from crosswarp.types.tensors import (
    Homogeneous,
    Image,
    OtherImage,
    Parameters,
    Point,
    Rotation,
    Value,
)

REACH: Final = 60.0
"""Millimetres from a brain's middle to its rim: an entry of the matrix is counted by
what it moves there, so that all twelve numbers are millimetres."""

COARSE: Final = 8.0
"""Millimetres between the voxels of the first search."""

FINE: Final = 4.0
"""Millimetres between the voxels of the second."""

TRIED_DEGREES: Final = (-20.0, 0.0, 20.0)
"""About each axis: how heads may lie in the scanner, tried before the search."""

Measure = Callable[[Image], Value]


class AffineSearch:
    """Two images, and how well an affine brings the one onto the other.

    Args:
        template: Fixed image, standardised.
        participant: Moving image, standardised.
        to_world: Voxels of the template to RAS+ mm.
        to_voxels: RAS+ mm to voxels of the participant.
    """

    def __init__(
        self,
        template: Image,
        participant: OtherImage,
        to_world: Homogeneous,
        to_voxels: Homogeneous,
    ) -> None:
        self._template, self._participant = template, participant
        self._to_world, self._to_voxels = to_world, to_voxels
        self._spacing = float(to_world[:3, :3].norm(dim=0).min())
        self._centre = _centre(template, to_world)
        self._other_centre = _centre(participant, torch.linalg.inv(to_voxels))

    def best(self, rounds: tuple[int, int], radius: int) -> Homogeneous:
        """Search: all over the brain at 8 mm, then by local correlation at 4 mm.

        Args:
            rounds: Most iterations of the two searches.
            radius: Half width of the local correlation's cube, in voxels.

        Returns:
            Template mm to participant mm, RAS+, of 64-bit floats.
        """
        factor = max(1, round(COARSE / self._spacing))
        coarse = thinned(self._template, factor)
        start = self._start(lambda warped: correlation(coarse, warped), factor)
        found = self._climb(
            start, lambda warped: correlation(coarse, warped), factor, rounds[0]
        )
        factor = max(1, round(FINE / self._spacing))
        local = LocalCorrelation(thinned(self._template, factor), radius)
        return self._matrix(self._climb(found, local, factor, rounds[1])).detach()

    def refined(self, near: Image, rounds: tuple[int, int], radius: int) -> Homogeneous:
        """Search from where the images lie, by local correlation where it counts.

        Args:
            near: 1 where the template counts, 0 where it does not; on its grid.
            rounds: Most iterations at twice the template's spacing, and at its own.
            radius: Half width of the local correlation's cube, in voxels.

        Returns:
            Template mm to participant mm, RAS+, of 64-bit floats.
        """
        found = torch.zeros(12, dtype=torch.float64, device=self._to_world.device)
        found[9:] = self._centre - self._other_centre
        for factor, most in zip((2, 1), rounds, strict=True):
            thin = thinned(self._template, factor)
            weight = near[::factor, ::factor, ::factor].contiguous()
            local = LocalCorrelation(thin, radius, weight)
            found = self._climb(found, local, factor, most)
        return self._matrix(found).detach()

    def _matrix(self, parameters: Parameters) -> Homogeneous:
        """Turn parameters, all in mm, into the map of RAS+ mm."""
        linear = torch.eye(3, dtype=torch.float64, device=parameters.device)
        linear = linear + parameters[:9].reshape(3, 3) / REACH
        shift = self._other_centre + parameters[9:] - linear @ self._centre
        rows = torch.cat([linear, shift[:, None]], dim=1)
        last = torch.tensor([[0.0, 0, 0, 1]], dtype=torch.float64, device=rows.device)
        matrix: Homogeneous = torch.cat([rows, last])
        return matrix

    def _start(self, measure: Measure, factor: int) -> Parameters:
        """Choose among a few rotations about the brain's middle, at its size."""
        warp = self._warper(factor)
        size = self._size_ratio()
        best, start = -1.0, torch.zeros(12, dtype=torch.float64)
        for angles in itertools.product(TRIED_DEGREES, repeat=3):
            linear = size * _rotation(angles) - torch.eye(3, dtype=torch.float64)
            tried = torch.cat([REACH * linear.flatten(), torch.zeros(3)])
            tried = tried.to(self._to_world)
            value = float(measure(warp(tried)))
            # The straight head is preferred: others must be clearly better.
            if value > best + 1e-3 * any(angles):
                best, start = value, tried
        return start

    def _climb(
        self, start: Parameters, measure: Measure, factor: int, rounds: int
    ) -> Parameters:
        warp = self._warper(factor)
        parameters = start.clone().requires_grad_()
        search = torch.optim.LBFGS(
            [parameters],
            max_iter=rounds,
            history_size=12,
            line_search_fn="strong_wolfe",
        )

        def loss() -> torch.Tensor:
            search.zero_grad()
            value = -measure(warp(parameters))
            value.backward()  # type: ignore[no-untyped-call]
            return value

        search.step(loss)  # type: ignore[no-untyped-call]
        return parameters.detach()

    def _warper(self, factor: int) -> Callable[[Parameters], Image]:
        """Make what brings the participant onto the thinned template's grid."""
        thin = thinned(self._template, factor)
        moving = smoothed(self._participant, factor)[None]
        places = factor * voxel_places(extent_of(thin), thin.device)

        def warp(parameters: Parameters) -> Image:
            matrix = self._to_voxels @ self._matrix(parameters) @ self._to_world
            there = moved_places(places, matrix.float())
            warped: Image = sample(moving, there, outside="zeros")[0]
            return warped

        return warp

    def _size_ratio(self) -> float:
        """Edge of the participant's brain over that of the template's."""
        cell = float(torch.linalg.det(self._to_world[:3, :3]).abs())
        other_cell = 1 / float(torch.linalg.det(self._to_voxels[:3, :3]).abs())
        volume = float((self._template > 0).sum()) * cell
        other = float((self._participant > 0).sum()) * other_cell
        return float((other / volume) ** (1 / 3))


def _centre(image: Image, to_world: Homogeneous) -> Point:
    """Centre of an image's brightness, in mm."""
    places = voxel_places(extent_of(image), image.device)
    weights = image.double() / image.double().sum()
    middle = (places.double() * weights).sum(dim=(1, 2, 3))
    centre: Point = to_world[:3, :3] @ middle + to_world[:3, 3]
    return centre


def _rotation(degrees: tuple[float, ...]) -> Rotation:
    """Turn about the three axes, one after the other."""
    x, y, z = (torch.deg2rad(torch.tensor(d, dtype=torch.float64)) for d in degrees)
    zero = torch.zeros((), dtype=torch.float64)
    # The exponential of a skew matrix is a rotation.
    skew = torch.stack([zero, -z, y, z, zero, -x, -y, x, zero]).reshape(3, 3)
    rotation: Rotation = torch.linalg.matrix_exp(skew)
    return rotation
