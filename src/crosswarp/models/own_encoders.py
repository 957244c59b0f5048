"""Encoders of users by their names, ``module:Class``; nothing is loaded for others."""

import importlib
from collections.abc import Callable
from dataclasses import dataclass
from functools import lru_cache
from typing import Any


@dataclass(frozen=True)
class OwnEncoder:
    """What has to be known of a user's encoder to put a network together.

    Attributes:
        make: The class, an `Encoder`; it takes the number of channels.
        out_features: Features of a voxel of its feature map.
        has_batch_norm: Whether the scans of a batch change each other's features.
        source: Digest of the file that holds the class.
    """

    make: Callable[[int], Any]
    out_features: int
    has_batch_norm: bool
    source: str


def is_own(name: str) -> bool:
    """Whether an encoder is named as a class of the user's.

    Example:
        >>> is_own("my_encoder:Small"), is_own("resnet10")
        (True, False)
    """
    return ":" in name


@lru_cache(maxsize=32)
def own_encoder(name: str) -> OwnEncoder:
    """Import a user's encoder and check that it keeps the contract of `Encoder`.

    Args:
        name: Name of the class as ``module:Class``.

    Raises:
        InputError: If it cannot be imported, or breaks the contract: says how.
    """
    # By name, so that settings without such an encoder can be read without PyTorch.
    own: Any = importlib.import_module("crosswarp.models.encoders.own")
    found: OwnEncoder = own.import_encoder(name)
    return found
