"""The one place where names and settings become a network."""

import difflib
from collections.abc import Callable, Mapping
from dataclasses import dataclass
from typing import Any, Final

import torch
from torch import nn

from crosswarp.errors import InputError
from crosswarp.models.catalogue import CATALOGUE, EXTENTS, RESOLUTION
from crosswarp.models.classifier import (
    FusionClassifier,
    SingleMapClassifier,
    StackedClassifier,
)
from crosswarp.models.encoders.compact_cnn import CompactCNN
from crosswarp.models.encoders.encoder import Encoder, Extent
from crosswarp.models.encoders.plain_cnn import PlainCNN
from crosswarp.models.fusion.concatenation import Concatenation
from crosswarp.models.fusion.cross_attention import CrossAttention
from crosswarp.models.fusion.fusion import Fusion
from crosswarp.models.pooling import POOLINGS, Pooling
from crosswarp.models.scaling import (
    FIXED,
    MAP_NAMES,
    FixedScaling,
    ScaledClassifier,
    Standardise,
)
from crosswarp.models.settings import ModelSettings
from crosswarp.models.tokens import Positions

LIKE: Final = "like"
"""Key of a model's entry that names the network of the catalogue to start from."""

_ENCODERS: Final[dict[str, Callable[[ModelSettings, int], Encoder]]] = {
    "plain_cnn": lambda _, channels: PlainCNN(channels),
    "compact_cnn": lambda s, channels: CompactCNN(
        channels,
        features=s.features,
        strides=s.strides,
        norm=s.norm,
        blocks=s.blocks,
        dropout=s.dropout,
    ),
}

_FUSIONS: Final[dict[str, Callable[[ModelSettings], Fusion]]] = {
    "cross_attention": lambda s: CrossAttention(
        s.token_features, s.heads, query=s.query, concatenated=s.concatenated
    ),
    "concatenation": lambda s: Concatenation(s.token_features),
}


@dataclass(frozen=True)
class CatalogueEntry:
    """A network that can be built, with its figures for two classes.

    Attributes:
        name: What to write in an experiment file.
        parameters: That are trained.
        tokens: That its encoder makes of a map of ``extent``.
        smallest_extent: Fewest voxels along any axis.
        resolution: Millimetres that it is made for.
        extent: Voxels of the map that ``tokens`` is for.
    """

    name: str
    parameters: int
    tokens: int
    smallest_extent: int
    resolution: int
    extent: Extent


def build_network(settings: ModelSettings, classes: int, extent: Extent) -> nn.Module:
    """Build a network with fresh weights.

    Args:
        settings: Its choices.
        classes: How many diagnoses it tells apart.
        extent: Voxels of the maps that it will be given.

    Returns:
        A module with ``forward(t1w, jsm)`` to logits.

    Raises:
        ShapeError: If the maps are too small for its encoder.
    """
    network = _unscaled(settings, classes, extent)
    if settings.standardise == "none":
        return network
    makers: dict[str, Callable[[Any], nn.Module]] = {
        "fixed": lambda name: FixedScaling(*FIXED[name]),
        "voxel": lambda _: Standardise(extent),
    }
    t1w, jsm = (
        # A map that is not used needs no statistics.
        makers[settings.standardise](name) if name in settings.maps else nn.Identity()
        for name in MAP_NAMES
    )
    return ScaledClassifier(t1w, jsm, network)


def model_choices(entry: object) -> object:
    """Spell a model's entry of an experiment file out.

    Args:
        entry: A name of the catalogue; or choices, which ``like: <name>`` takes
            from the catalogue where they are not given.

    Returns:
        Choices, still to be checked as `ModelSettings`.

    Raises:
        InputError: If there is no network of that name; names the nearest.

    Example:
        >>> entry = {"like": "compact_jsm", "name": "wide", "features": 32}
        >>> ModelSettings.model_validate(model_choices(entry)).features
        32
    """
    if isinstance(entry, str):
        return _catalogued(entry).model_dump(exclude_unset=True)
    if isinstance(entry, Mapping) and LIKE in entry:
        choices = {key: value for key, value in entry.items() if key != LIKE}
        chosen = _catalogued(str(entry[LIKE])).model_dump(exclude_unset=True)
        return {**chosen, **choices}
    return entry


def catalogue() -> list[CatalogueEntry]:
    """Describe every network that has a name."""
    return [_described(settings) for settings in CATALOGUE.values()]


def count_parameters(network: nn.Module) -> int:
    """Count what is trained."""
    return sum(p.numel() for p in network.parameters() if p.requires_grad)


def count_tokens(settings: ModelSettings, extent: Extent) -> int:
    """Count the tokens that a network's encoder makes of a map.

    Args:
        settings: Of the network.
        extent: Voxels of the map.
    """
    i, j, k = _encoder(settings).grid(extent)
    return i * j * k


def _catalogued(name: str) -> ModelSettings:
    if name not in CATALOGUE:
        near = difflib.get_close_matches(name, CATALOGUE, n=1)
        hint = f", did you mean {near[0]}" if near else ""
        msg = f"no model {name!r}{hint}? There are: {', '.join(CATALOGUE)}"
        raise InputError(msg)
    return CATALOGUE[name]


def _described(settings: ModelSettings) -> CatalogueEntry:
    resolution = RESOLUTION[settings.encoder]
    extent = EXTENTS[resolution]
    encoder = _encoder(settings)
    with torch.device("meta"):
        network = build_network(settings, 2, extent)
    return CatalogueEntry(
        name=settings.name,
        parameters=count_parameters(network),
        tokens=count_tokens(settings, extent),
        smallest_extent=encoder.smallest_extent,
        resolution=resolution,
        extent=extent,
    )


def _encoder(settings: ModelSettings) -> Encoder:
    channels = 2 if settings.fusion == "stacked" else 1
    return _ENCODERS[settings.encoder](settings, channels)


def _unscaled(settings: ModelSettings, classes: int, extent: Extent) -> nn.Module:
    grid = _encoder(settings).grid(extent)
    if settings.fusion in _FUSIONS:
        t1w, jsm = (_placed_encoder(settings, grid) for _ in MAP_NAMES)
        fusion = _FUSIONS[settings.fusion](settings)
        pooling = _pooling(settings, fusion.out_features, grid)
        return FusionClassifier(t1w, jsm, fusion, pooling, _head(pooling, classes))
    encoder = _placed_encoder(settings, grid)
    pooling = _pooling(settings, settings.token_features, grid)
    head = _head(pooling, classes)
    if settings.fusion == "stacked":
        return StackedClassifier(encoder, pooling, head)
    return SingleMapClassifier(settings.maps[0], encoder, pooling, head)


def _placed_encoder(settings: ModelSettings, grid: Extent) -> nn.Module:
    encoder = _encoder(settings)
    if not settings.positions:
        return encoder
    return nn.Sequential(encoder, Positions(encoder.out_features, grid))


def _pooling(settings: ModelSettings, features: int, grid: Extent) -> Pooling:
    i, j, k = grid
    return POOLINGS[settings.pooling](features, i * j * k)


def _head(pooling: Pooling, classes: int) -> nn.Module:
    return nn.Linear(pooling.out_features, classes)
