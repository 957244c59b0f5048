"""map_shares: they add up, and a map that is ignored has none."""

import pytest
import torch
from torch import Tensor, nn

from crosswarp.models.shares import evidence, map_shares, mean_shares


class Sums(nn.Module):
    """Evidence is a known function of the two maps' sums."""

    def __init__(self, t1w: float, jsm: float, both: float = 0.0) -> None:
        super().__init__()
        self.weights = (t1w, jsm, both)

    def forward(self, t1w: Tensor, jsm: Tensor) -> Tensor:
        a, b = t1w.sum(), jsm.sum()
        one, other, both = self.weights
        found = one * a + other * b + both * a * b
        return torch.stack([torch.zeros(()), found])[None]


def maps(value: float) -> Tensor:
    return torch.full((1, 1, 1, 1, 1), value)


SCAN, REFERENCE = (maps(2.0), maps(3.0)), (maps(1.0), maps(0.0))


def test_without_interaction_each_map_brings_its_own() -> None:
    found = map_shares(Sums(1.0, 2.0), SCAN, REFERENCE)
    assert (found.reference, found.t1w, found.jsm) == pytest.approx((1, 1, 6))


def test_an_interaction_is_halved_and_the_sum_is_exact() -> None:
    network = Sums(1.0, 2.0, 0.5)
    found = map_shares(network, SCAN, REFERENCE)
    assert found.evidence == pytest.approx(float(evidence(network(*SCAN))[0]))
    # What only both together bring: 0.5 * (2 - 1) * 3, and 0.5 * 1 * 3 is the JSM's.
    assert (found.t1w, found.jsm) == pytest.approx((1.75, 8.25))


def test_a_map_that_is_ignored_has_no_share() -> None:
    assert map_shares(Sums(0.0, 2.0), SCAN, REFERENCE).t1w == 0


def test_the_mean_over_networks_adds_up_too() -> None:
    each = [map_shares(Sums(w, 2.0, w), SCAN, REFERENCE) for w in (0.5, 1.0)]
    mean = mean_shares(each)
    assert mean.evidence == pytest.approx(sum(one.evidence for one in each) / 2)


def test_evidence_of_three_classes_is_against_the_others_together() -> None:
    logits = torch.tensor([[0.0, 0.0, 1.0]])
    assert float(evidence(logits)) == pytest.approx(1 - torch.tensor(2.0).log().item())
    assert float(evidence(logits, 0)) < float(evidence(logits))
