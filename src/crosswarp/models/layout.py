"""How the numbers of a network lie in memory."""

from typing import Any

import torch
from torch import nn


def lay_out_for_cpu(network: nn.Module) -> None:
    """Let the features of a voxel lie side by side.

    On a CPU torch's convolutions work on that layout and would turn maps around before
    and after each: a step of the compact network takes half of the time. On a GPU it
    was slower (docs/measured/gpu.md). Sums are taken in another order, so numbers
    differ in their last digits.

    Args:
        network: Network to be trained, changed in place; its weights keep their names.
    """
    # torch's types have no form of `to` for a layout alone.
    layout: dict[str, Any] = {"memory_format": torch.channels_last_3d}
    network.to(**layout)
