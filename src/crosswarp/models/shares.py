"""How much of an answer comes from the T1w image, and how much from the JSM."""

from collections.abc import Sequence

import torch
from torch import Tensor, nn

from crosswarp.study.findings import MapShares
from crosswarp.types.tensors import Logits, Volume


def evidence(logits: Logits, positive: int = -1) -> Tensor:
    """Return the evidence for one class: its logit against those of the others.

    Args:
        logits: One row a scan.
        positive: Number of the class; the last by default.

    Returns:
        The class's logit minus the logarithm of the summed exponentials of the others:
        for two classes the difference of the logits. One number a scan.
    """
    chosen = positive % logits.shape[1]
    others = [number for number in range(logits.shape[1]) if number != chosen]
    return logits[:, chosen] - logits[:, others].logsumexp(dim=1)


def map_shares(
    network: nn.Module, scan: tuple[Volume, Volume], reference: tuple[Volume, Volume]
) -> MapShares:
    """Divide the evidence for the positive class between the two maps.

    Two players have two orders of entering, so the Shapley values are exact with four
    answers of the network: of the scan, of the reference, and of each map of the one
    beside the other map of the other.

    Args:
        network: ``forward(t1w, jsm)`` to logits, in evaluation mode.
        scan: T1w image and log-Jacobian map of one scan.
        reference: Mean maps of the reference group, on the same grid.

    References:
        Shapley (1953), A value for n-person games. Contributions to the Theory of
        Games 2, 307-317.
    """
    with torch.inference_mode():
        none, only_t1w, only_jsm, both = (
            float(evidence(network(t1w, jsm).double())[0])
            for t1w, jsm in (
                reference,
                (scan[0], reference[1]),
                (reference[0], scan[1]),
                scan,
            )
        )
    t1w = (only_t1w - none + both - only_jsm) / 2
    return MapShares(t1w=t1w, jsm=both - none - t1w, reference=none)


def mean_shares(found: Sequence[MapShares]) -> MapShares:
    """Average over networks, which keeps the sum exact."""
    count = len(found)
    return MapShares(
        t1w=round(sum(one.t1w for one in found) / count, 5),
        jsm=round(sum(one.jsm for one in found) / count, 5),
        reference=round(sum(one.reference for one in found) / count, 5),
        whom=found[0].whom,
    )
