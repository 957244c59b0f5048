"""What the catalogue says of networks: figures of papers, and by hand."""

import sys

import pytest
import torch

from crosswarp.errors import MissingPackageError
from crosswarp.models.build import build_network
from crosswarp.models.catalogue import CATALOGUE, EXTENTS, RESOLUTION
from crosswarp.models.costs import (
    CatalogueEntry,
    Cost,
    catalogue,
    count_multiply_adds,
    encoders,
    whole_swin_parameters,
)

"""With the other tests of these figures, which a process works out once in a minute."""

PAPER = 1_563_394


@pytest.fixture(scope="module")
def entries() -> dict[str, CatalogueEntry]:
    return {entry.name: entry for entry in catalogue()}


@pytest.mark.slow
def test_every_network_of_the_catalogue_is_described(entries) -> None:
    assert entries.keys() == CATALOGUE.keys()
    for name, entry in entries.items():
        assert entry.smallest_extent <= min(entry.extent), name
        costs = {1: entry.at_1_mm, 2: entry.at_2_mm}
        assert costs[entry.resolution].tokens == entry.tokens, name


@pytest.mark.slow
def test_the_papers_networks(entries) -> None:
    paper = entries["paper_cross_attention"]
    assert (paper.parameters, paper.tokens, paper.smallest_extent) == (PAPER, 2, 146)
    assert paper.at_2_mm is None
    coarse = entries["paper_2mm_cross_attention"]
    assert (coarse.parameters, coarse.tokens, coarse.smallest_extent) == (PAPER, 2, 77)
    # The three fusions that the paper compares differ in little else.
    assert entries["paper_self_attention"].parameters == PAPER
    assert entries["paper_bottleneck"].parameters == PAPER + 3 * 29_120 + 4 * 64


@pytest.mark.slow
def test_compact_networks_are_no_larger_than_the_papers(entries) -> None:
    compact = [e for e in entries.values() if e.name.startswith("compact")]
    assert len(compact) == 16
    for entry in compact:
        assert entry.parameters <= PAPER
        assert entry.tokens >= 100


@pytest.mark.slow
def test_encoders_have_the_sizes_of_papers() -> None:
    found = {entry.name: entry for entry in encoders()}
    assert found.keys() == RESOLUTION.keys()
    assert found["resnet34"].parameters == 63_296_834
    assert found["swin_unetr"].parameters == 8_062_002 + 768 * 2 + 2
    assert found["swin_unetr"].at_2_mm == Cost(27, 17_841_464_448 + 768 * 2)
    assert whole_swin_parameters() == 62_186_708


def test_multiply_adds_as_counted_by_hand() -> None:
    """Three convolutions of the paper's encoder, and its linear layer."""
    extent = (146, 147, 148)
    with torch.device("meta"):
        network = build_network(CATALOGUE["paper_t1w"], 2, extent)
    # Unpadded: 144x145x146, then 48x48x48 -> 44x44x44, then 11x11x11 -> 5x5x5.
    convolutions = (
        144 * 145 * 146 * 16 * 27 + 44**3 * 32 * 16 * 125 + 5**3 * 64 * 32 * 343
    )
    assert count_multiply_adds(network, extent) == convolutions + 64 * 2


def test_attention_is_counted() -> None:
    extent = EXTENTS[2]
    sizes = {}
    for name in ("compact_cross_attention", "compact_concatenation"):
        with torch.device("meta"):
            network = build_network(CATALOGUE[name], 2, extent)
        sizes[name] = count_multiply_adds(network, extent)
    tokens, features = 392, 64
    # Seven projections (three twice), queries by keys, weights by values; the head.
    attention = 7 * tokens * features**2 + 2 * tokens**2 * features
    heads = 2 * 64 * 2
    difference = sizes["compact_cross_attention"] - sizes["compact_concatenation"]
    assert difference == attention + heads


def test_without_monai_the_rest_is_described(monkeypatch) -> None:
    monkeypatch.setitem(sys.modules, "monai.networks.nets", None)
    names = [entry.name for entry in encoders()]
    assert names == ["plain_cnn", "compact_cnn", "patterns"]
    with pytest.raises(MissingPackageError, match=r"pip install 'crosswarp\[monai\]'"):
        whole_swin_parameters()
