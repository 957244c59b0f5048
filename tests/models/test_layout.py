"""The layout for a CPU: the same network, but for the last digits."""

import copy

import torch

from crosswarp.models.build import build_network
from crosswarp.models.catalogue import CATALOGUE
from crosswarp.models.layout import lay_out_for_cpu


def test_features_lie_side_by_side_and_the_answers_are_the_same() -> None:
    extent = (48, 52, 50)
    settings = CATALOGUE["compact_cross_attention"].model_copy(update={"features": 8})
    torch.manual_seed(0)
    network = build_network(settings, 2, extent).eval()
    laid = copy.deepcopy(network)
    lay_out_for_cpu(laid)
    wide = [p for p in laid.parameters() if p.ndim == 5 and p.shape[1] > 1]
    assert wide
    assert all(p.is_contiguous(memory_format=torch.channels_last_3d) for p in wide)
    assert list(laid.state_dict()) == list(network.state_dict())
    t1w, jsm = torch.rand(2, 2, 1, *extent)
    for one in (network, laid):
        one(t1w, jsm).square().sum().backward()
    torch.testing.assert_close(laid(t1w, jsm), network(t1w, jsm), rtol=1e-4, atol=1e-5)
    for one, two in zip(laid.parameters(), network.parameters(), strict=True):
        assert one.grad is not None
        assert two.grad is not None
        gap = (one.grad - two.grad).norm()
        assert gap <= 1e-3 * two.grad.norm() + 1e-6
