"""Weights of `crosswarp model pretrain`, with who they have seen; never pickle."""

import importlib.metadata
from collections.abc import Mapping
from pathlib import Path
from typing import Final, Literal

from pydantic import BaseModel, ConfigDict, Field
from safetensors.torch import save_file
from torch import Tensor, nn

from crosswarp.documents import read_as
from crosswarp.errors import InputError
from crosswarp.files import write_json
from crosswarp.models.encoders.encoder import Encoder
from crosswarp.models.reconstruction import MaskSettings, encoders_of
from crosswarp.models.settings import ModelSettings
from crosswarp.models.tensors import faults_of, read_tensors, sha256_of
from crosswarp.study.names import PRETRAINING, WEIGHTS

SAME: Final = ("space", "resolution", "preprocessing", "standardise")
"""What must be the same where weights come from and where they go."""


class PretrainingCard(BaseModel):
    """What weights of `crosswarp model pretrain` say in ``pretraining.json``.

    Attributes:
        format: Of the folder.
        crosswarp_version: That wrote it.
        fingerprint: Of inputs, settings and version.
        objective: That was learned.
        model: Network whose encoders learned.
        mask: What was hidden.
        space: Name of the template.
        resolution: Spacing of the maps, in mm.
        preprocessing: Fingerprint of the settings that made the maps; None when the
            maps did not say.
        participants: Seen: they must never be tested on.
        origin: ``real`` or ``virtual`` participants.
        seed: Of weights, order and blocks.
        epochs: Passes over all scans.
        loss: Of the last epoch.
        weights_digest: SHA-256 of the weights' file.
    """

    model_config = ConfigDict(frozen=True, extra="forbid")

    format: Literal["crosswarp-pretraining-1"] = "crosswarp-pretraining-1"
    crosswarp_version: str = Field(
        default_factory=lambda: importlib.metadata.version("crosswarp")
    )
    fingerprint: str
    objective: Literal["masked reconstruction"] = "masked reconstruction"
    model: ModelSettings
    mask: MaskSettings
    space: str
    resolution: Literal[1, 2]
    preprocessing: str | None = None
    participants: tuple[str, ...] = Field(min_length=1)
    origin: Literal["real", "virtual"] = "real"
    seed: int = 0
    epochs: int = 0
    loss: float = 0.0
    weights_digest: str = ""


def save_weights(
    folder: Path, encoders: Mapping[str, Encoder], card: PretrainingCard
) -> None:
    """Write what encoders learned, into a folder that is there.

    Args:
        folder: To write to.
        encoders: By what they are given, as `encoders_of` returns them.
        card: What to say of them.
    """
    tensors = {key: v.detach().cpu().contiguous() for key, v in _named(encoders)}
    save_file(tensors, folder / WEIGHTS)
    digest = {"weights_digest": sha256_of(folder / WEIGHTS)}
    write_json(
        folder / PRETRAINING, card.model_copy(update=digest).model_dump(mode="json")
    )


def read_card(folder: Path) -> PretrainingCard:
    """Read who weights have seen, and check that they are those that were written.

    Raises:
        InputError: If the folder is not one of `crosswarp model pretrain`, or was
            changed.
    """
    missing = [name for name in (WEIGHTS, PRETRAINING) if not (folder / name).is_file()]
    if missing:
        msg = (
            f"{folder} holds no weights of crosswarp model pretrain: it lacks"
            f" {', '.join(missing)}"
        )
        raise InputError(msg)
    card = read_as(
        folder / PRETRAINING, PretrainingCard, "pretrain again", "a card of pretraining"
    )
    got = sha256_of(folder / WEIGHTS)
    if got != card.weights_digest:
        msg = (
            f"{folder / WEIGHTS} was changed since it was written: its SHA-256 is"
            f" {got}, {PRETRAINING} says {card.weights_digest}; pretrain again"
        )
        raise InputError(msg)
    return card


def check_origin(
    folder: Path,
    card: PretrainingCard,
    model: ModelSettings,
    maps: Mapping[str, object],
) -> None:
    """Refuse weights that learned from other maps than a network will be given.

    Args:
        folder: Of the weights.
        card: As `read_card` returns it.
        model: Network that is to start from them.
        maps: Its ``space``, ``resolution`` and ``preprocessing``.

    Raises:
        InputError: Naming both sides.
    """
    here = {**maps, "standardise": model.standardise}
    there = {**card.model_dump(), "standardise": card.model.standardise}
    differing = [
        f"{name}: {there[name]} there, {here[name]} here"
        for name in SAME
        if there[name] != here[name]
    ]
    if differing:
        msg = (
            f"the weights in {folder} do not suit {model.name}: {'; '.join(differing)};"
            " pretrain on maps that are made alike"
        )
        raise InputError(msg)


def start_from_own(network: nn.Module, settings: ModelSettings, folder: Path) -> int:
    """Give all encoders of a network what they learned, or nothing.

    Args:
        network: As `build_network` made it from the settings.
        settings: Of the network.
        folder: That `crosswarp model pretrain` wrote.

    Returns:
        How many tensors were loaded.

    Raises:
        InputError: If keys are missing, unexpected, of another shape or not finite:
            they are named.
    """
    path = folder / WEIGHTS
    found = read_tensors(path)
    encoders = encoders_of(network, settings)
    faults = faults_of(found, dict(_named(encoders)))
    if faults:
        msg = (
            f"{path} does not fit the encoders of {settings.name}: {faults}; nothing"
            " was loaded"
        )
        raise InputError(msg)
    for name, encoder in encoders.items():
        start = f"{name}."
        own = {
            k.removeprefix(start): v for k, v in found.items() if k.startswith(start)
        }
        encoder.load_state_dict(own)
    return len(found)


def _named(encoders: Mapping[str, Encoder]) -> list[tuple[str, Tensor]]:
    return [
        (f"{name}.{key}", value)
        for name, encoder in encoders.items()
        for key, value in encoder.state_dict().items()
    ]
