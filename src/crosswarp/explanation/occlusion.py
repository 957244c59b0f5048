"""What a region is worth: the answer without it, as the reference group has it."""

from collections.abc import Sequence

import torch
from torch import Tensor, nn

from crosswarp.explanation.gradients import Maps
from crosswarp.models.shares import evidence


def occlusions(
    network: nn.Module, scan: Maps, reference: Maps, regions: Sequence[Tensor]
) -> list[float]:
    """Replace one region after the other, in both maps, by the reference group's mean.

    Args:
        network: ``forward(t1w, jsm)`` to logits, in evaluation mode.
        scan: Both maps of one scan.
        reference: Mean maps of the reference group.
        regions: Voxels of each region, true inside, on the grid of the maps.

    Returns:
        Evidence for the positive class in the scan less that without the region, in
        logits: above 0 where the region speaks for the class.
    """
    with torch.inference_mode():
        whole = float(evidence(network(*scan).double())[0])
        found = []
        for inside in regions:
            t1w, jsm = (
                torch.where(inside, mean, own)
                for own, mean in zip(scan, reference, strict=True)
            )
            found.append(whole - float(evidence(network(t1w, jsm).double())[0]))
    return found
