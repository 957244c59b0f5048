"""A trained network as a folder: weights, settings, model card. Never pickle."""

import hashlib
import importlib.metadata
from collections.abc import Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import Final, Literal

import torch
from pydantic import BaseModel, ConfigDict, Field, ValidationError
from safetensors import SafetensorError
from safetensors.torch import load_file, save_file
from torch import Tensor, nn

from crosswarp.errors import InputError
from crosswarp.files import read_json, write_json, written_folder
from crosswarp.models.build import build_network
from crosswarp.models.costs import count_parameters, count_tokens
from crosswarp.models.settings import ModelSettings

WEIGHTS: Final = "weights.safetensors"
CARD: Final = "bundle.json"
README: Final = "README.md"

KEYS_NAMED: Final = 5
"""Keys of weights that one message names; the rest is counted."""

_VIRTUAL: Final = (
    "Trained on virtual participants: it shows that the software works."
    " It says nothing about diagnostic accuracy."
)


class BundleCard(BaseModel):
    """What a bundle says of itself, in ``bundle.json``.

    Attributes:
        format: Of the folder.
        crosswarp_version: That wrote it.
        model: Settings of the network.
        classes: Diagnoses, in the order of the logits; the last one is positive.
        space: Name of the template.
        resolution: Spacing of the maps, in mm.
        grid_extent: Voxels of the whole template grid.
        box: First and past-the-last voxel along each axis that the network sees.
        preprocessing: Fingerprint of the settings that made the maps; None when the
            maps did not say.
        participants: Trained on, self-supervised pretraining included: they must never
            be tested on.
        pretrained: SHA-256 of the weights of `crosswarp pretrain` that its encoders
            started from; None without.
        origin: ``real`` or ``virtual`` participants.
        seed: Of the experiment.
        repeat: Of the cross-validation.
        fold: That was held out.
        parameters: That were trained; filled in when the bundle is written.
        tokens: That the encoder makes of a map; filled in likewise.
        weights_digest: SHA-256 of the weights' file; filled in likewise. None in
            bundles that were written before there was one.
    """

    model_config = ConfigDict(frozen=True, extra="forbid")

    format: Literal["crosswarp-bundle-1"] = "crosswarp-bundle-1"
    crosswarp_version: str = Field(
        default_factory=lambda: importlib.metadata.version("crosswarp")
    )
    model: ModelSettings
    classes: tuple[str, ...] = Field(min_length=2)
    space: str
    resolution: Literal[1, 2]
    grid_extent: tuple[int, int, int]
    box: tuple[tuple[int, int], tuple[int, int], tuple[int, int]]
    preprocessing: str | None = None
    participants: tuple[str, ...] = ()
    pretrained: str | None = None
    origin: Literal["real", "virtual"] = "real"
    seed: int = 0
    repeat: int = 0
    fold: int = 0
    parameters: int = 0
    tokens: int = 0
    weights_digest: str | None = None

    @property
    def extent(self) -> tuple[int, int, int]:
        """Voxels of the maps that the network sees."""
        i, j, k = (stop - start for start, stop in self.box)
        return (i, j, k)


@dataclass(frozen=True)
class Bundle:
    """A network ready to predict with, and what is known of it."""

    network: nn.Module
    card: BundleCard


def save_bundle(folder: Path, network: nn.Module, card: BundleCard) -> None:
    """Write a trained network, whole or not at all.

    Args:
        folder: An older bundle there is replaced.
        network: As `build_network` made it from ``card.model``.
        card: What to say of it.
    """
    counted: dict[str, object] = {
        "parameters": count_parameters(network),
        "tokens": count_tokens(card.model, card.extent),
    }
    tensors = {
        key: value.detach().cpu().contiguous()
        for key, value in network.state_dict().items()
    }
    with written_folder(folder) as temporary:
        save_file(tensors, temporary / WEIGHTS)
        counted["weights_digest"] = sha256_of(temporary / WEIGHTS)
        card = card.model_copy(update=counted)
        write_json(temporary / CARD, card.model_dump(mode="json"))
        text = card_text(card)
        (temporary / README).write_text(text, encoding="utf-8")


def load_bundle(folder: Path) -> Bundle:
    """Read a trained network, in evaluation mode, on the CPU.

    Raises:
        InputError: If the folder is no bundle, its card is not right, or its weights
            are not exactly those of the network (what differs is listed) or not those
            that were written.
    """
    missing = [name for name in (WEIGHTS, CARD) if not (folder / name).is_file()]
    if missing:
        msg = f"{folder} is not a bundle: it lacks {', '.join(missing)}"
        raise InputError(msg)
    try:
        card = BundleCard.model_validate(read_json(folder / CARD))
    except ValidationError as error:
        first = error.errors()[0]
        where = ".".join(str(part) for part in first["loc"])
        msg = f"{folder / CARD} is not a bundle's card: {where}: {first['msg']}"
        raise InputError(msg) from error
    network = build_network(card.model, len(card.classes), card.extent)
    load_weights(network, folder / WEIGHTS)
    got = sha256_of(folder / WEIGHTS)
    if card.weights_digest not in (None, got):
        msg = (
            f"{folder / WEIGHTS} was changed since it was written: its SHA-256 is"
            f" {got}, {CARD} says {card.weights_digest}; take the bundle from where it"
            " was made"
        )
        raise InputError(msg)
    return Bundle(network.eval(), card)


def load_weights(network: nn.Module, path: Path) -> None:
    """Load weights into a network, all of them and nothing else.

    Raises:
        InputError: If the file is not safetensors, or keys or shapes differ.
    """
    try:
        found = load_file(path)
    except (SafetensorError, OSError) as error:
        msg = f"{path} is not a safetensors file: {error}"
        raise InputError(msg) from error
    faults = faults_of(found, network.state_dict())
    if faults:
        msg = f"{path} does not fit the network: {faults}"
        raise InputError(msg)
    network.load_state_dict(found)


def faults_of(found: Mapping[str, Tensor], wanted: Mapping[str, Tensor]) -> str:
    """Say in which keys, shapes and values weights do not fit; empty when they do."""
    faults = [
        _listed("missing", sorted(set(wanted) - set(found))),
        _listed("unexpected", sorted(set(found) - set(wanted))),
        _listed(
            "of another shape",
            [
                f"{key} ({tuple(found[key].shape)}, not {tuple(wanted[key].shape)})"
                for key in sorted(set(wanted) & set(found))
                if found[key].shape != wanted[key].shape
            ],
        ),
        _listed(
            "not finite",
            [k for k in sorted(found) if not torch.isfinite(found[k]).all()],
        ),
    ]
    return "; ".join(filter(None, faults))


def sha256_of(path: Path) -> str:
    """Digest a file."""
    with path.open("rb") as file:
        return hashlib.file_digest(file, "sha256").hexdigest()


def _listed(fault: str, keys: list[str]) -> str:
    if not keys:
        return ""
    more = len(keys) - KEYS_NAMED
    rest = f" and {more} more" if more > 0 else ""
    return f"{fault}: {', '.join(keys[:KEYS_NAMED])}{rest}"


def _started_from(card: BundleCard) -> list[str]:
    if card.pretrained is None:
        return []
    return [f"- encoders started from: crosswarp pretrain, {card.pretrained[:16]}"]


def card_text(card: BundleCard) -> str:
    """Say what a bundle is, for people, in Markdown."""
    extent = "x".join(str(n) for n in card.extent)
    notice = [_VIRTUAL, ""] if card.origin == "virtual" else []
    lines = [
        f"# {card.model.name}",
        "",
        *notice,
        f"Tells {' from '.join(card.classes)} in a T1w image and its log-Jacobian map.",
        "Research software, not a medical device.",
        "",
        f"- network: {card.model.encoder}, fusion {card.model.fusion}, maps"
        f" {', '.join(card.model.maps)}; {card.parameters:,} parameters,"
        f" {card.tokens} tokens",
        f"- input: {extent} voxels of {card.space} at {card.resolution} mm",
        f"- scaling of the maps: {card.model.standardise}",
        *_started_from(card),
        f"- trained on: {len(card.participants)} participants ({card.origin}),"
        f" repeat {card.repeat}, without fold {card.fold}; listed in {CARD}",
        f"- preprocessing: {card.preprocessing or 'not recorded'}",
        f"- written by: crosswarp {card.crosswarp_version}",
        "",
        "Intended use: research on groups like the one it was trained on. Performance"
        " is in the run's metrics, measured on the held-out fold.",
        "",
    ]
    return "\n".join(lines)
