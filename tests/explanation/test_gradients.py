"""Integrated gradients: exact where they must be, and complete."""

import pytest
import torch
from torch import nn

from crosswarp.explanation.gradients import integrated_gradients
from crosswarp.models.build import build_network
from crosswarp.models.catalogue import CATALOGUE

EXTENT = (25, 26, 37)


class Linear(nn.Module):
    """Evidence for the second class is the weighted sum of the T1w image."""

    def __init__(self, weights: torch.Tensor) -> None:
        super().__init__()
        self.weights = weights

    def forward(self, t1w: torch.Tensor, jsm: torch.Tensor) -> torch.Tensor:
        del jsm
        evidence = (t1w * self.weights).sum((1, 2, 3, 4))
        return torch.stack([torch.zeros_like(evidence), evidence], dim=1)


def maps(seed: int) -> tuple[torch.Tensor, torch.Tensor]:
    torch.manual_seed(seed)
    t1w, jsm = torch.randn(2, 1, 1, *EXTENT)
    return t1w, jsm


def test_of_a_linear_network_they_are_weights_times_change() -> None:
    weights = torch.randn(1, 1, *EXTENT)
    scan, baseline = maps(1), maps(2)
    (t1w, jsm), missed = integrated_gradients(
        Linear(weights), scan, baseline, positive=1, steps=3
    )
    torch.testing.assert_close(t1w, weights * (scan[0] - baseline[0]))
    assert not jsm.any()
    assert missed < 1e-2


def test_the_other_class_has_the_opposite_sign() -> None:
    network = Linear(torch.ones(1, 1, *EXTENT))
    scan, baseline = maps(1), maps(2)
    one, other = (
        integrated_gradients(network, scan, baseline, positive=n, steps=2)[0][0]
        for n in (1, 0)
    )
    torch.testing.assert_close(one, -other)


@pytest.mark.parametrize("name", ["compact_cross_attention", "compact_stacked"])
def test_they_add_up_to_the_change_of_the_answer(name: str) -> None:
    torch.manual_seed(0)
    network = build_network(CATALOGUE[name], 2, EXTENT).eval()
    scan, baseline = maps(1), maps(2)
    near = tuple(b + 0.2 * (s - b) for s, b in zip(scan, baseline, strict=True))
    with torch.inference_mode():
        logits = [network(*inputs) for inputs in (near, baseline)]
    change = abs(float((logits[0] - logits[1])[0, 1] - (logits[0] - logits[1])[0, 0]))
    errors = [
        integrated_gradients(network, near, baseline, positive=1, steps=steps)[1]
        for steps in (1, 64)
    ]
    assert errors[1] < 0.1 * change + 1e-3
    assert errors[1] <= errors[0] + 1e-3


def test_a_map_that_is_not_used_gets_nothing() -> None:
    network = build_network(CATALOGUE["compact_jsm"], 2, EXTENT).eval()
    (t1w, jsm), _ = integrated_gradients(network, maps(1), maps(2), positive=1, steps=2)
    assert not t1w.any()
    assert jsm.any()
