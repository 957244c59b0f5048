"""Poolings: what each makes of tokens."""

import pytest
import torch

from crosswarp.errors import ShapeError
from crosswarp.models.pooling import POOLINGS, PlacePooling

TOKENS = torch.tensor([[[1.0, 5.0], [3.0, 1.0]]])


@pytest.mark.parametrize("name", POOLINGS)
def test_one_embedding_a_scan_of_the_promised_size(name: str) -> None:
    pooling = POOLINGS[name](6, 10)
    embedding = pooling(torch.randn(3, 10, 6))
    assert embedding.shape == (3, pooling.out_features)


@pytest.mark.parametrize(
    ("name", "expected"),
    [
        ("mean", [2.0, 3.0]),
        ("max", [3.0, 5.0]),
        ("mean_max", [2.0, 3.0, 3.0, 5.0]),
        ("place", [2.0, 3.0]),
    ],
)
def test_values_before_training(name: str, expected: list[float]) -> None:
    torch.testing.assert_close(POOLINGS[name](2, 2)(TOKENS), torch.tensor([expected]))


def test_attention_can_single_a_token_out() -> None:
    pooling = POOLINGS["attention"](2, 2)
    with torch.no_grad():
        pooling.score.weight.copy_(torch.tensor([[20.0, 0.0]]))
    torch.testing.assert_close(pooling(TOKENS), torch.tensor([[3.0, 1.0]]))


def test_gated_attention_is_that_of_ilse_et_al() -> None:
    """Equation 9: w . (tanh(V h) * sigmoid(U h)), softmax over tokens."""
    pooling = POOLINGS["gated_attention"](2, 2)
    assert {name: tuple(p.shape) for name, p in pooling.named_parameters()} == {
        "content.weight": (128, 2),
        "gate.weight": (128, 2),
        "score.weight": (1, 128),
    }
    v, u, w = (p.detach().double() for p in pooling.parameters())
    tokens = TOKENS[0].double()
    scores = [w[0] @ (torch.tanh(v @ h) * torch.sigmoid(u @ h)) for h in tokens]
    weights = torch.stack(scores).exp()
    expected = (weights[:, None] * tokens).sum(0) / weights.sum()
    torch.testing.assert_close(pooling(TOKENS)[0].double(), expected, atol=1e-6, rtol=0)


def test_place_refuses_another_number_of_tokens() -> None:
    with pytest.raises(ShapeError, match="built for 3 tokens, got 2"):
        PlacePooling(2, 3)(TOKENS)
