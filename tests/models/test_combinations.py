"""One contract for every encoder with every fusion.

Each gives logits, gradients reach every parameter, and the participants of a batch do
not mix: once trained never, while training only through batch normalisation.
"""

import pytest
import torch
from torch import nn

from crosswarp.models.build import build_encoder, build_network
from crosswarp.models.encoders import densenet, plain_cnn, resnet, swin
from crosswarp.models.fusion.table import FUSIONS as TABLE
from crosswarp.models.settings import FEATURES, ModelSettings

ENCODERS = ("compact_cnn", *FEATURES)
FUSIONS: dict[str, dict[str, object]] = {
    "cross-attention": {"fusion": "cross_attention"},
    "T1w asks": {"fusion": "cross_attention", "query": "t1w"},
    "both ask": {"fusion": "cross_attention", "query": "both", "concatenated": ()},
    "self-attention": {"fusion": "self_attention", "positions": True},
    "bottleneck": {"fusion": "bottleneck", "bottlenecks": 3, "positions": True},
    "matched cross-attention": {"fusion": "matched_cross_attention"},
    "matched bottleneck": {"fusion": "matched_bottleneck", "positions": True},
    "concatenation": {"fusion": "concatenation"},
    "gating": {"fusion": "gating"},
    "stacked": {"fusion": "stacked"},
    "multiplied": {"fusion": "multiplied"},
    "late averaging": {"fusion": "late_averaging", "positions": True},
    "T1w alone": {"fusion": "none", "maps": ("t1w",)},
    "JSM alone": {"fusion": "none", "maps": ("jsm",)},
}
BATCH, CLASSES = 2, 3


@pytest.fixture
def _thin(monkeypatch) -> None:
    """Make encoders thin: the same layers with few features, few voxels, few blocks.

    `encoders/test_contract.py` has the whole of them.
    """
    thin = ((16, 3, 2), (32, 3, 2), (64, 3, 1))
    monkeypatch.setattr(plain_cnn, "STAGES", thin)
    monkeypatch.setattr(plain_cnn.PlainCNN, "smallest_extent", 22)
    monkeypatch.setattr(resnet, "WIDTHS", (4, 8, 12, 16))
    monkeypatch.setattr(densenet, "LAYERS", (1, 2, 1, 1))
    monkeypatch.setattr(swin, "EMBEDDED", 12)
    monkeypatch.setattr(swin, "WINDOW", 2)


def chosen(encoder: str, **choices: object) -> ModelSettings:
    joins = "width" in TABLE[str(choices["fusion"])].means
    fused = joins and encoder != "compact_cnn"
    size = {"width": 16} if fused else {}
    if "compact_cnn" in (encoder, choices.get("jsm_encoder")):
        size["features"] = 8
    return ModelSettings.model_validate(
        {"name": "a", "encoder": encoder, **size, **choices}
    )


def maps(settings: ModelSettings) -> tuple[torch.Tensor, torch.Tensor]:
    smallest = max(build_encoder(settings, m).smallest_extent for m in settings.maps)
    t1w, jsm = torch.randn(2, BATCH, 1, smallest, smallest + 1, smallest + 2)
    return t1w, jsm


def check_contract(network: nn.Module, t1w: torch.Tensor, jsm: torch.Tensor) -> None:
    network.train()
    logits = network(t1w, jsm)
    assert logits.shape == (BATCH, CLASSES)
    (logits**2).sum().backward()
    assert unreached(network) == []
    other = [torch.cat([m[:1], torch.randn_like(m[1:])]) for m in (t1w, jsm)]
    with torch.no_grad():
        if not any(isinstance(m, nn.BatchNorm3d) for m in network.modules()):
            changed = network(*other)
            torch.testing.assert_close(changed[:1], logits[:1], rtol=1e-4, atol=1e-5)
            assert not torch.allclose(changed[1:], logits[1:], rtol=1e-4, atol=1e-5)
        network.eval()
        before, after = network(t1w, jsm), network(*other)
    torch.testing.assert_close(after[:1], before[:1], rtol=1e-4, atol=1e-5)
    assert not torch.allclose(after[1:], before[1:], rtol=1e-4, atol=1e-5)


def unreached(network: nn.Module) -> list[str]:
    """Name parameters without a gradient.

    The softmax takes out what a key's bias adds to all scores of a query alike.
    """
    return [
        name
        for name, p in network.named_parameters()
        if (p.grad is None or not p.grad.abs().sum()) and not name.endswith("key.bias")
    ]


@pytest.mark.slow
@pytest.mark.usefixtures("_thin")
@pytest.mark.parametrize("fusion", FUSIONS.values(), ids=FUSIONS.keys())
@pytest.mark.parametrize("encoder", ENCODERS)
def test_contract(encoder: str, fusion: dict[str, object]) -> None:
    settings = chosen(encoder, **fusion)
    t1w, jsm = maps(settings)
    network = build_network(settings, CLASSES, tuple(t1w.shape[2:]))
    check_contract(network, t1w, jsm)


@pytest.mark.slow
@pytest.mark.usefixtures("_thin")
@pytest.mark.parametrize("encoder", ["resnet18", "resnet50", "densenet121"])
def test_contract_with_group_normalisation(encoder: str) -> None:
    """While training, too, no scan changes the answers to the others."""
    settings = chosen(encoder, fusion="none", maps=("jsm",), large_norm="group")
    t1w, jsm = maps(settings)
    network = build_network(settings, CLASSES, tuple(t1w.shape[2:]))
    assert not any(isinstance(m, nn.BatchNorm3d) for m in network.modules())
    check_contract(network, t1w, jsm)


@pytest.mark.slow
@pytest.mark.usefixtures("_thin")
@pytest.mark.parametrize(
    "fusion", ["cross_attention", "bottleneck", "gating", "late_averaging"]
)
@pytest.mark.parametrize(
    ("encoder", "jsm_encoder"),
    [
        ("compact_cnn", "resnet10"),
        ("resnet10", "compact_cnn"),
        ("swin_unetr", "densenet121"),
    ],
)
def test_two_different_encoders(encoder: str, jsm_encoder: str, fusion: str) -> None:
    """Features are brought to one width and feature maps to one grid."""
    settings = chosen(encoder, jsm_encoder=jsm_encoder, fusion=fusion)
    t1w, jsm = maps(settings)
    network = build_network(settings, CLASSES, tuple(t1w.shape[2:]))
    check_contract(network, t1w, jsm)


@pytest.mark.parametrize("fusion", FUSIONS.values(), ids=FUSIONS.keys())
def test_a_seed_gives_the_same_weights(fusion: dict[str, object]) -> None:
    same_weights(chosen("compact_cnn", **fusion))


@pytest.mark.usefixtures("_thin")
@pytest.mark.parametrize("encoder", ["resnet18", "densenet121", "swin_unetr"])
def test_a_seed_gives_the_same_encoder(encoder: str) -> None:
    same_weights(chosen(encoder, fusion="none", maps=("t1w",)))


def same_weights(settings: ModelSettings) -> None:
    states = []
    for seed in (1, 1, 2):
        torch.manual_seed(seed)
        states.append(build_network(settings, 2, (64, 65, 66)).state_dict())
    first, again, another = states
    assert all(torch.equal(first[key], again[key]) for key in first)
    assert any(not torch.equal(first[key], another[key]) for key in first)


def test_features_are_those_of_the_encoders() -> None:
    with torch.device("meta"):
        for name, features in FEATURES.items():
            settings = ModelSettings(
                name="a", encoder=name, fusion="none", maps=("t1w",)
            )
            assert build_encoder(settings).out_features == features
