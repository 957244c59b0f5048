"""Masked reconstruction: what is hidden, what is compared, what learns."""

import pytest
import torch

from crosswarp.models.build import build_network
from crosswarp.models.encoders.compact_cnn import CompactCNN
from crosswarp.models.encoders.encoder import Encoder
from crosswarp.models.encoders.plain_cnn import PlainCNN
from crosswarp.models.reconstruction import (
    CELLS,
    MaskedReconstruction,
    MaskSettings,
    Restorer,
    draw_blocks,
    encoders_of,
)
from crosswarp.models.settings import ModelSettings

EXTENT = (26, 30, 28)


def chosen(**choices: object) -> ModelSettings:
    compact = {"name": "a", "encoder": "compact_cnn", "features": 8}
    return ModelSettings.model_validate({**compact, "standardise": "fixed", **choices})


def learning(settings: ModelSettings, **mask: float) -> MaskedReconstruction:
    network = build_network(settings, 2, EXTENT)
    return MaskedReconstruction(network, settings, MaskSettings(**mask), 2.0)


@pytest.mark.parametrize("share", [0.25, 0.5])
def test_as_many_blocks_are_hidden_in_each_scan_and_others_in_each(
    share: float,
) -> None:
    torch.manual_seed(0)
    hidden = draw_blocks(torch.zeros(3, 1, 8, 12, 16), 4, share)
    assert hidden.shape == (3, 1, 8, 12, 16)
    assert hidden.float().mean(dim=(1, 2, 3, 4)).tolist() == [share] * 3
    blocks = hidden.unfold(2, 4, 4).unfold(3, 4, 4).unfold(4, 4, 4).flatten(5)
    assert (blocks.all(-1) | ~blocks.any(-1)).all()
    assert not torch.equal(hidden[0], hidden[1])


def test_blocks_at_the_edge_are_cut() -> None:
    hidden = draw_blocks(torch.zeros(1, 1, 5, 6, 7), 4, 0.99)
    assert hidden.shape == (1, 1, 5, 6, 7)
    assert hidden.all()


def test_a_restored_cell_lies_over_the_voxels_of_its_token() -> None:
    """Features of one token alone change the cells of its own part alone."""
    encoder = CompactCNN(features=8, strides=(3, 2))
    restorer = Restorer(encoder)
    assert restorer.cells == 6
    features = torch.zeros(1, encoder.out_features, 3, 4, 5)
    before = restorer(features)
    features[:, :, 1, 2, 3] = 1
    changed = (restorer(features) != before).any(dim=1)[0]
    assert changed.shape == (18, 24, 30)
    inside = changed[6:12, 12:18, 18:24]
    assert inside.float().mean() > 0.9
    assert changed.sum() == inside.sum()


def test_volumes_are_fitted_evenly_to_the_cells() -> None:
    """Padded like the encoder pads, so that a token restores what it was made of."""
    restorer = Restorer(CompactCNN(features=8, strides=(3, 2)))
    volume = torch.arange(10.0).reshape(1, 1, 10, 1, 1).expand(1, 1, 10, 6, 6)
    fitted = restorer.fit(volume, torch.Size((12, 6, 6)))
    assert fitted[0, 0, :, 0, 0].tolist() == [0, *range(10), 0]
    coarse = Restorer(PlainCNN())
    assert (coarse.pooled, coarse.cells) == (5, CELLS)
    even = coarse.fit(torch.ones(1, 1, 60, 60, 60), torch.Size((12, 12, 12)))
    torch.testing.assert_close(even, torch.ones(1, 1, 12, 12, 12))


@pytest.mark.parametrize(
    ("choices", "names"),
    [
        ({"fusion": "cross_attention", "positions": True}, ["t1w", "jsm"]),
        ({"fusion": "late_averaging"}, ["t1w", "jsm"]),
        ({"fusion": "stacked"}, ["stacked"]),
        ({"fusion": "multiplied"}, ["multiplied"]),
        ({"fusion": "none", "maps": ("jsm",)}, ["jsm"]),
        ({"fusion": "none", "maps": ("t1w",), "standardise": "none"}, ["t1w"]),
    ],
)
def test_every_encoder_learns_and_nothing_else(choices: dict, names: list) -> None:
    settings = chosen(**choices)
    network = build_network(settings, 2, EXTENT)
    found = MaskedReconstruction(network, settings, MaskSettings(), 2.0)
    assert list(found.named_encoders) == names
    loss = found(torch.rand(2, 1, *EXTENT), torch.randn(2, 1, *EXTENT) / 5)
    assert torch.isfinite(loss)
    loss.backward()
    reached = {id(p) for p in network.parameters() if p.grad is not None}
    encoders = encoders_of(network, settings).values()
    assert reached == {id(p) for e in encoders for p in e.parameters()}
    assert all(isinstance(e, Encoder) for e in encoders)


def test_hidden_voxels_are_not_seen_and_others_not_asked_for() -> None:
    """The loss changes with what is hidden, as the target; the features do not."""
    settings = chosen(fusion="none", maps=("jsm",))
    found = learning(settings, block_mm=8, share=0.5)
    jsm, t1w = torch.randn(1, 1, *EXTENT) / 5, torch.rand(1, 1, *EXTENT)
    torch.manual_seed(3)
    hidden = draw_blocks(t1w, 4, 0.5)
    seen: list[torch.Tensor] = []
    encoder = found.named_encoders["jsm"]
    encoder.register_forward_hook(lambda _m, given, _out: seen.append(given[0]))
    losses = []
    for other in (jsm, torch.where(hidden, jsm + 1, jsm)):
        torch.manual_seed(3)
        losses.append(found(t1w, other).item())
    assert torch.equal(seen[0], seen[1])
    assert (seen[0][hidden] == 0).all()
    torch.testing.assert_close(seen[0][~hidden], (jsm / 0.2)[~hidden])
    assert losses[0] != losses[1]
    visible = torch.where(hidden, t1w, t1w + 1)
    torch.manual_seed(3)
    assert found(visible, jsm).item() == losses[0]


def test_it_learns_what_neighbours_tell() -> None:
    """Smooth maps can be restored from their surroundings, better each step."""
    torch.manual_seed(0)
    found = learning(chosen(fusion="stacked"), block_mm=8)
    coarse = torch.randn(2, 2, 4, 4, 4)
    maps = torch.nn.functional.interpolate(coarse, EXTENT, mode="trilinear")
    optimiser = torch.optim.Adam(found.parameters(), lr=3e-3)
    losses = []
    for _ in range(30):
        loss = found(maps[:, :1] / 2, maps[:, 1:] / 5)
        optimiser.zero_grad()
        loss.backward()
        optimiser.step()
        losses.append(loss.item())
    assert sum(losses[-5:]) < 0.8 * sum(losses[:5])
