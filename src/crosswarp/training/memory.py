"""Whether a step fits into memory, said before the first epoch."""

import math
from dataclasses import dataclass
from typing import Any, Final

import torch
from torch import Tensor, nn

from crosswarp.errors import InputError
from crosswarp.execution.memory import free_bytes
from crosswarp.models.build import build_network
from crosswarp.models.settings import ModelSettings
from crosswarp.training.settings import TrainingSettings
from crosswarp.types.grid import Extent

_FLOAT: Final = 4
"""Bytes of a number."""

_WEIGHT_COPIES: Final = 6
"""Weights, gradients, Adam's two averages, those of the best epoch and rate so far."""

_TRANSIENT: Final = 4.2
"""Largest layers that are there for a moment beside what the backward pass needs.

Measured on the CPU, where some layers copy their input into another order: 1.7 to 2.6
for large convolutions, 3.1 for a block of Swin UNETR, which is computed twice; on a
processor without AVX-512 a compact network took 3.9, on a GPU Swin UNETR 3.8. Weights
are transformed too: 64 numbers for the 27 of a 3x3x3 kernel.
"""

_AUGMENTATION: Final = 5
"""Times the maps of a batch: loaded, stacked, coordinates to move to, moved."""

_FIXED: Final = 64e6
"""Bytes of small buffers."""

_GB: Final = 1e9


@dataclass(frozen=True)
class StepMemory:
    """What a step of training takes, in bytes, above what the process has.

    Attributes:
        fixed: Whatever the number of scans.
        per_scan: For each scan that is seen at once.
    """

    fixed: float
    per_scan: float

    def needed(self, scans: int) -> float:
        """Return the bytes of a step that sees so many scans at once."""
        return self.fixed + scans * self.per_scan

    def fitting(self, room: float) -> int:
        """Return how many scans fit at once; 0 when none does."""
        return max(0, math.floor((room - self.fixed) / self.per_scan))


def measure_step(model: ModelSettings, classes: int, extent: Extent) -> StepMemory:
    """Add up what a network keeps for its backward pass, without computing it.

    The network is built of tensors that have a shape and no content. It is an upper
    bound for mixed precision, which keeps much of this in half the size.

    Args:
        model: Name of the network.
        classes: How many diagnoses.
        extent: Voxels of the maps.
    """
    with torch.device("meta"):
        network = build_network(model, classes, extent)
        t1w, jsm = (torch.zeros(1, 1, *extent) for _ in range(2))
    kept = _Kept(network)
    with torch.autograd.graph.saved_tensors_hooks(kept.keep, lambda tensor: tensor):
        network(t1w, jsm)
    sizes = [p.numel() * _FLOAT for p in network.parameters()]
    maps = (t1w.numel() + jsm.numel()) * _FLOAT
    network_bytes = 2 * maps + kept.saved + _TRANSIENT * kept.largest
    return StepMemory(
        fixed=_FIXED + _WEIGHT_COPIES * sum(sizes) + _TRANSIENT * max(sizes),
        per_scan=float(max(network_bytes, _AUGMENTATION * maps)),
    )


def check_memory(
    memory: StepMemory, training: TrainingSettings, share: float = math.inf
) -> None:
    """Refuse a step that would fill the memory.

    Args:
        memory: What it takes.
        training: How many scans are seen at once, and on which device.
        share: Bytes that this training may take of what is free.

    Raises:
        InputError: With what is needed, what is free, and the batch that fits.
    """
    # Processes that train together on a CPU share its memory.
    here = training.devices if not on_gpu(training) else 1
    room = min(free_of(training), share) / here
    needed = memory.needed(training.part_size)
    if needed <= room:
        return
    msg = (
        f"a step that sees {training.part_size} scans at once needs about"
        f" {needed / _GB:.2f} GB of memory, {room / _GB:.2f} GB are free;"
        f" {_advice(memory.fitting(room), training)}"
    )
    raise InputError(msg)


def _advice(fitting: int, training: TrainingSettings) -> str:
    if fitting < 1:
        return (
            "not even one scan fits: take a smaller model, train fewer cells at a time"
            " (`workers`), or use a machine with more memory"
        )
    whole = training.part_size * training.accumulate
    parts = next(
        n for n in range(1, whole + 1) if whole % n == 0 and whole // n <= fitting
    )
    return (
        f"{fitting} fit: set training.accumulate to {parts} (the same steps of"
        f" {training.batch_size}, in parts of {whole // parts}), or train fewer cells"
        " at a time (`workers`)"
    )


def free_of(training: TrainingSettings) -> float:
    """Return the free bytes of the device that a training uses.

    Args:
        training: Settings of the training.
    """
    if on_gpu(training):
        free, _ = torch.cuda.mem_get_info()
        return float(free)
    return free_bytes()


def on_gpu(training: TrainingSettings) -> bool:
    """Say whether a training uses a CUDA device.

    Args:
        training: Settings of the training.
    """
    return training.device == "auto" and torch.cuda.is_available()


class _Kept:
    """Counts the tensors that autograd keeps, and the largest of any layer."""

    def __init__(self, network: nn.Module) -> None:
        self.saved = 0
        self.largest = 0
        own = [*network.parameters(), *network.buffers()]
        self._seen = {_storage(tensor) for tensor in own}
        # Kept, so that no storage's address is used twice.
        self._tensors: list[Tensor] = own
        for module in network.modules():
            module.register_forward_hook(self._look)

    def keep(self, tensor: Tensor) -> Tensor:
        """Count a tensor that the backward pass will need, once a storage."""
        if _storage(tensor) not in self._seen:
            self._seen.add(_storage(tensor))
            self._tensors.append(tensor)
            self.saved += tensor.untyped_storage().nbytes()
        return tensor

    def _look(self, module: nn.Module, inputs: Any, output: Any) -> None:  # noqa: ANN401
        del module
        sizes = [t.nbytes for t in (*inputs, output) if isinstance(t, Tensor)]
        self.largest = max([self.largest, *sizes])


def _storage(tensor: Tensor) -> int:
    return int(tensor.untyped_storage()._cdata)
