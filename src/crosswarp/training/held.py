"""Maps of a fold in the memory of a GPU, before it is trained."""

from typing import Final

import torch

from crosswarp.inputs.datamodule import FoldData
from crosswarp.inputs.held import fits, hold
from crosswarp.training.memory import StepMemory, free_of, on_gpu
from crosswarp.training.settings import TrainingSettings

DEVICE: Final = torch.device("cuda")
"""The GPU of a process: the first that it sees."""


def hold_if_fitting(
    data: FoldData, training: TrainingSettings, memory: StepMemory
) -> bool:
    """Copy the maps of a fold to the GPU that trains on them, if they fit there.

    What is learned does not depend on it: the numbers are the same. Several devices
    that train together read from files, as a CPU does.

    Args:
        data: Scans of the fold; they are held from then on.
        training: Settings of the training.
        memory: Bytes that a step takes.

    Returns:
        Whether they are held.
    """
    if not on_gpu(training) or training.devices > 1:
        return False
    free = free_of(training) - memory.needed(training.part_size)
    if not fits(data.store, free):
        return False
    data.held = hold(data.store, DEVICE)
    return True
