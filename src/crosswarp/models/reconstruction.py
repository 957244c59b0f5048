"""Learn from scans without a diagnosis: restore what was hidden of both maps."""

from collections.abc import Callable
from typing import Final

import torch
import torch.nn.functional as F
from einops import rearrange
from pydantic import BaseModel, ConfigDict, Field
from torch import nn

from crosswarp.errors import InputError
from crosswarp.models.encoders.encoder import Encoder
from crosswarp.models.fusion.table import FUSIONS
from crosswarp.models.pattern_choices import PATTERNS
from crosswarp.models.scaling import FIXED, FixedScaling, ScaledClassifier
from crosswarp.models.settings import ModelSettings
from crosswarp.types.tensors import CellMap, FeatureMap, Value, Volume

MAPS: Final = 2
"""That every encoder restores: T1w and log-Jacobian."""

CELLS: Final = 12
"""Along each axis of a token's own part of the volume, at most, that are restored."""

Seen = Callable[[Volume, Volume], Volume]
"""Both scaled maps to what an encoder is given."""

SEEN: Final[dict[str, Seen]] = {
    "t1w": lambda t1w, _: t1w,
    "jsm": lambda _, jsm: jsm,
    "stacked": lambda t1w, jsm: torch.cat([t1w, jsm], dim=1),
    "multiplied": lambda t1w, jsm: t1w * jsm,
}
"""By the name of an encoder."""


class MaskSettings(BaseModel):
    """What is hidden of a scan.

    Attributes:
        block_mm: Edge of a hidden block.
        share: Of all blocks that are hidden.
    """

    model_config = ConfigDict(frozen=True, extra="forbid")

    block_mm: float = Field(default=16.0, gt=0, le=100)
    share: float = Field(default=0.5, gt=0, lt=1)


def encoders_of(network: nn.Module, settings: ModelSettings) -> dict[str, Encoder]:
    """Find a network's encoders by what they are given.

    Args:
        network: As `build_network` made it from the settings.
        settings: Of the network.

    Raises:
        InputError: If the network has patterns in place of encoders.
    """
    if settings.encoder == PATTERNS:
        msg = f"a network of {PATTERNS} has no encoder to pretrain or to start from"
        raise InputError(msg)
    found = [m for m in network.modules() if isinstance(m, Encoder)]
    if "jsm_encoder" in FUSIONS[settings.fusion].means:
        names = ["t1w", "jsm"]
    else:
        alone = settings.fusion == "none"
        names = [settings.first_map if alone else settings.fusion]
    return dict(zip(names, found, strict=True))


class MaskedReconstruction(nn.Module):
    """Hide blocks of both maps and let each encoder restore both, linearly.

    The same blocks are hidden in both maps, so that neither gives the other away. One
    linear layer makes, of each token alone, the hidden part of the volume around it:
    what is needed for that must be in the token. The loss is the mean absolute
    difference inside hidden blocks, in units of `FIXED`.

    Args:
        network: As `build_network` made it, whose encoders learn.
        settings: Of the network.
        mask: What is hidden.
        spacing: Millimetres between voxels.

    References:
        Xie et al. (2022), SimMIM: a simple framework for masked image modeling, CVPR:
        random blocks, a linear head, the mean absolute difference of what is hidden.
        There a learned token stands for what is hidden, here 0. That one map is
        restored from the other as well is in Bachmann et al. (2022), MultiMAE, ECCV,
        where one encoder sees both and each is hidden elsewhere.
    """

    def __init__(
        self,
        network: nn.Module,
        settings: ModelSettings,
        mask: MaskSettings,
        spacing: float,
    ) -> None:
        super().__init__()
        self.named_encoders = encoders_of(network, settings)
        self.named_restorers = {
            name: Restorer(encoder) for name, encoder in self.named_encoders.items()
        }
        # torch finds modules in lists of its own only.
        self.encoders = nn.ModuleList(self.named_encoders.values())
        self.restorers = nn.ModuleList(self.named_restorers.values())
        self.t1w_scaling, self.jsm_scaling = scalings_of(network)
        self.t1w_unit = FixedScaling(*FIXED["t1w"])
        self.jsm_unit = FixedScaling(*FIXED["jsm"])
        self.block = max(1, round(mask.block_mm / spacing))
        self.share = mask.share

    def forward(self, t1w: Volume, jsm: Volume) -> Value:
        """Return the loss of a batch; what is hidden is drawn from torch's generator.

        Raises:
            ShapeError: If the maps are too small for an encoder.
        """
        hidden = draw_blocks(t1w, self.block, self.share)
        wanted = torch.cat([self.t1w_unit(t1w), self.jsm_unit(jsm)], dim=1)
        # 0 is what lies outside the brain in either map.
        visible = [
            torch.where(hidden, 0.0, scaling(volume))
            for scaling, volume in ((self.t1w_scaling, t1w), (self.jsm_scaling, jsm))
        ]
        losses = []
        for name, encoder in self.named_encoders.items():
            restorer = self.named_restorers[name]
            restored = restorer(encoder(SEEN[name](visible[0], visible[1])))
            weight = restorer.fit(hidden.to(wanted.dtype), restored.shape[2:])
            target = restorer.fit(wanted, restored.shape[2:])
            difference = (restored - target).abs().mean(dim=1, keepdim=True)
            losses.append((difference * weight).sum() / weight.sum())
        return torch.stack(losses).mean()


class Restorer(nn.Module):
    """Make of each token the part of both maps around it, by one linear layer.

    Args:
        encoder: Whose tokens; its ``whole_stride`` is the edge of a token's part.
    """

    def __init__(self, encoder: Encoder) -> None:
        super().__init__()
        stride = encoder.whole_stride
        self.pooled = next(n for n in range(1, stride + 1) if fits(stride, n))
        self.cells = stride // self.pooled
        self.linear = nn.Conv3d(encoder.out_features, MAPS * self.cells**3, 1)

    def forward(self, features: FeatureMap) -> CellMap:
        """Return both maps on a grid of cells."""
        restored: CellMap = rearrange(
            self.linear(features),
            "b (c p q r) i j k -> b c (i p) (j q) (k r)",
            c=MAPS,
            p=self.cells,
            q=self.cells,
        )
        return restored

    def fit(self, volume: Volume, extent: torch.Size) -> CellMap:
        """Bring a volume to the grid of cells: cut or padded evenly, then averaged."""
        pads: list[int] = []
        for voxels, cells in zip(
            reversed(volume.shape[2:]), reversed(extent), strict=True
        ):
            lacking = cells * self.pooled - voxels
            pads += [lacking // 2, lacking - lacking // 2]
        fitted: CellMap = F.avg_pool3d(F.pad(volume, pads), self.pooled)
        return fitted


def scalings_of(network: nn.Module) -> tuple[nn.Module, nn.Module]:
    """Find how a network scales its maps, T1w first."""
    for part in network.modules():
        if isinstance(part, ScaledClassifier):
            return part.t1w_scaling, part.jsm_scaling
    return nn.Identity(), nn.Identity()


def fits(stride: int, pooled: int) -> bool:
    """Whether a token's part can be averaged to few enough cells."""
    return stride % pooled == 0 and stride // pooled <= CELLS


def draw_blocks(volume: Volume, block: int, share: float) -> torch.Tensor:
    """Draw which voxels are hidden, the same number of blocks in each scan.

    Args:
        volume: Of the batch; its values do not matter.
        block: Edge of a block, in voxels.
        share: Of all blocks.

    Returns:
        True where hidden, ``batch 1 i j k``.
    """
    scans, extent = len(volume), volume.shape[2:]
    grid = [-(-voxels // block) for voxels in extent]
    number = torch.Size(grid).numel()
    order = torch.rand(scans, number).argsort(dim=1)
    chosen = (order < max(1, round(share * number))).reshape(scans, 1, *grid)
    for axis in (2, 3, 4):
        chosen = chosen.repeat_interleave(block, dim=axis)
    i, j, k = extent
    return chosen[:, :, :i, :j, :k].to(volume.device)
