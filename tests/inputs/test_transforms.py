"""Augmentation: rigid in millimetres about the centre, the same for both maps."""

import numpy as np
import pytest
import torch
from scipy.spatial.transform import Rotation

from crosswarp.inputs.grid import Grid, whole_box
from crosswarp.inputs.transforms import (
    Augmentation,
    AugmentationSettings,
    move,
    rotation,
)

EXTENT = (21, 25, 31)
SPACING = (2.0, 1.5, 1.0)
GRID = Grid("T", 2, EXTENT, np.diag([*SPACING, 1.0]), whole_box(EXTENT))


def augmentation(seed: int = 0, **choices) -> Augmentation:
    chosen = AugmentationSettings(**{"rotation_degrees": 0, **choices})
    return Augmentation(chosen, GRID, seed)


def points() -> np.ndarray:
    """Millimetres from the centre of the volume."""
    indices = np.moveaxis(np.indices(EXTENT), 0, -1)
    return (indices - (np.array(EXTENT) - 1) / 2) * SPACING


def blob(centre_mm: tuple[float, float, float]) -> torch.Tensor:
    distance = ((points() - centre_mm) ** 2).sum(-1)
    return torch.from_numpy(np.exp(-distance / 18)).float()[None, None]


def centre_of(volume: torch.Tensor) -> np.ndarray:
    weights = volume.numpy().reshape(-1)
    return (points().reshape(-1, 3) * weights[:, None]).sum(0) / weights.sum()


def batch(count: int = 3) -> dict[str, torch.Tensor]:
    t1w = blob((4, -3, 2)).repeat(count, 1, 1, 1, 1)
    return {
        "t1w": t1w,
        "jsm": -t1w,
        "diagnosis": torch.arange(count),
        "weight": torch.ones(count),
    }


def test_a_turn_is_in_millimetres_about_the_centre() -> None:
    angles = torch.tensor([0.2, -0.3, 0.4])
    affine = torch.eye(4)[None].clone()
    affine[0, :3, :3] = rotation(angles)
    start = np.array([5.0, -4.0, 3.0])
    moved = move(blob(tuple(start)), affine, augmentation().half_mm)
    # The matrix says where a new point comes from, so its inverse moves the blob.
    expected = np.linalg.inv(rotation(angles).numpy()) @ start
    np.testing.assert_allclose(centre_of(moved), expected, atol=0.15)


def test_rotation_is_the_textbook_one() -> None:
    angles = [0.2, -0.3, 0.4]
    expected = Rotation.from_euler("xyz", angles).as_matrix()
    np.testing.assert_allclose(rotation(torch.tensor(angles)), expected, atol=1e-6)


def test_no_motion_changes_nothing() -> None:
    volume = torch.rand(1, 2, *EXTENT)
    torch.testing.assert_close(
        move(volume, torch.eye(4)[None], augmentation().half_mm), volume
    )
    same = batch()
    assert augmentation()(same) is same


def test_both_maps_move_alike_and_scans_differ() -> None:
    moved = augmentation(rotation_degrees=20, shift_mm=4)(batch())
    torch.testing.assert_close(moved["jsm"], -moved["t1w"])
    assert not torch.equal(moved["t1w"][0], moved["t1w"][1])
    assert moved["diagnosis"].tolist() == [0, 1, 2]


def test_a_shift_stays_within_its_limit() -> None:
    affines = augmentation(shift_mm=3).draw(200)
    shifts = affines[:, :3, 3].abs()
    assert 2.9 < shifts.max() <= 3
    torch.testing.assert_close(affines[:, :3, :3], torch.eye(3).expand(200, 3, 3))


def test_turns_stay_within_their_limit() -> None:
    turns = augmentation(rotation_degrees=10).draw(200)[:, :3, :3].numpy()
    degrees = np.abs(Rotation.from_matrix(turns).as_euler("xyz", degrees=True))
    assert 9.5 < degrees.max() <= 10.001


def test_a_flip_mirrors_the_left_right_axis_of_half_of_the_scans() -> None:
    flip = augmentation(flip=True)
    assert 70 < (flip.draw(200)[:, 0, 0] < 0).sum() < 130
    volumes = batch(8)
    moved = flip(volumes)["t1w"]
    mirrored = [
        torch.allclose(m, v.flip(1), atol=1e-5)
        for m, v in zip(moved, volumes["t1w"], strict=True)
    ]
    kept = [
        torch.allclose(m, v, atol=1e-5)
        for m, v in zip(moved, volumes["t1w"], strict=True)
    ]
    assert any(mirrored)
    assert all(a != b for a, b in zip(mirrored, kept, strict=True))


def test_the_seed_decides() -> None:
    one, same, other = (
        augmentation(seed, rotation_degrees=5)(batch())["t1w"] for seed in (1, 1, 2)
    )
    assert torch.equal(one, same)
    assert not torch.equal(one, other)


@pytest.mark.parametrize("degrees", [-1, 31])
def test_unreasonable_turns_are_refused(degrees: float) -> None:
    with pytest.raises(ValueError, match="rotation_degrees"):
        AugmentationSettings(rotation_degrees=degrees)
