"""Scans as tensors: the data set always yields both maps."""

from collections.abc import Sequence
from typing import TypeAlias, TypedDict

import numpy as np
import torch
from torch import Tensor
from torch.utils.data import Dataset

from crosswarp.inputs.held import HeldMaps
from crosswarp.inputs.store import MapStore
from crosswarp.types.tensors import Volume


class Sample(TypedDict):
    """One scan: ``t1w`` and ``jsm`` with a channel axis, its class and its weight."""

    t1w: Tensor
    jsm: Tensor
    diagnosis: int
    weight: float


class Batch(TypedDict):
    """Several scans."""

    t1w: Volume
    jsm: Volume
    diagnosis: Tensor
    weight: Tensor


MapPair: TypeAlias = tuple[int, int]
"""Row of the store of the T1w image, and that of the log-Jacobian map."""


class MapDataset(Dataset[Sample]):
    """Some scans of a store.

    Args:
        store: Maps of all scans, in files or on a device.
        rows: Which scans of the store, in this order.
        diagnoses: Class of each scan of the store, as a number.
        weights: Of each of ``rows`` in a loss; all 1 when None.
    """

    def __init__(
        self,
        store: MapStore | HeldMaps,
        rows: Sequence[int],
        diagnoses: Sequence[int],
        weights: Sequence[float] | None = None,
    ) -> None:
        self.store = store
        self.rows = list(rows)
        self.diagnoses = list(diagnoses)
        self.weights = [1.0] * len(self.rows) if weights is None else list(weights)

    def __len__(self) -> int:
        return len(self.rows)

    def __getitem__(self, index: int) -> Sample:
        """Return a scan as 32-bit tensors."""
        row = self.rows[index]
        t1w, jsm = _maps(self.store, (row, row))
        return {
            "t1w": t1w,
            "jsm": jsm,
            "diagnosis": self.diagnoses[row],
            "weight": self.weights[index],
        }


class PairDataset(Dataset[Sample]):
    """T1w images beside log-Jacobian maps that may be another participant's.

    Args:
        store: Maps of all scans, in files or on a device.
        pairs: Which maps go together. There is no diagnosis of such a pair: 0 stands
            in its place.
    """

    def __init__(self, store: MapStore | HeldMaps, pairs: Sequence[MapPair]) -> None:
        self.store = store
        self.pairs = list(pairs)

    def __len__(self) -> int:
        return len(self.pairs)

    def __getitem__(self, index: int) -> Sample:
        """Return a pair as 32-bit tensors."""
        t1w, jsm = _maps(self.store, self.pairs[index])
        return {"t1w": t1w, "jsm": jsm, "diagnosis": 0, "weight": 1.0}


def _maps(store: MapStore | HeldMaps, pair: MapPair) -> tuple[Tensor, Tensor]:
    if isinstance(store, HeldMaps):
        return store.t1w[pair[0]].float()[None], store.jsm[pair[1]].float()[None]
    # torch widens 16-bit numbers three times as fast as NumPy, to the same values.
    t1w, jsm = (
        torch.from_numpy(np.array(maps[row])).float()[None]
        for maps, row in zip((store.t1w, store.jsm), pair, strict=True)
    )
    return t1w, jsm
