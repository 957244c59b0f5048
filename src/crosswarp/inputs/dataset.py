"""Scans as tensors: the data set always yields both maps."""

from collections.abc import Sequence
from typing import TypedDict

import numpy as np
import torch
from torch import Tensor
from torch.utils.data import Dataset

from crosswarp.inputs.store import MapStore
from crosswarp.types.tensors import Volume


class Sample(TypedDict):
    """One scan: ``t1w`` and ``jsm`` with a channel axis, and its class."""

    t1w: Tensor
    jsm: Tensor
    diagnosis: int


class Batch(TypedDict):
    """Several scans."""

    t1w: Volume
    jsm: Volume
    diagnosis: Tensor


class MapDataset(Dataset[Sample]):
    """Some scans of a store.

    Args:
        store: Maps of all scans.
        rows: Which scans of the store, in this order.
        diagnoses: Class of each scan of the store, as a number.
    """

    def __init__(
        self, store: MapStore, rows: Sequence[int], diagnoses: Sequence[int]
    ) -> None:
        self.store = store
        self.rows = list(rows)
        self.diagnoses = list(diagnoses)

    def __len__(self) -> int:
        return len(self.rows)

    def __getitem__(self, index: int) -> Sample:
        """Return a scan as 32-bit tensors."""
        row = self.rows[index]
        t1w, jsm = (
            torch.from_numpy(np.asarray(maps[row], dtype=np.float32))[None]
            for maps in (self.store.t1w, self.store.jsm)
        )
        return {"t1w": t1w, "jsm": jsm, "diagnosis": self.diagnoses[row]}
