"""Weights of our own pretraining: all keys accounted for, who was seen beside them."""

from pathlib import Path

import pytest
import torch
from safetensors.torch import load_file, save_file

from crosswarp.documents import read_json
from crosswarp.errors import InputError
from crosswarp.files import write_json
from crosswarp.models.build import build_network
from crosswarp.models.own_weights import (
    PretrainingCard,
    check_origin,
    read_card,
    save_weights,
    start_from_own,
)
from crosswarp.models.reconstruction import MaskSettings, encoders_of
from crosswarp.models.settings import ModelSettings

EXTENT = (26, 30, 28)
FUSED = ModelSettings(
    name="fused",
    encoder="compact_cnn",
    fusion="cross_attention",
    features=8,
    positions=True,
    standardise="fixed",
)
MAPS = {"space": "S", "resolution": 2, "preprocessing": "p"}


def card(**changes: object) -> PretrainingCard:
    known = {"model": FUSED, "mask": MaskSettings(), "fingerprint": "f", **MAPS}
    return PretrainingCard.model_validate(
        {**known, "participants": ("sub-1", "sub-2"), **changes}
    )


@pytest.fixture
def folder(tmp_path: Path) -> Path:
    torch.manual_seed(1)
    network = build_network(FUSED, 2, EXTENT)
    save_weights(tmp_path, encoders_of(network, FUSED), card())
    return tmp_path


def test_encoders_come_back_and_the_rest_stays_fresh(folder: Path) -> None:
    torch.manual_seed(2)
    network = build_network(FUSED, 3, (20, 22, 24))
    before = {k: v.clone() for k, v in network.state_dict().items()}
    found = load_file(folder / "weights.safetensors")
    assert start_from_own(network, FUSED, folder) == len(found)
    encoders = encoders_of(network, FUSED)
    for name, encoder in encoders.items():
        for key, value in encoder.state_dict().items():
            assert torch.equal(value, found[f"{name}.{key}"])
    changed = {
        k for k, v in network.state_dict().items() if not torch.equal(v, before[k])
    }
    assert changed
    assert all("encoder" in key for key in changed)


def test_the_card_says_who_was_seen(folder: Path) -> None:
    found = read_card(folder)
    assert found.participants == ("sub-1", "sub-2")
    assert (
        found.weights_digest == read_json(folder / "pretraining.json")["weights_digest"]
    )
    assert len(found.weights_digest) == 64


def test_another_networks_weights_are_refused_whole(folder: Path) -> None:
    other = FUSED.model_copy(
        update={"features": 16, "fusion": "none", "maps": ("jsm",)}
    )
    network = build_network(other, 2, EXTENT)
    before = {k: v.clone() for k, v in network.state_dict().items()}
    with pytest.raises(
        InputError,
        match=r"does not fit the encoders of fused: unexpected: t1w\.stages.*;"
        r" of another shape: jsm\.stages.*\(\(8, 1, .*, not \(16, 1, .*nothing was",
    ):
        start_from_own(network, other, folder)
    after = network.state_dict()
    assert all(torch.equal(after[k], v) for k, v in before.items())


def test_a_missing_key_and_a_nan_are_named(folder: Path) -> None:
    path = folder / "weights.safetensors"
    found = load_file(path)
    gone = next(iter(sorted(found)))
    kept = {k: v for k, v in found.items() if k != gone}
    sick = next(iter(kept))
    kept[sick] = torch.full_like(kept[sick], torch.nan)
    save_file(kept, path)
    network = build_network(FUSED, 2, EXTENT)
    with pytest.raises(InputError, match=f"missing: {gone}; not finite: {sick}"):
        start_from_own(network, FUSED, folder)


def test_what_was_changed_or_is_none_is_refused(folder: Path, tmp_path: Path) -> None:
    path = folder / "weights.safetensors"
    found = load_file(path)
    save_file({k: v + 1 for k, v in found.items()}, path)
    with pytest.raises(InputError, match=r"was changed .* its SHA-256 is .*says"):
        read_card(folder)
    path.write_bytes(b"\x80\x04pickle")
    with pytest.raises(InputError, match="is not a safetensors file"):
        start_from_own(build_network(FUSED, 2, EXTENT), FUSED, folder)
    entries = read_json(folder / "pretraining.json")
    write_json(folder / "pretraining.json", {**entries, "participants": []})
    with pytest.raises(InputError, match="is not a card of pretraining: participants"):
        read_card(folder)
    with pytest.raises(
        InputError, match=r"lacks weights.safetensors, pretraining.json"
    ):
        read_card(tmp_path / "none")


@pytest.mark.parametrize(
    ("changes", "said"),
    [
        ({"space": "T"}, "space: S there, T here"),
        ({"resolution": 1}, "resolution: 2 there, 1 here"),
        ({"preprocessing": None}, "preprocessing: p there, None here"),
    ],
)
def test_weights_from_other_maps_are_refused(changes: dict, said: str) -> None:
    check_origin(Path("w"), card(), FUSED, MAPS)
    with pytest.raises(InputError, match=f"w do not suit fused: {said}; pretrain on"):
        check_origin(Path("w"), card(), FUSED, {**MAPS, **changes})


def test_maps_scaled_in_another_way_are_refused() -> None:
    other = FUSED.model_copy(update={"standardise": "none"})
    with pytest.raises(InputError, match="standardise: fixed there, none here"):
        check_origin(Path("w"), card(), other, MAPS)
