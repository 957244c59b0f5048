"""Whether an exported network answers as the original does."""

from collections.abc import Callable
from typing import Final

import torch

from crosswarp.errors import InputError
from crosswarp.models.bundle import Bundle
from crosswarp.types.tensors import Logits, Volume

TOLERANCE: Final = 1e-4
"""Largest difference of a logit, relative to the largest logit where that is above 1.
Other programs add up in another order; single precision then differs by about 1e-6."""

SCANS: Final = 3
"""Made up, that both are asked about."""

Answer = Callable[[Volume, Volume], Logits]


def check_alike(bundle: Bundle, exported: Answer, what: str) -> float:
    """Ask the original and the exported network about the same made-up maps.

    Args:
        bundle: Bundle of the original network.
        exported: T1w and log-Jacobian volumes of one scan to logits.
        what: Name of the format, for the message.

    Returns:
        The largest difference of a logit.

    Raises:
        InputError: If it is above the tolerance.
    """
    generator = torch.Generator().manual_seed(0)
    largest = 0.0
    for _ in range(SCANS):
        shape = (1, 1, *bundle.card.extent)
        t1w = torch.rand(shape, generator=generator)
        jsm = 0.2 * torch.randn(shape, generator=generator)
        with torch.inference_mode():
            expected = bundle.network(t1w, jsm)
        got = exported(t1w, jsm)
        size = max(1.0, float(expected.abs().max()))
        difference = float((got - expected).abs().max())
        # A comparison with NaN is false, so it is asked this way round.
        if not difference <= TOLERANCE * size:
            msg = (
                f"the {what} network answers {got[0].tolist()}, expected"
                f" {expected[0].tolist()} within {TOLERANCE}; nothing was exported"
            )
            raise InputError(msg)
        largest = max(largest, difference)
    return largest
