"""Maps of an analysis in the memory of a GPU, where they fit."""

from dataclasses import dataclass
from typing import Final

import torch

from crosswarp.inputs.store import MapStore
from crosswarp.types.arrays import StoredMaps
from crosswarp.types.tensors import HeldVolumes

SHARE: Final = 1 / 3
"""Of the free memory of a GPU; the rest is for the step, and for others beside it."""


@dataclass(frozen=True)
class HeldMaps:
    """Maps of all scans of a store, on a device: reading a batch copies nothing to it.

    They are 16 bits a voxel there too, and become the same 32-bit numbers as those that
    are read from the store.

    Attributes:
        t1w: Aligned T1w images.
        jsm: Log-Jacobian maps of the scans.
    """

    t1w: HeldVolumes
    jsm: HeldVolumes


def hold(store: MapStore, device: torch.device) -> HeldMaps:
    """Copy all maps of a store to a device.

    Args:
        store: Maps of all scans.
        device: Device that they are copied to.
    """
    return HeldMaps(_copied(store.t1w, device), _copied(store.jsm, device))


def fits(store: MapStore, free: float) -> bool:
    """Say whether all maps of a store fit beside a step.

    Args:
        store: Maps of all scans.
        free: Free bytes of the device, less those that a step takes.
    """
    return store.t1w.nbytes + store.jsm.nbytes <= SHARE * free


def _copied(maps: StoredMaps, device: torch.device) -> HeldVolumes:
    held = torch.empty(maps.shape, dtype=torch.float16, device=device)
    # Scan by scan: the store may be larger than the machine's memory.
    for row, scan in enumerate(maps):
        held[row] = torch.tensor(scan)
    return held
