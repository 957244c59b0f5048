"""What networks cost: parameters, tokens, multiply-adds; nothing is computed."""

import functools
from dataclasses import dataclass

import torch
from torch import nn
from torch.utils.flop_counter import FlopCounterMode

from crosswarp.errors import MissingPackageError, ShapeError
from crosswarp.models.build import build_encoder, build_network
from crosswarp.models.catalogue import CATALOGUE, EXTENTS, RESOLUTION, Resolution
from crosswarp.models.encoders.swin import whole_swin_unetr
from crosswarp.models.pattern_choices import PATTERNS
from crosswarp.models.settings import ModelSettings
from crosswarp.types.grid import Extent


@dataclass(frozen=True)
class Cost:
    """What one scan costs.

    Attributes:
        tokens: That the (T1w's) encoder makes of one map.
        multiply_adds: Of one pass forward, in convolutions and matrix products; a
            training step takes about three times as many.
    """

    tokens: int
    multiply_adds: int


@dataclass(frozen=True)
class CatalogueEntry:
    """A network or an encoder that can be built, with its figures for two classes.

    Attributes:
        name: What to write in an experiment file.
        parameters: That are trained.
        tokens: That its encoder makes of a map of ``extent``.
        smallest_extent: Fewest voxels along any axis.
        resolution: Millimetres that it is made for.
        extent: Voxels of the map that ``tokens`` is for.
        at_1_mm: For the whole template at 1 mm; None when that is too small.
        at_2_mm: For the box around the template's brain at 2 mm; likewise.
    """

    name: str
    parameters: int
    tokens: int
    smallest_extent: int
    resolution: int
    extent: Extent
    at_1_mm: Cost | None
    at_2_mm: Cost | None


def catalogue() -> list[CatalogueEntry]:
    """Describe every network that has a name and whose packages are installed."""
    return _available(list(CATALOGUE.values()))


def encoders() -> list[CatalogueEntry]:
    """Describe every encoder, as the network of one map with mean pooling."""
    return _available([_alone(encoder) for encoder in RESOLUTION])


def whole_swin_parameters() -> int:
    """Count Swin UNETR with its decoder, as papers do; only its encoder is used here.

    Raises:
        MissingPackageError: If MONAI is not installed.
    """
    return count_parameters(whole_swin_unetr())


def count_parameters(network: nn.Module) -> int:
    """Count what is trained."""
    return sum(p.numel() for p in network.parameters() if p.requires_grad)


def count_tokens(settings: ModelSettings, extent: Extent) -> int:
    """Count the tokens that a network's (T1w) encoder makes of a map, or patterns.

    Args:
        settings: Of the network.
        extent: Voxels of the map.

    Raises:
        ShapeError: If the maps are too small for the encoder.
    """
    if settings.encoder == PATTERNS:
        return settings.patterns
    with torch.device("meta"):
        i, j, k = build_encoder(settings, settings.first_map).grid(extent)
    return i * j * k


def count_multiply_adds(network: nn.Module, extent: Extent) -> int:
    """Count the multiply-adds of one pass forward of one scan.

    Args:
        network: ``forward(t1w, jsm)``, on the meta device.
        extent: Voxels of the maps.
    """
    volume = torch.zeros(1, 1, *extent, device="meta")
    network.eval()
    for module in network.modules():
        # While training, attention takes the path that the counter knows.
        if isinstance(module, nn.MultiheadAttention):
            module.train()
    with FlopCounterMode(display=False) as counter, torch.no_grad():
        network(volume, volume)
    return int(counter.get_total_flops()) // 2


def _alone(encoder: str) -> ModelSettings:
    return ModelSettings(name=encoder, encoder=encoder, fusion="none", maps=("t1w",))


def _available(all_settings: list[ModelSettings]) -> list[CatalogueEntry]:
    found = []
    for settings in all_settings:
        try:
            found.append(_described(settings))
        except MissingPackageError:
            continue
    return found


def _described(settings: ModelSettings) -> CatalogueEntry:
    resolution = 2 if settings.pools else RESOLUTION[settings.encoder]
    # Names cost nothing, and either map costs the same.
    nameless = settings.model_copy(update={"name": "any"})
    if settings.fusion == "none":
        nameless = nameless.model_copy(update={"maps": ("t1w",)})
    parameters, cost = _figures(nameless, resolution)
    return CatalogueEntry(
        name=settings.name,
        parameters=parameters,
        tokens=cost.tokens,
        smallest_extent=_smallest_extent(settings),
        resolution=resolution,
        extent=EXTENTS[resolution],
        at_1_mm=_cost(nameless, 1),
        at_2_mm=_cost(nameless, 2),
    )


def _smallest_extent(settings: ModelSettings) -> int:
    if settings.encoder == PATTERNS:
        return 1
    with torch.device("meta"):
        both = [build_encoder(settings, name) for name in settings.maps]
    return max(encoder.smallest_extent for encoder in both)


def _cost(settings: ModelSettings, resolution: Resolution) -> Cost | None:
    try:
        return _figures(settings, resolution)[1]
    except ShapeError:
        return None


@functools.cache
def _figures(settings: ModelSettings, resolution: Resolution) -> tuple[int, Cost]:
    extent = EXTENTS[resolution]
    with torch.device("meta"):
        network = build_network(settings, 2, extent)
    cost = Cost(count_tokens(settings, extent), count_multiply_adds(network, extent))
    return count_parameters(network), cost
