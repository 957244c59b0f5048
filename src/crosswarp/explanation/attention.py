"""Which regions of one map attend to which regions of the other."""

from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from dataclasses import dataclass
from typing import Any

import numpy as np
import torch
from torch import Tensor, nn
from torch.nn.functional import adaptive_avg_pool3d

from crosswarp.explanation.gradients import Maps
from crosswarp.models.classifier import FusionClassifier
from crosswarp.models.fusion.cross_attention import CrossAttention

OTHER = {"jsm": "t1w", "t1w": "jsm"}


@dataclass(frozen=True)
class RegionAttention:
    """Attention from the regions of one map to those of the other.

    Attributes:
        asking: Map that asks, ``t1w`` or ``jsm``.
        weights: Share of the attention of each asking region (row) that goes to each
            region of the other map (column).
        even: Share that would go there if attention were the same everywhere.
    """

    asking: str
    weights: np.ndarray
    even: np.ndarray


def region_attention(
    network: nn.Module, scan: Maps, regions: Sequence[Tensor]
) -> list[RegionAttention]:
    """Add up the attention of a network's tokens over regions.

    A token stands for a cell of the grid; a cell that several regions share counts for
    each by its share of the voxels.

    Args:
        network: In evaluation mode.
        scan: Both maps of one scan.
        regions: Voxels of each region, on the grid of the maps.

    Returns:
        One entry a direction; empty for a network without cross-attention of tokens.
    """
    found = []
    for module in network.modules():
        if not isinstance(module, FusionClassifier):
            continue
        fusion = module.fusion
        for asking in fusion.asking if isinstance(fusion, CrossAttention) else ():
            attention = fusion.get_submodule(f"directions.{asking}.attention")
            with _listening(module, attention) as heard, torch.inference_mode():
                network(*scan)
            found.append(_by_region(asking, heard, regions))
    return found


@contextmanager
def _listening(
    module: FusionClassifier, attention: nn.Module
) -> Iterator[dict[str, Any]]:
    """Hear what the attention is given, and the grid of the tokens."""
    heard: dict[str, Any] = {}

    def hear_given(_: nn.Module, given: tuple[Any, ...]) -> None:
        heard["given"] = given

    def hear_grid(_: nn.Module, __: object, made: Tensor) -> None:
        heard["grid"] = tuple(made.shape[2:])

    hooks = [
        attention.register_forward_pre_hook(hear_given),
        module.jsm_encoder.register_forward_hook(hear_grid),
    ]
    try:
        yield heard
    finally:
        for hook in hooks:
            hook.remove()
    # Asked once more, for the weights: a network that predicts never computes them.
    with torch.inference_mode():
        heard["weights"] = attention(*heard["given"], need_weights=True)[1][0]


def _by_region(
    asking: str, heard: dict[str, Any], regions: Sequence[Tensor]
) -> RegionAttention:
    inside = torch.stack([each.float().squeeze() for each in regions])[None]
    shares = adaptive_avg_pool3d(inside, heard["grid"])[0].flatten(1).double()
    totals = shares.sum(dim=1, keepdim=True).clamp(min=1e-12)
    weights = heard["weights"].double()
    found = (shares / totals) @ weights @ shares.T
    return RegionAttention(asking, found.numpy(), shares.mean(dim=1).numpy())
