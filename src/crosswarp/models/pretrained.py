"""Weights of others into an encoder: every key of both sides accounted for."""

from dataclasses import dataclass
from pathlib import Path

import torch
from torch import Tensor, nn

from crosswarp.errors import InputError
from crosswarp.models.encoders.encoder import Encoder
from crosswarp.models.pickled import read_pickled
from crosswarp.models.settings import ModelSettings
from crosswarp.models.weights.folder import find_weights
from crosswarp.models.weights.sources import WeightSource, find_source

INSIDE = ("state_dict", "model", "model_state_dict")
"""Where a file may keep its weights, among other things."""

KEYS_NAMED = 5


@dataclass(frozen=True)
class Loaded:
    """What came of loading.

    Attributes:
        source: Source of the weights.
        loaded: Keys that were loaded, all of the encoder's.
        left_out: Keys of the file that belong to heads.
        adapted: What was done to the first layer; None when nothing was.
    """

    source: str
    loaded: int
    left_out: tuple[str, ...]
    adapted: str | None


def start_from_weights(
    network: nn.Module, settings: ModelSettings, folder: Path | None = None
) -> list[Loaded]:
    """Give a network's encoders the weights that its settings name, if they name any.

    Args:
        network: As `build_network` made it from the settings.
        settings: Of the network.
        folder: Of the weights, as `weights_folder` takes it.

    Raises:
        MissingDerivativeError: If a file is not there.
        InputError: If a file does not fit, or is not sound.
    """
    encoders = [m for m in network.modules() if isinstance(m, Encoder)]
    done = []
    for encoder, name in zip(encoders, settings.weights_of_encoders, strict=True):
        if name is not None:
            source = find_source(name)
            path = find_weights(source, folder)
            done.append(load_into(encoder, path, source))
    return done


def load_into(encoder: Encoder, path: Path, source: WeightSource) -> Loaded:
    """Load a file of weights into an encoder, all of it or nothing.

    The first layer is the one thing that may differ, in its input channels: the
    file's are added up and the sum is distributed evenly to the encoder's, so that an
    image given in every channel has the response that it had.

    Args:
        encoder: That the file must fit.
        path: Of the file; read without running anything in it.
        source: How its keys are called.

    Raises:
        InputError: If the file is not one of weights; or keys are missing,
            unexpected, of another shape or not finite: they are named.
    """
    found, left_out = _renamed(_read(path), source)
    wanted = _body(encoder).state_dict()
    first = next(iter(wanted))
    adapted = None
    there = found.get(first)
    alike = there is not None and there.dim() == wanted[first].dim() > 1
    if alike and found[first].shape[1] != wanted[first].shape[1]:
        adapted = _adapt(found, first, wanted[first].shape[1])
    _check(path, source, found, wanted)
    _body(encoder).load_state_dict(found)
    return Loaded(source.name, len(found), left_out, adapted)


def _body(encoder: Encoder) -> nn.Module:
    """Give the part whose keys are called as in files: all of an encoder is in it."""
    (body,) = encoder.children()
    return body


def _read(path: Path) -> dict[str, Tensor]:
    content = read_pickled(path)
    for key in INSIDE:
        if isinstance(content, dict) and isinstance(content.get(key), dict):
            content = content[key]
    if not isinstance(content, dict) or not all(
        isinstance(key, str) and isinstance(value, Tensor) and _is_plain(value)
        for key, value in content.items()
    ):
        msg = f"{path} holds no table of weights; got {type(content).__name__}"
        raise InputError(msg)
    return content


def _is_plain(tensor: Tensor) -> bool:
    dense = tensor.layout is torch.strided and tensor.device.type == "cpu"
    return dense and not tensor.is_quantized and not tensor.is_complex()


def _renamed(
    found: dict[str, Tensor], source: WeightSource
) -> tuple[dict[str, Tensor], tuple[str, ...]]:
    renamed, left_out = {}, []
    for key, value in found.items():
        name = key
        for prefix in source.prefixes:
            name = name.removeprefix(prefix)
        if name.startswith(source.left_out):
            left_out.append(key)
            continue
        for theirs, ours in source.renamed:
            name = name.replace(theirs, ours)
        renamed[name] = value
    return renamed, tuple(left_out)


def _adapt(found: dict[str, Tensor], first: str, channels: int) -> str:
    theirs = found[first].shape[1]
    summed = found[first].sum(dim=1, keepdim=True)
    found[first] = (summed / channels).repeat_interleave(channels, dim=1)
    return f"{first}: {theirs} input channels added up and distributed to {channels}"


def _check(
    path: Path,
    source: WeightSource,
    found: dict[str, Tensor],
    wanted: dict[str, Tensor],
) -> None:
    shared = sorted(wanted.keys() & found.keys())
    faults = {
        "missing": sorted(wanted.keys() - found.keys()),
        "unexpected": sorted(found.keys() - wanted.keys()),
        "of another shape": [
            f"{key} ({tuple(found[key].shape)}, not {tuple(wanted[key].shape)})"
            for key in shared
            if found[key].shape != wanted[key].shape
        ],
        "not finite": [key for key in shared if not torch.isfinite(found[key]).all()],
    }
    named = [f"{fault}: {_listed(keys)}" for fault, keys in faults.items() if keys]
    if named:
        msg = (
            f"{path} does not fit the encoder {source.encoder}: {'; '.join(named)};"
            " nothing was loaded"
        )
        raise InputError(msg)


def _listed(keys: list[str]) -> str:
    more = len(keys) - KEYS_NAMED
    return ", ".join(keys[:KEYS_NAMED]) + (f" and {more} more" if more > 0 else "")
