"""Where a prior may be softer, on every grid of the search."""

import torch

from crosswarp.registration.torch_map.deformable import box_of_softness


def test_the_box_holds_all_that_is_soft_and_fits_the_coarsest_grid() -> None:
    softness = torch.zeros(40, 41, 42)
    softness[13:30, 6:9, 41] = 0.5
    box = box_of_softness(softness, levels=3)
    assert box == (slice(12, 30), slice(4, 20), slice(40, 42))
    assert float(softness[box].sum()) == float(softness.sum())
    # Each begins at a voxel of the grid of four times the spacing.
    assert all(s.start % 4 == 0 for s in box)


def test_there_is_a_box_where_nothing_is_soft() -> None:
    box = box_of_softness(torch.zeros(40, 41, 42), levels=3)
    assert all(s.stop - s.start == 16 for s in box)
