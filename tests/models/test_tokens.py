"""Positions: each place has its own features, on the grid they were learned for."""

import pytest
import torch

from crosswarp.errors import ShapeError
from crosswarp.models.tokens import INITIAL_SD, Positions, as_tokens, initial_values


def test_tokens_are_in_the_order_of_the_grid() -> None:
    feature_map = torch.arange(24.0).reshape(1, 1, 2, 3, 4)
    assert as_tokens(feature_map)[0, :, 0].tolist() == list(range(24))


def test_every_place_differs() -> None:
    placed = as_tokens(Positions(8, (2, 3, 4))(torch.zeros(1, 8, 2, 3, 4)))[0]
    assert torch.pdist(placed).min() > 0


def test_another_grid_is_refused() -> None:
    with pytest.raises(ShapeError, match=r"of \(2, 3, 4\) voxels, got \(2, 3, 5\)"):
        Positions(8, (2, 3, 4))(torch.zeros(1, 8, 2, 3, 5))


def test_first_values_are_those_that_torch_draws() -> None:
    torch.manual_seed(3)
    drawn = initial_values(8, 9)
    torch.manual_seed(3)
    assert torch.equal(drawn, INITIAL_SD * torch.randn(8, 9))
