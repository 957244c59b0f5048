"""Evidence of places: nothing at first, what a linear model has afterwards."""

import pytest
import torch
from pydantic import ValidationError

from crosswarp.errors import ShapeError
from crosswarp.models.build import build_network
from crosswarp.models.catalogue import CATALOGUE
from crosswarp.models.costs import count_parameters
from crosswarp.models.places import PlaceClassifier, PlaceEvidence
from crosswarp.models.scaling import fit_to_maps
from crosswarp.models.settings import ModelSettings

EXTENT = (9, 10, 11)
WIDE = {"name": "a", "encoder": "compact_cnn", "fusion": "cross_attention"}


def scans(count: int = 60) -> tuple[torch.Tensor, torch.Tensor]:
    t1w, jsm = torch.randn(2, count, 1, *EXTENT)
    return 0.5 + 0.1 * t1w, 0.2 * jsm


def fitted(
    *, products: bool = False
) -> tuple[PlaceEvidence, torch.Tensor, torch.Tensor]:
    t1w, jsm = scans()
    places = PlaceEvidence(EXTENT, 2, 4, products=products)
    places.fit(iter(t1w.split(7)), iter(jsm.split(7)))
    return places, t1w, jsm


def trained_on(places: PlaceEvidence, t1w, jsm, ill: torch.Tensor) -> torch.Tensor:
    """Which of the scans it takes for ill after it was trained on all of them."""
    optimiser = torch.optim.AdamW(places.parameters(), lr=0.05, weight_decay=0.01)
    for _ in range(25):
        optimiser.zero_grad()
        torch.nn.functional.cross_entropy(places(t1w, jsm), ill).backward()
        optimiser.step()
    return places(t1w, jsm).argmax(dim=1)


def test_at_first_the_answer_is_that_of_the_network() -> None:
    class Difference(torch.nn.Module):
        def forward(self, t1w: torch.Tensor, jsm: torch.Tensor) -> torch.Tensor:
            return (t1w - jsm).mean((1, 2, 3, 4))[:, None].expand(-1, 2)

    places, t1w, jsm = fitted(products=True)
    network = Difference()
    assert torch.equal(PlaceClassifier(places, network)(t1w, jsm), network(t1w, jsm))


def test_a_faint_signal_of_one_place_is_found() -> None:
    """A change in one cube of 27, under one percent of the variance of all voxels."""
    ill = torch.arange(60) % 2
    t1w, jsm = scans()
    t1w[:, :, 4:8, 4:8, 4:8] -= 0.05 * ill[:, None, None, None, None]
    places = PlaceEvidence(EXTENT, 2, 4, products=False)
    places.fit([t1w], [jsm])
    assert (trained_on(places, t1w, jsm, ill) == ill).float().mean() > 0.95
    found = (places.weight[1] - places.weight[0])[0]
    assert found.argmin() == 13  # the cube in the middle of 3 x 3 x 3


def test_products_hear_whether_two_maps_change_together() -> None:
    """Neither map alone tells the two kinds of scans apart."""
    ill = torch.arange(60) % 2
    t1w, jsm = scans()
    change = torch.randn(60, 1, 1, 1, 1)
    t1w[:, :, 4:8, 4:8, 4:8] += 0.2 * change
    sign = (2 * ill - 1)[:, None, None, None, None]
    jsm[:, :, 4:8, 4:8, 4:8] += 0.4 * change * sign
    right = {}
    for products in (False, True):
        places = PlaceEvidence(EXTENT, 2, 4, products=products)
        places.fit([t1w], [jsm])
        with torch.no_grad():
            places.weight.zero_()
            if products:
                places.weight[1, 2, 1, 1, 1] = 1
            else:
                places.weight[1, :2, 1, 1, 1] = 1
        logits = places(t1w, jsm)
        right[products] = ((logits[:, 1] > 0).long() == ill).float().mean().item()
    assert right[True] > 0.9 > 0.75 > right[False]


def test_statistics_are_of_the_training_scans_and_saved_with_the_weights() -> None:
    settings = ModelSettings.model_validate({**WIDE, "places": "products"})
    network = build_network(settings, 2, (25, 26, 37))
    maps = {name: torch.rand(5, 1, 25, 26, 37) for name in ("t1w", "jsm")}
    fit_to_maps(network, lambda name: iter(maps[name].split(1)))
    assert isinstance(network, PlaceClassifier)
    assert network.places.t1w.mean.shape == (7, 7, 10)
    first = maps["t1w"][:, 0, :4, :4, :4].mean()
    torch.testing.assert_close(network.places.t1w.mean[0, 0, 0], first)
    other = build_network(settings, 2, (25, 26, 37))
    other.load_state_dict(network.state_dict())
    t1w, jsm = maps.values()
    torch.testing.assert_close(other.eval()(t1w, jsm), network.eval()(t1w, jsm))


def test_maps_of_another_extent_are_refused() -> None:
    places, t1w, jsm = fitted()
    with pytest.raises(ShapeError, match=r"for maps of \(9, 10, 11\) voxels, got"):
        places(t1w[:, :, 1:], jsm[:, :, 1:])


def test_it_is_small_and_needs_both_maps() -> None:
    with torch.device("meta"):
        settings = CATALOGUE["compact_cross_attention"]
        settings = settings.model_copy(update={"places": "products"})
        network = build_network(settings, 2, (77, 94, 82))
    assert count_parameters(network) < 1_563_394
    with pytest.raises(ValidationError, match="places need both maps, and fusion none"):
        ModelSettings.model_validate(
            {**WIDE, "fusion": "none", "maps": ("jsm",), "places": "maps"}
        )
