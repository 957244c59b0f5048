"""Random changes of both maps alike, while training."""

import math

import torch
import torch.nn.functional as F
from torch import Tensor

from crosswarp.inputs.augmentation import AugmentationSettings
from crosswarp.inputs.dataset import Batch
from crosswarp.inputs.grid import Grid
from crosswarp.types.batches import AffineBatch, Channels


class Augmentation:
    """Turn, shift and mirror batches.

    A turn is in millimetres about the centre of the volume, whatever the extent and
    spacing of its axes. What comes in from outside is 0.

    Args:
        settings: Settings of the random changes.
        grid: Of the maps.
        seed: Random seed of the draws.
    """

    def __init__(self, settings: AugmentationSettings, grid: Grid, seed: int) -> None:
        self.settings = settings
        self.generator = torch.Generator().manual_seed(seed)
        self.left_right = grid.left_right
        # grid_sample's coordinates are -1 to 1 from the first to the last centre.
        centres = torch.tensor(grid.seen_extent) - 1
        self.half_mm = centres / 2 * torch.tensor(grid.spacing)

    def reseed(self, seed: int) -> None:
        """Begin the draws anew."""
        self.generator.manual_seed(seed)

    def __call__(self, batch: Batch) -> Batch:
        """Return a batch of new maps with the same diagnoses."""
        if not self._moves:
            return batch
        affines = self.draw(len(batch["diagnosis"]))
        both = torch.cat([batch["t1w"], batch["jsm"]], dim=1)
        moved = move(both, affines, self.half_mm)
        return {
            "t1w": moved[:, :1],
            "jsm": moved[:, 1:],
            "diagnosis": batch["diagnosis"],
            "weight": batch["weight"],
        }

    def draw(self, count: int) -> AffineBatch:
        """Draw where points of the new maps come from: mm about the centre."""
        radians = math.radians(self.settings.rotation_degrees)
        affines = torch.eye(4).repeat(count, 1, 1)
        for affine, angles in zip(affines, self._uniform(count) * radians, strict=True):
            affine[:3, :3] = rotation(angles)
        affines[:, :3, 3] = self._uniform(count) * self.settings.shift_mm
        if self.settings.flip:
            mirrored = torch.rand(count, generator=self.generator) < 0.5
            affines[mirrored, :, self.left_right] *= -1
        return affines

    @property
    def _moves(self) -> bool:
        chosen = self.settings
        return bool(chosen.rotation_degrees or chosen.shift_mm or chosen.flip)

    def _uniform(self, count: int) -> Tensor:
        return 2 * torch.rand(count, 3, generator=self.generator) - 1


def rotation(angles: Tensor) -> Tensor:
    """Turn about the first, then the second, then the third axis.

    Args:
        angles: Three, in radians.

    Returns:
        A 3x3 matrix.
    """
    whole = torch.eye(3)
    for axis, angle in enumerate(angles):
        a, b = (axis + 1) % 3, (axis + 2) % 3
        one = torch.eye(3)
        one[a, a] = one[b, b] = torch.cos(angle)
        one[a, b], one[b, a] = -torch.sin(angle), torch.sin(angle)
        whole = one @ whole
    return whole


def move(volumes: Channels, affines: AffineBatch, half_mm: Tensor) -> Channels:
    """Resample volumes, linearly.

    Args:
        volumes: ``batch channel i j k``.
        affines: New point to old point, in mm about the centre, axes ``i j k``.
        half_mm: From the centre to the last voxel's centre, along each axis.

    Returns:
        Volumes of the same shape; 0 where nothing was.
    """
    device = volumes.device
    scale = half_mm.to(device)
    places = affines.to(device)
    theta = places[:, :3, :3] * scale[None, None, :] / scale[None, :, None]
    offset = places[:, :3, 3] / scale
    # torch orders coordinates from the last axis to the first.
    theta = torch.cat([theta.flip(1, 2), offset.flip(1)[:, :, None]], dim=2)
    grid = F.affine_grid(theta, list(volumes.shape), align_corners=True)
    return F.grid_sample(volumes, grid, align_corners=True)
