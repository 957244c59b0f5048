"""Scaling: what training scans teach it, and that only they do."""

import pytest
import torch

from crosswarp.errors import InputError
from crosswarp.models.scaling import FixedScaling, ScaledClassifier, Standardise

EXTENT = (3, 4, 5)


def scans(count: int = 200) -> torch.Tensor:
    """Each voxel with its own mean and standard deviation; one never varies."""
    mean = torch.linspace(-1, 1, 60).reshape(EXTENT)
    sd = torch.linspace(0.5, 1.5, 60).reshape(EXTENT)
    sd[0, 0, 0] = 0
    return (mean + sd * torch.randn(count, *EXTENT))[:, None]


def test_training_scans_get_zero_mean_and_about_unit_sd() -> None:
    layer, volumes = Standardise(EXTENT), scans()
    layer.fit(iter(volumes.split(7)))
    scaled = layer(volumes)
    torch.testing.assert_close(
        scaled.mean(0), torch.zeros(1, *EXTENT), atol=5e-3, rtol=0
    )
    varying = scaled.std(0).flatten()[1:]
    assert varying.min() > 0.95
    assert varying.max() < 1.05


def test_a_voxel_that_never_varies_is_zero_and_the_rest_is_clipped() -> None:
    layer = Standardise(EXTENT)
    layer.fit([scans()])
    far = layer(torch.full((1, 1, *EXTENT), 1000.0))
    assert far[0, 0, 0, 0, 0] == 0
    assert far.flatten()[1:].unique().tolist() == [5.0]


def test_maps_without_any_variation_become_zero() -> None:
    layer = Standardise(EXTENT)
    layer.fit([torch.ones(4, 1, *EXTENT)])
    assert layer(torch.ones(1, 1, *EXTENT)).abs().max() == 0


def test_one_scan_is_too_few() -> None:
    with pytest.raises(InputError, match="two training scans or more, got 1"):
        Standardise(EXTENT).fit([torch.ones(1, 1, *EXTENT)])


def test_statistics_are_saved_and_not_trained() -> None:
    layer = Standardise(EXTENT)
    layer.fit([scans()])
    other = Standardise(EXTENT)
    other.load_state_dict(layer.state_dict())
    assert torch.equal(other.mean, layer.mean)
    assert torch.equal(other.inverse_sd, layer.inverse_sd)
    assert list(layer.parameters()) == []


def test_fixed_scaling() -> None:
    scaled = FixedScaling(0.1, 0.2)(torch.full((1, 1, 2, 2, 2), 0.5))
    torch.testing.assert_close(scaled, torch.full((1, 1, 2, 2, 2), 2.0))


def test_each_map_has_its_own_scaling() -> None:
    class Difference(torch.nn.Module):
        def forward(self, t1w: torch.Tensor, jsm: torch.Tensor) -> torch.Tensor:
            return (t1w - jsm).mean((1, 2, 3, 4))[:, None]

    network = ScaledClassifier(
        Standardise(EXTENT), FixedScaling(0.0, 0.5), Difference()
    )
    network.fit([torch.zeros(1, 1, *EXTENT), torch.full((1, 1, *EXTENT), 2.0)], [])
    logits = network(torch.ones(1, 1, *EXTENT), torch.ones(1, 1, *EXTENT))
    torch.testing.assert_close(logits, torch.tensor([[-2.0]]))
