"""Integrated gradients: how much each voxel of both maps moved the answer."""

from typing import Final, TypeAlias

import torch
from torch import nn

from crosswarp.models.shares import evidence
from crosswarp.types.tensors import Volume

Maps: TypeAlias = tuple[Volume, Volume]
"""T1w and log-Jacobian map of the same scan, as a batch of one."""

STEPS: Final = 12
"""Points along the way from the baseline to the scan; the error is stated beside it."""


def integrated_gradients(
    network: nn.Module,
    scan: Maps,
    baseline: Maps,
    *,
    positive: int,
    steps: int = STEPS,
) -> tuple[Maps, float]:
    """Attribute the evidence for one class to the voxels of both maps.

    The evidence is the class's logit minus the log of the summed exponentials of the
    others: for two classes the difference of the two logits. It is integrated along
    the straight way from a baseline to the scan. Empty maps are no good baseline here:
    networks that normalise their features answer to a faint scan as to a strong one,
    so all of the evidence would appear within the first step.

    Args:
        network: ``forward(t1w, jsm)`` to logits, in evaluation mode.
        scan: Both maps of one scan.
        baseline: Both maps of what it is compared with.
        positive: Number of the class.
        steps: Points along the way (midpoint rule).

    Returns:
        Attribution of each voxel of both maps, in units of the logit, above 0 where
        it speaks for the class; and by how much their sum misses the change of the
        evidence, in the same unit. A map that the network ignores gets zeros.

    References:
        Sundararajan, Taly & Yan (2017), Axiomatic attribution for deep networks.
        ICML. arXiv 1703.01365.
    """
    ways = [end - start for end, start in zip(scan, baseline, strict=True)]
    totals = [torch.zeros_like(way) for way in ways]
    for step in range(steps):
        share = (step + 0.5) / steps
        inputs = [
            (start + share * way).requires_grad_()
            for start, way in zip(baseline, ways, strict=True)
        ]
        moved = evidence(network(*inputs), positive).sum()
        found = torch.autograd.grad(moved, inputs, allow_unused=True)
        for total, gradient in zip(totals, found, strict=True):
            if gradient is not None:
                total += gradient / steps
    t1w, jsm = (total * way for total, way in zip(totals, ways, strict=True))
    with torch.inference_mode():
        change = evidence(network(*scan), positive).sum()
        change -= evidence(network(*baseline), positive).sum()
    summed = float(t1w.double().sum() + jsm.double().sum())
    return (t1w, jsm), abs(summed - float(change))
