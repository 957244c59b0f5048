"""The one place where names and settings become a network."""

from collections.abc import Callable, Mapping
from typing import Any, Final

from torch import nn

from crosswarp.errors import InputError
from crosswarp.models.classifier import (
    AveragedClassifier,
    FusionClassifier,
    MultipliedClassifier,
    SingleMapClassifier,
    StackedClassifier,
)
from crosswarp.models.encoders.compact_cnn import CompactCNN
from crosswarp.models.encoders.densenet import DenseNetEncoder
from crosswarp.models.encoders.encoder import Encoder
from crosswarp.models.encoders.plain_cnn import PlainCNN
from crosswarp.models.encoders.resnet import Depth, ResNetEncoder
from crosswarp.models.encoders.swin import SwinEncoder
from crosswarp.models.fitting import Regrid
from crosswarp.models.fusion.table import FUSIONS
from crosswarp.models.own_encoders import is_own, own_encoder
from crosswarp.models.pattern_choices import PATTERNS
from crosswarp.models.patterns import PatternClassifier
from crosswarp.models.places import PlaceClassifier, PlaceEvidence
from crosswarp.models.pooling import POOLINGS, Pooling
from crosswarp.models.scaling import (
    FIXED,
    MAP_NAMES,
    FixedScaling,
    ScaledClassifier,
    Standardise,
)
from crosswarp.models.settings import MapName, ModelSettings
from crosswarp.models.tokens import Positions
from crosswarp.models.weights.sources import find_source
from crosswarp.types.grid import Extent


def _resnet(depth: Depth) -> "_EncoderMaker":
    return lambda s, channels, more: ResNetEncoder(
        depth, channels, first_stride=s.first_stride, norm=s.large_norm, **more
    )


_EncoderMaker = Callable[[ModelSettings, int, Mapping[str, Any]], Encoder]

_ENCODERS: Final[dict[str, _EncoderMaker]] = {
    "plain_cnn": lambda s, channels, more: PlainCNN(channels, pools=s.pools, **more),
    "compact_cnn": lambda s, channels, more: CompactCNN(
        channels,
        features=s.features,
        strides=s.strides,
        norm=s.norm,
        blocks=s.blocks,
        dropout=s.dropout,
        **more,
    ),
    "resnet10": _resnet(10),
    "resnet18": _resnet(18),
    "resnet34": _resnet(34),
    "resnet50": _resnet(50),
    "densenet121": lambda s, channels, more: DenseNetEncoder(
        channels, norm=s.large_norm, **more
    ),
    "swin_unetr": lambda _, channels, more: SwinEncoder(channels, **more),
}
"""By name; the last argument is what weights of others need."""


_NetworkMaker = Callable[[nn.Module, nn.Module, nn.Module], nn.Module]

_ONE_ENCODER: Final[dict[str, _NetworkMaker]] = {
    "stacked": StackedClassifier,
    "multiplied": MultipliedClassifier,
}


def build_network(settings: ModelSettings, classes: int, extent: Extent) -> nn.Module:
    """Build a network with fresh weights.

    Args:
        settings: Settings of the network.
        classes: How many diagnoses it tells apart.
        extent: Voxels of the maps that it will be given.

    Returns:
        A module with ``forward(t1w, jsm)`` to logits.

    Raises:
        ShapeError: If the maps are too small for its encoder.
        MissingPackageError: If its encoder is MONAI's and MONAI is not installed.
    """
    if settings.encoder == PATTERNS:
        return PatternClassifier(
            settings.maps,
            extent,
            classes,
            cell=settings.place_voxels,
            count=settings.patterns,
            crossed=settings.crossed,
        )
    network = _scaled(settings, classes, extent)
    if settings.places == "none":
        return network
    places = PlaceEvidence(
        extent,
        classes,
        settings.place_voxels,
        products=settings.places == "products",
    )
    return PlaceClassifier(places, network)


def _scaled(settings: ModelSettings, classes: int, extent: Extent) -> nn.Module:
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

    Raises:
        InputError: If the network has patterns in place of encoders.
    """
    encoder = settings.encoder_of(name)
    channels = 2 if settings.fusion == "stacked" else 1
    if is_own(encoder):
        made: Encoder = own_encoder(encoder).make(channels)
        return made
    if encoder == PATTERNS:
        msg = (
            f"a network of {PATTERNS} has no encoder of tokens; give a model with"
            f" another encoder than {PATTERNS}"
        )
        raise InputError(msg)
    weights = settings.weights_of(name)
    needed = find_source(weights).made_with if weights else {}
    return _ENCODERS[encoder](settings, channels, needed)


def _unscaled(settings: ModelSettings, classes: int, extent: Extent) -> nn.Module:
    grid = build_encoder(settings, settings.first_map).grid(extent)
    if FUSIONS[settings.fusion].made_by is not None:
        t1w, jsm = (_fitted_encoder(settings, name, extent, grid) for name in MAP_NAMES)
        fusion = FUSIONS[settings.fusion].build(settings)
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
