"""A trained network as a folder: weights, settings, model card. Never pickle."""

from collections.abc import Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import Final

import torch
from safetensors.torch import save_file
from torch import Tensor, nn

from crosswarp.documents import read_object
from crosswarp.errors import InputError
from crosswarp.files import write_json, written_folder
from crosswarp.models.build import build_network
from crosswarp.models.bundle_card import BundleCard, Calibration, read_card
from crosswarp.models.card_text import card_text
from crosswarp.models.costs import count_parameters, count_tokens
from crosswarp.models.own_encoders import is_own, own_encoder
from crosswarp.models.settings import ModelSettings
from crosswarp.models.tensors import faults_of, read_tensors, sha256_of
from crosswarp.models.weights.sources import find_source
from crosswarp.study.names import BUNDLE_CARD, REFERENCE_MAPS, WEIGHTS
from crosswarp.types.tensors import Volume

__all__ = [
    "README",
    "Bundle",
    "BundleCard",
    "Calibration",
    "card_text",
    "load_bundle",
    "load_weights",
    "save_bundle",
]

README: Final = "README.md"

_MAPS: Final = ("t1w", "jsm")


@dataclass(frozen=True)
class Bundle:
    """A network ready to predict with, and what is known of it.

    Attributes:
        network: In evaluation mode: ``forward(t1w, jsm)`` to logits.
        card: What the network says of itself.
        reference: Mean T1w image and mean log-Jacobian map of the reference group, each
            a batch of one, on the network's box; None where the bundle has none.
    """

    network: nn.Module
    card: BundleCard
    reference: tuple[Volume, Volume] | None = None


def save_bundle(
    folder: Path,
    network: nn.Module,
    card: BundleCard,
    reference: tuple[Volume, Volume] | None = None,
) -> None:
    """Write a trained network, whole or not at all.

    Args:
        folder: An older bundle there is replaced.
        network: As `build_network` made it from ``card.model``.
        card: What to say of it; with `reference_maps` where those are given.
        reference: Mean T1w image and mean log-Jacobian map of the reference group.
    """
    counted: dict[str, object] = {
        "parameters": count_parameters(network),
        "tokens": count_tokens(card.model, card.extent),
        "encoder_sources": card.model.own_sources,
        "built_for": _built_for(card.model),
    }
    tensors = {
        key: value.detach().cpu().contiguous()
        for key, value in network.state_dict().items()
    }
    with written_folder(folder) as temporary:
        save_file(tensors, temporary / WEIGHTS)
        counted["weights_digest"] = sha256_of(temporary / WEIGHTS)
        counted["reference_maps"] = None
        if reference is not None and card.reference_maps is not None:
            path = temporary / REFERENCE_MAPS
            # Sixteen bits, as maps are kept for training.
            halves = {n: v.half() for n, v in zip(_MAPS, reference, strict=True)}
            save_file(halves, path)
            digest = {"digest": sha256_of(path)}
            counted["reference_maps"] = card.reference_maps.model_copy(update=digest)
        if card.made_with is not None:
            counted["made_with"] = card.made_with.kept_in(folder)
        card = card.model_copy(update=counted)
        write_json(temporary / BUNDLE_CARD, card.model_dump(mode="json"))
        text = card_text(card)
        (temporary / README).write_text(text, encoding="utf-8")


def load_bundle(folder: Path) -> Bundle:
    """Read a trained network, in evaluation mode, on the CPU.

    Raises:
        InputError: If the folder is no bundle, a newer version wrote it, its card is
            not right, or its weights are not exactly those of the network (what
            differs is listed) or not those that were written.
    """
    missing = [name for name in (WEIGHTS, BUNDLE_CARD) if not (folder / name).is_file()]
    if missing:
        msg = f"{folder} is not a bundle: it lacks {', '.join(missing)}"
        raise InputError(msg)
    _require_encoders(folder)
    card = read_card(folder)
    _require_built(folder, card)
    found = read_tensors(folder / WEIGHTS)
    parts = (card.model, len(card.classes), card.extent)
    # A card may ask for more memory than there is: what does not fit is not built.
    with torch.device("meta"):
        _check_fit(found, build_network(*parts), folder / WEIGHTS)
    network = build_network(*parts)
    _check_fit(found, network, folder / WEIGHTS)
    network.load_state_dict(found)
    _check_unchanged(folder / WEIGHTS, card.weights_digest)
    return Bundle(network.eval(), card, _reference(folder, card))


def _check_unchanged(path: Path, expected: str | None) -> None:
    got = sha256_of(path)
    if expected not in (None, got):
        msg = (
            f"{path} was changed since it was written: its SHA-256 is"
            f" {got}, {BUNDLE_CARD} says {expected}; take the bundle from"
            " where it was made"
        )
        raise InputError(msg)


def _reference(folder: Path, card: BundleCard) -> tuple[Volume, Volume] | None:
    """Read the mean maps of the reference group, where the card says there are any."""
    if card.reference_maps is None:
        return None
    path = folder / REFERENCE_MAPS
    if not path.is_file():
        msg = f"{folder} lacks {REFERENCE_MAPS}; take the bundle from where it was made"
        raise InputError(msg)
    found = read_tensors(path)
    _check_unchanged(path, card.reference_maps.digest)
    shapes = {name: tuple(found[name].shape[2:]) for name in _MAPS if name in found}
    if shapes != dict.fromkeys(_MAPS, card.extent):
        msg = (
            f"{path} does not fit the network: {shapes}, expected {card.extent} voxels"
        )
        raise InputError(msg)
    return found["t1w"].float(), found["jsm"].float()


def _require_encoders(folder: Path) -> None:
    """Import encoders of the user's own first: without them the card says nothing.

    Raises:
        InputError: If a class cannot be imported, breaks the contract of an encoder,
            or lies in another file than the one that was trained with.
    """
    card = read_object(folder / BUNDLE_CARD)
    model, sources = card.get("model"), card.get("encoder_sources")
    known = sources if isinstance(sources, dict) else {}
    for key in ("encoder", "jsm_encoder"):
        name = model.get(key) if isinstance(model, dict) else None
        if not isinstance(name, str) or not is_own(name):
            continue
        try:
            found = own_encoder(name)
        except InputError as error:
            msg = (
                f"{folder} has an encoder of your own, and such a bundle can be read"
                f" only where its class can be imported: {error}"
            )
            raise InputError(msg) from error
        if known.get(name, found.source) != found.source:
            msg = (
                f"the file of the encoder {name} was changed since {folder} was trained"
                " with it; put back the file it was trained with, or train again"
            )
            raise InputError(msg)


def _built_for(model: ModelSettings) -> dict[str, bool | str]:
    """Say how encoders are built for the weights that they started from."""
    names = [name for name in model.weights_of_encoders if name is not None]
    return {key: v for name in names for key, v in find_source(name).made_with.items()}


def _require_built(folder: Path, card: BundleCard) -> None:
    """Refuse weights of an encoder that is built otherwise now than when it learned.

    Both have the same shapes, so nothing else would tell, and the answers were wrong.
    """
    if card.built_for != _built_for(card.model):
        msg = (
            f"the encoder of {folder} started from {card.model.weights} and was built"
            " otherwise than this version builds it for those weights; train it again"
        )
        raise InputError(msg)


def load_weights(network: nn.Module, path: Path) -> None:
    """Load weights into a network, all of them and nothing else.

    Raises:
        InputError: If the file is not safetensors, or keys or shapes differ.
    """
    found = read_tensors(path)
    _check_fit(found, network, path)
    network.load_state_dict(found)


def _check_fit(found: Mapping[str, Tensor], network: nn.Module, path: Path) -> None:
    faults = faults_of(found, network.state_dict())
    if faults:
        msg = f"{path} does not fit the network: {faults}"
        raise InputError(msg)
