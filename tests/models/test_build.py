"""What is built: the paper's sizes, and one contract for all networks."""

import pytest
import torch

from crosswarp.errors import InputError, ShapeError
from crosswarp.models.build import build_network
from crosswarp.models.catalogue import CATALOGUE, EXTENTS
from crosswarp.models.choices import model_choices
from crosswarp.models.costs import count_parameters
from crosswarp.models.encoders.encoder import Encoder
from crosswarp.models.scaling import Standardise
from crosswarp.models.settings import ModelSettings

PAPER_PARAMETERS = 1_563_394
EXTENT = (25, 26, 37)
COMPACT = [name for name in CATALOGUE if name.startswith("compact")]
ATTENTION = {"name": "a", "encoder": "compact_cnn", "fusion": "cross_attention"}
VARIANTS = {
    **{name: CATALOGUE[name] for name in COMPACT},
    "both ways": ModelSettings(**ATTENTION, query="both", features=8),
    "fixed": ModelSettings(**ATTENTION, standardise="fixed", pooling="mean_max"),
    "attention": ModelSettings(**ATTENTION, pooling="attention", norm="none"),
}


@pytest.mark.parametrize(
    ("query", "concatenated", "parameters"),
    [
        ("jsm", ("t1w",), PAPER_PARAMETERS),
        ("t1w", ("t1w",), PAPER_PARAMETERS),
        ("jsm", (), PAPER_PARAMETERS - 64 * 2),
    ],
    ids=["paper", "other direction", "attended only"],
)
def test_the_papers_network_has_its_parameters(query, concatenated, parameters) -> None:
    settings = ModelSettings(
        name="paper",
        encoder="plain_cnn",
        fusion="cross_attention",
        query=query,
        concatenated=concatenated,
    )
    with torch.device("meta"):
        network = build_network(settings, 2, (182, 218, 182))
        volume = torch.zeros(3, 1, 182, 218, 182)
        assert network(volume, volume).shape == (3, 2)
    assert count_parameters(network) == parameters


@pytest.fixture(params=VARIANTS.values(), ids=VARIANTS.keys())
def network(request: pytest.FixtureRequest) -> torch.nn.Module:
    return build_network(request.param, 3, EXTENT)


def test_logits_gradients_and_participants(network: torch.nn.Module) -> None:
    t1w, jsm = torch.randn(2, 4, 1, *EXTENT)
    logits = network(t1w, jsm)
    assert logits.shape == (4, 3)
    (logits**2).sum().backward()
    unreached = [
        name
        for name, p in network.named_parameters()
        if p.grad is None or not p.grad.abs().sum()
    ]
    # The softmax takes out what a key's bias adds to all scores of a query alike.
    assert [name for name in unreached if not name.endswith("key.bias")] == []
    alone = network.eval()(t1w[:1], jsm[:1])
    torch.testing.assert_close(network(t1w, jsm)[:1], alone, rtol=1e-4, atol=1e-5)


@pytest.mark.parametrize(
    ("name", "t1w_counts", "jsm_counts"),
    [("compact_t1w", True, False), ("compact_jsm", False, True)],
)
def test_single_map_networks_see_one_map(name, t1w_counts, jsm_counts) -> None:
    network = build_network(CATALOGUE[name], 2, EXTENT).eval()
    t1w, jsm, other = torch.randn(3, 1, 1, *EXTENT)
    assert (not torch.equal(network(t1w, jsm), network(other, jsm))) == t1w_counts
    assert (not torch.equal(network(t1w, jsm), network(t1w, other))) == jsm_counts


def test_only_maps_that_are_used_have_statistics() -> None:
    settings = CATALOGUE["compact_jsm"].model_copy(update={"standardise": "voxel"})
    network = build_network(settings, 2, EXTENT)
    assert isinstance(network.jsm_scaling, Standardise)
    assert not isinstance(network.t1w_scaling, Standardise)


def test_the_papers_network_is_refused_at_2_mm() -> None:
    with pytest.raises(ShapeError, match=r"\(97, 115, 97\) voxels; PlainCNN needs 146"):
        build_network(CATALOGUE["paper_cross_attention"], 2, (97, 115, 97))


def test_an_unknown_name_gets_the_nearest() -> None:
    with pytest.raises(InputError, match="did you mean compact_jsm"):
        model_choices("compact_jms")
    with pytest.raises(InputError, match="there are: paper_cross_attention"):
        model_choices({"like": "zzz"})


def test_choices_of_their_own_pass_unchanged() -> None:
    assert model_choices({"name": "a"}) == {"name": "a"}
    assert model_choices("compact_t1w")["name"] == "compact_t1w"


@pytest.mark.parametrize("name", ["compact_cross_attention", "compact_bottleneck"])
def test_a_network_without_values_is_built_without_computing(name, monkeypatch) -> None:
    """What torch computes without values loads a compiler: two seconds of a process."""

    def never(*_):
        raise AssertionError

    monkeypatch.setattr(Encoder, "grid", never)
    monkeypatch.setattr(torch.Tensor, "normal_", never)
    with torch.device("meta"):
        network = build_network(CATALOGUE[name], 2, EXTENTS[2])
    assert all(weights.is_meta for weights in network.parameters())
