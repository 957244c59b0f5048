"""Embeddings: what the last layer is given, and how unusual it is."""

import numpy as np
import pytest
import torch

from crosswarp.models.build import build_network
from crosswarp.models.catalogue import CATALOGUE
from crosswarp.models.embedding import answer_of, distance_of, reference_of
from tests.tiny_maps import EXTENT

MAPS = torch.rand(2, 2, 1, *EXTENT)


@pytest.mark.parametrize(
    ("name", "heads"),
    [("compact_jsm", 1), ("compact_cross_attention", 1), ("compact_late_averaging", 2)],
)
def test_the_embedding_is_what_the_head_is_given(name: str, heads: int) -> None:
    network = build_network(CATALOGUE[name], 2, EXTENT).eval()
    with torch.inference_mode():
        logits, embedded = answer_of(network, *MAPS)
        assert torch.equal(logits, network(*MAPS))
        assert embedded is not None
        found = [m.head for m in network.modules() if hasattr(m, "head")]
        parts = embedded.chunk(heads, dim=1)
        answers = [head(part) for head, part in zip(found, parts, strict=True)]
        assert torch.allclose(torch.stack(answers).mean(dim=0), logits, atol=1e-6)


def test_another_network_has_no_embedding() -> None:
    class Plain(torch.nn.Module):
        def forward(self, t1w: torch.Tensor, jsm: torch.Tensor) -> torch.Tensor:
            return (t1w + jsm).flatten(1)[:, :2]

    _, embedded = answer_of(Plain(), *MAPS)
    assert embedded is None


def test_the_distance_of_a_typical_scan_is_one() -> None:
    rng = np.random.default_rng(0)
    fitted, held_out = rng.normal(3, 2, (400, 16)), rng.normal(3, 2, (101, 16))
    reference = reference_of(fitted, held_out)
    assert (reference.scans, reference.held_out) == (101, True)
    found = [distance_of(list(row), reference) for row in held_out]
    assert np.median([one.typical for one in found]) == pytest.approx(1)
    assert np.mean([one.far for one in found]) == pytest.approx(0.05, abs=0.02)
    away = distance_of([3 + 2 * 10.0] * 16, reference)
    assert away.far
    assert away.typical == pytest.approx(10, rel=0.15)


def test_features_that_never_vary_count_for_nothing() -> None:
    rng = np.random.default_rng(0)
    fitted = np.column_stack([rng.normal(0, 1, 50), np.full(50, 7.0)])
    reference = reference_of(fitted, np.empty((0, 2)))
    assert (reference.scans, reference.held_out) == (50, False)
    assert distance_of([0.0, 7.0], reference) == distance_of([0.0, 99.0], reference)
    same = reference_of(np.ones((4, 3)), np.empty((0, 3)))
    assert not distance_of([5.0, 5.0, 5.0], same).far
