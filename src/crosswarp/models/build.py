"""The one place where names and settings become a network."""

import difflib
from collections.abc import Callable, Mapping
from typing import Any, Final

from torch import nn

from crosswarp.errors import InputError
from crosswarp.models.catalogue import CATALOGUE
from crosswarp.models.classifier import (
    AveragedClassifier,
    FusionClassifier,
    MultipliedClassifier,
    SingleMapClassifier,
    StackedClassifier,
)
from crosswarp.models.encoders.compact_cnn import CompactCNN
from crosswarp.models.encoders.densenet import DenseNetEncoder
from crosswarp.models.encoders.encoder import Encoder, Extent
from crosswarp.models.encoders.plain_cnn import PlainCNN
from crosswarp.models.encoders.resnet import ResNetEncoder
from crosswarp.models.encoders.swin import SwinEncoder
from crosswarp.models.fitting import Regrid
from crosswarp.models.fusion.bottleneck import Bottleneck
from crosswarp.models.fusion.concatenation import Concatenation
from crosswarp.models.fusion.cross_attention import CrossAttention
from crosswarp.models.fusion.fusion import Fusion
from crosswarp.models.fusion.gating import Gating
from crosswarp.models.fusion.self_attention import SelfAttention
from crosswarp.models.pooling import POOLINGS, Pooling
from crosswarp.models.scaling import (
    FIXED,
    MAP_NAMES,
    FixedScaling,
    ScaledClassifier,
    Standardise,
)
from crosswarp.models.settings import EncoderName, MapName, ModelSettings
from crosswarp.models.tokens import Positions

LIKE: Final = "like"
"""Key of a model's entry that names the network of the catalogue to start from."""

_ENCODERS: Final[dict[EncoderName, Callable[[ModelSettings, int], Encoder]]] = {
    "plain_cnn": lambda s, channels: PlainCNN(channels, pools=s.pools),
    "compact_cnn": lambda s, channels: CompactCNN(
        channels,
        features=s.features,
        strides=s.strides,
        norm=s.norm,
        blocks=s.blocks,
        dropout=s.dropout,
    ),
    "resnet10": lambda s, n: ResNetEncoder(10, n, first_stride=s.first_stride),
    "resnet18": lambda s, n: ResNetEncoder(18, n, first_stride=s.first_stride),
    "resnet34": lambda s, n: ResNetEncoder(34, n, first_stride=s.first_stride),
    "resnet50": lambda s, n: ResNetEncoder(50, n, first_stride=s.first_stride),
    "densenet121": lambda _, channels: DenseNetEncoder(channels),
    "swin_unetr": lambda _, channels: SwinEncoder(channels),
}

_FUSIONS: Final[dict[str, Callable[[ModelSettings], Fusion]]] = {
    "cross_attention": lambda s: CrossAttention(
        s.token_features, s.heads, query=s.query, concatenated=s.concatenated
    ),
    "self_attention": lambda s: SelfAttention(
        s.token_features, s.heads, modalities=s.positions
    ),
    "bottleneck": lambda s: Bottleneck(
        s.token_features, s.heads, bottlenecks=s.bottlenecks, modalities=s.positions
    ),
    "concatenation": lambda s: Concatenation(s.token_features),
    "gating": lambda s: Gating(s.token_features),
}

_NetworkMaker = Callable[[nn.Module, nn.Module, nn.Module], nn.Module]

_ONE_ENCODER: Final[dict[str, _NetworkMaker]] = {
    "stacked": StackedClassifier,
    "multiplied": MultipliedClassifier,
}


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
        MissingPackageError: If its encoder is MONAI's and MONAI is not installed.
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


def build_encoder(settings: ModelSettings, name: MapName = "t1w") -> Encoder:
    """Build the encoder of one map.

    Args:
        settings: Of the network.
        name: Of the map.
    """
    encoder = settings.encoder_of(name)
    channels = 2 if settings.fusion == "stacked" else 1
    return _ENCODERS[encoder](settings, channels)


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


def _catalogued(name: str) -> ModelSettings:
    if name not in CATALOGUE:
        near = difflib.get_close_matches(name, CATALOGUE, n=1)
        if near:
            msg = f"no model {name!r}, did you mean {near[0]}? See: crosswarp models"
        else:
            msg = f"no model {name!r}; there are: {', '.join(CATALOGUE)}"
        raise InputError(msg)
    return CATALOGUE[name]


def _unscaled(settings: ModelSettings, classes: int, extent: Extent) -> nn.Module:
    grid = build_encoder(settings, settings.first_map).grid(extent)
    if settings.fusion in _FUSIONS:
        t1w, jsm = (_fitted_encoder(settings, name, extent, grid) for name in MAP_NAMES)
        fusion = _FUSIONS[settings.fusion](settings)
        pooling = _pooling(settings, fusion.out_features, grid)
        return FusionClassifier(t1w, jsm, fusion, pooling, _head(pooling, classes))
    if settings.fusion == "late_averaging":
        return AveragedClassifier(
            _single(settings, name, classes, build_encoder(settings, name).grid(extent))
            for name in MAP_NAMES
        )
    if settings.fusion == "none":
        return _single(settings, settings.first_map, classes, grid)
    encoder = build_encoder(settings)
    placed = _placed(settings, encoder, grid)
    pooling = _pooling(settings, encoder.out_features, grid)
    return _ONE_ENCODER[settings.fusion](placed, pooling, _head(pooling, classes))


def _single(
    settings: ModelSettings, name: MapName, classes: int, grid: Extent
) -> nn.Module:
    encoder = build_encoder(settings, name)
    placed = _placed(settings, encoder, grid)
    pooling = _pooling(settings, encoder.out_features, grid)
    return SingleMapClassifier(name, placed, pooling, _head(pooling, classes))


def _fitted_encoder(
    settings: ModelSettings, name: MapName, extent: Extent, grid: Extent
) -> nn.Module:
    """Give an encoder whose features and grid fit those of the other map."""
    encoder = build_encoder(settings, name)
    fitting: list[nn.Module] = []
    if encoder.out_features != settings.token_features:
        features = encoder.out_features, settings.token_features
        fitting.append(nn.Conv3d(*features, kernel_size=1))
    if encoder.grid(extent) != grid:
        fitting.append(Regrid(grid))
    if settings.positions:
        fitting.append(Positions(settings.token_features, grid))
    return nn.Sequential(encoder, *fitting) if fitting else encoder


def _placed(settings: ModelSettings, encoder: Encoder, grid: Extent) -> nn.Module:
    if not settings.positions:
        return encoder
    return nn.Sequential(encoder, Positions(encoder.out_features, grid))


def _pooling(settings: ModelSettings, features: int, grid: Extent) -> Pooling:
    i, j, k = grid
    return POOLINGS[settings.pooling](features, i * j * k)


def _head(pooling: Pooling, classes: int) -> nn.Module:
    return nn.Linear(pooling.out_features, classes)
