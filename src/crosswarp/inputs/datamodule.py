"""The loaders of one fold."""

from collections.abc import Iterator, Sequence
from typing import Literal

import lightning as L
import torch
from torch.utils.data import DataLoader

from crosswarp.inputs.dataset import Batch, MapDataset, Sample
from crosswarp.inputs.store import MapStore
from crosswarp.inputs.transforms import Augmentation
from crosswarp.types.tensors import Volume

Split = Literal["train", "val", "test"]


class FoldData(L.LightningDataModule):
    """Scans of one fold.

    Args:
        store: Maps of all scans of the analysis.
        splits: Split of each scan of the store; None for a scan that is not used.
        diagnoses: Class of each scan of the store, as a number.
        batch_size: Scans a step.
        seed: Of the order in training.
        augmentation: Of training batches; none when None.
    """

    def __init__(
        self,
        store: MapStore,
        splits: Sequence[Split | None],
        diagnoses: Sequence[int],
        *,
        batch_size: int,
        seed: int,
        augmentation: Augmentation | None = None,
    ) -> None:
        super().__init__()
        self.store = store
        self.splits = list(splits)
        self.diagnoses = list(diagnoses)
        self.batch_size = batch_size
        self.augmentation = augmentation
        self.generator = torch.Generator().manual_seed(seed)

    def rows(self, split: Split) -> list[int]:
        """Return which scans of the store are in a split."""
        return [row for row, name in enumerate(self.splits) if name == split]

    def train_dataloader(self) -> DataLoader[Sample]:
        """Load the training part, in a new order each time."""
        dataset = self._dataset("train")
        # Batch normalisation has nothing to go by in a batch of one.
        one_left = len(dataset) % self.batch_size == 1 < self.batch_size < len(dataset)
        return DataLoader(
            dataset,
            batch_size=self.batch_size,
            shuffle=True,
            generator=self.generator,
            drop_last=one_left,
        )

    def val_dataloader(self) -> DataLoader[Sample]:
        """Load the validation part."""
        return self.plain_loader("val")

    def plain_loader(self, split: Split) -> DataLoader[Sample]:
        """Load a split in the order of the store, unchanged."""
        return DataLoader(self._dataset(split), batch_size=self.batch_size)

    def on_after_batch_transfer(self, batch: Batch, dataloader_idx: int) -> Batch:
        """Change training batches at random."""
        del dataloader_idx
        training = self.trainer is not None and self.trainer.training
        return self.augmentation(batch) if self.augmentation and training else batch

    def training_maps(self, name: Literal["t1w", "jsm"]) -> Iterator[Volume]:
        """Go through one map of all training scans, unchanged, for normalisation."""
        dataset = self._dataset("train")
        for index in range(len(dataset)):
            yield dataset[index][name][None]

    def _dataset(self, split: Split) -> MapDataset:
        return MapDataset(self.store, self.rows(split), self.diagnoses)
