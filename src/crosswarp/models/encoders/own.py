"""Encoders of users: a class in a user's own file, named as ``module:Class``.

The module has to be installed, on ``PYTHONPATH``, or in the folder from which the
program is started. It is imported wherever a network is built, in worker processes too,
so a bundle of such a network can be read only where the class can be imported.
"""

import importlib
import importlib.util
import inspect
import os
import re
import sys
from collections.abc import Callable
from pathlib import Path
from types import ModuleType
from typing import Any, Final

import torch
from torch import nn

from crosswarp.errors import InputError
from crosswarp.files import file_digest
from crosswarp.models.encoders.encoder import Encoder
from crosswarp.models.own_encoders import OwnEncoder

NAME: Final = re.compile(r"[A-Za-z_]\w*(\.[A-Za-z_]\w*)*:[A-Za-z_]\w*", re.ASCII)
"""``module:Class``; the module may lie in packages."""

ATTRIBUTES: Final = ("in_channels", "out_features", "smallest_extent", "whole_stride")
"""Whole numbers of 1 or more that every encoder has; see `Encoder`."""

LARGEST: Final = 256
"""Voxels per axis that an encoder may need at least: a map at 1 mm has 193."""


def import_encoder(name: str) -> OwnEncoder:
    """Import a user's encoder and check that it keeps the contract of `Encoder`.

    Args:
        name: Name of the class as ``module:Class``.

    Raises:
        InputError: If it cannot be imported, or breaks the contract: says how.
    """
    if not NAME.fullmatch(name):
        msg = f"expected an encoder of your own as module:Class, got {name!r}"
        raise InputError(msg)
    found, file = _imported(name)
    encoder = _built(name, found)
    _check_attributes(name, encoder)
    _check_features(name, encoder)
    norms = nn.modules.batchnorm._BatchNorm
    batch_norm = any(isinstance(module, norms) for module in encoder.modules())
    return OwnEncoder(found, encoder.out_features, batch_norm, file_digest(file))


def _imported(name: str) -> tuple[type[Encoder], Path]:
    module_name, _, class_name = name.partition(":")
    module = _module(name, module_name)
    found: Any = getattr(module, class_name, None)
    if found is None:
        classes = [each for each, value in vars(module).items() if _is_encoder(value)]
        there = f"; it has {', '.join(classes)}" if classes else ""
        msg = f"{name!r}: {module_name} has no class {class_name}{there}"
        raise InputError(msg)
    if not _is_encoder(found):
        msg = (
            f"{name!r} breaks the contract of an encoder: it must be a class derived"
            " from crosswarp.models.encoders.encoder.Encoder"
        )
        raise InputError(msg)
    return found, Path(inspect.getfile(found))


def _module(name: str, module_name: str) -> ModuleType:
    here = os.getcwd()  # noqa: PTH109 - as Python writes it into its path
    if here not in sys.path:
        # Behind all that is installed: a file here takes the place of nothing.
        sys.path.append(here)
        importlib.invalidate_caches()
    try:
        return importlib.import_module(module_name)
    except ModuleNotFoundError as error:
        if error.name is None or not f"{module_name}.".startswith(f"{error.name}."):
            raise _failed(name, "cannot be imported", error) from error
        msg = (
            f"no module {module_name!r} for the encoder {name!r}: install it, add its"
            " folder to PYTHONPATH, or start the program in the folder that holds it"
        )
        raise InputError(msg) from error
    except Exception as error:
        raise _failed(name, "cannot be imported", error) from error


def _is_encoder(value: object) -> bool:
    return isinstance(value, type) and issubclass(value, Encoder) and value != Encoder


def _built(name: str, found: Callable[[int], Encoder]) -> Encoder:
    try:
        with torch.device("meta"):
            return found(1).eval()
    except Exception as error:
        class_name = name.partition(":")[2]
        raise _failed(name, f"cannot be built as {class_name}(1)", error) from error


def _check_attributes(name: str, encoder: Encoder) -> None:
    wrong = []
    for attribute in ATTRIBUTES:
        value = getattr(encoder, attribute, None)
        if not isinstance(value, int) or isinstance(value, bool) or value < 1:
            wrong.append(f"{attribute} is {value!r}")
    if wrong:
        msg = (
            f"{name!r} breaks the contract of an encoder: {', '.join(wrong)}; expected"
            " whole numbers of 1 or more, set in __init__"
        )
        raise InputError(msg)
    if encoder.in_channels != 1 or encoder.smallest_extent > LARGEST:
        msg = (
            f"{name!r} breaks the contract of an encoder: in_channels is"
            f" {encoder.in_channels} of an encoder built for 1 channel, smallest_extent"
            f" {encoder.smallest_extent}, at most {LARGEST}"
        )
        raise InputError(msg)


def _check_features(name: str, encoder: Encoder) -> None:
    """Ask for the feature map of a volume without values."""
    i = encoder.smallest_extent
    extent = (i, i + 1, i + 2)
    try:
        features = encoder(torch.zeros(1, 1, *extent, device="meta"))
    except Exception as error:
        volume = f"fails on a volume of shape (1, 1, {i}, {i + 1}, {i + 2})"
        raise _failed(name, volume, error) from error
    shape = tuple(getattr(features, "shape", ()))
    if len(shape) != 5 or shape[:2] != (1, encoder.out_features) or 0 in shape:
        msg = (
            f"{name!r} breaks the contract of an encoder: for a volume of shape"
            f" {(1, 1, *extent)} it gives a feature map of shape {shape}; expected"
            f" (1, {encoder.out_features}, i, j, k), out_features first"
        )
        raise InputError(msg)


def _failed(name: str, what: str, error: Exception) -> InputError:
    told = " ".join(str(error).split())[:200]
    return InputError(f"the encoder {name!r} {what}: {type(error).__name__}: {told}")
