"""The loaders of one fold."""

from collections.abc import Iterator, Sequence
from typing import Literal

import lightning as L
import numpy as np
import torch
from torch.utils.data import DataLoader

from crosswarp.errors import LeakageError
from crosswarp.inputs.dataset import Batch, MapDataset, MapPair, PairDataset, Sample
from crosswarp.inputs.fold_checks import Split
from crosswarp.inputs.held import HeldMaps
from crosswarp.inputs.order import EpochOrder, epoch_seed
from crosswarp.inputs.store import MapStore
from crosswarp.inputs.transforms import Augmentation
from crosswarp.statistics.shares import participant_shares
from crosswarp.types.tensors import Volume


class FoldData(L.LightningDataModule):
    """Scans of one fold.

    Args:
        store: Maps of all scans of the analysis.
        splits: Split of each scan of the store; None for a scan that is not used.
        diagnoses: Class of each scan of the store, as a number.
        batch_size: Scans that a process sees at once.
        seed: Of the order in training.
        balanced: Draw training scans so that each class is as likely as any other.
        augmentation: Of training batches; none when None.

    Attributes:
        participants: Whose each scan of the store is; each of another one when None.
            Whoever has several scans in a part counts there as much as anybody else.
        held: The same maps on a device, which batches are taken from where there are.
    """

    participants: Sequence[str] | None = None
    held: HeldMaps | None = None

    def __init__(
        self,
        store: MapStore,
        splits: Sequence[Split | None],
        diagnoses: Sequence[int],
        *,
        batch_size: int,
        seed: int,
        balanced: bool = False,
        augmentation: Augmentation | None = None,
    ) -> None:
        super().__init__()
        self.store = store
        self.splits = list(splits)
        self.diagnoses = list(diagnoses)
        self.batch_size = batch_size
        self.seed = seed
        self.balanced = balanced
        self.augmentation = augmentation
        self._tested = False

    def rows(self, split: Split) -> list[int]:
        """Return which scans of the store are in a split."""
        return [row for row, name in enumerate(self.splits) if name == split]

    def shares(self, split: Split) -> list[float]:
        """Return the weight of each scan of a split: one over its participant's scans.

        They add up to the number of participants.
        """
        rows = self.rows(split)
        if self.participants is None:
            return [1.0] * len(rows)
        found = participant_shares([self.participants[row] for row in rows])
        return [float(share) for share in found]

    def train_dataloader(self) -> DataLoader[Sample]:
        """Load the training part, in a new order each epoch."""
        # Drawn in proportion to their shares, scans need no weight in the loss.
        dataset = self._dataset("train", weighted=not self.balanced)
        order = EpochOrder(
            [self.diagnoses[row] for row in dataset.rows],
            batch_size=self.batch_size,
            seed=self.seed,
            balanced=self.balanced,
            shares=self.shares("train"),
            place=self._place(),
        )
        return DataLoader(
            dataset,
            batch_size=self.batch_size,
            sampler=order,
            # Each iterator draws a number for worker processes; were it from torch's
            # own generator, what is drawn there after it would depend on how often
            # Lightning makes one, which is not the same after an interruption.
            generator=torch.Generator().manual_seed(self.seed),
        )

    def val_dataloader(self) -> DataLoader[Sample]:
        """Load the validation part, unchanged, in the order of the store.

        Each of several processes goes through all of it: what is chosen by it does
        not depend on their number.
        """
        return DataLoader(
            self._dataset("val", weighted=True), batch_size=self.batch_size
        )

    def test_dataloader(self) -> DataLoader[Sample]:
        """Load the test part, unchanged, in the order of the store; once.

        Raises:
            LeakageError: A second time: what was looked at before is no test.
        """
        if self._tested:
            msg = (
                "the test part of a fold is read once, after training; choose by the"
                " validation part"
            )
            raise LeakageError(msg)
        self._tested = True
        return DataLoader(self._dataset("test"), batch_size=self.batch_size)

    def exchanged_dataloader(self, pairs: Sequence[MapPair]) -> DataLoader[Sample]:
        """Load test scans of which one map is another test participant's.

        Batches are those of the test part, so that a network which ignores the map
        gives the same answers to the last bit.

        Args:
            pairs: Rows of the store of the T1w image and of the log-Jacobian map.

        Raises:
            LeakageError: If the test part was not given yet, or a map is not of it.
        """
        asked = {row for pair in pairs for row in pair}
        if not self._tested or not asked <= set(self.rows("test")):
            msg = (
                "maps are exchanged within the test part, after it was predicted;"
                " choose by the validation part"
            )
            raise LeakageError(msg)
        dataset = PairDataset(self.held or self.store, pairs)
        return DataLoader(dataset, batch_size=self.batch_size)

    def start_epoch(self, epoch: int) -> None:
        """Let random changes follow from the seed and the epoch alone."""
        if self.augmentation is not None:
            rank, _ = self._place()
            self.augmentation.reseed(epoch_seed(self.seed, epoch, rank))

    def on_after_batch_transfer(self, batch: Batch, dataloader_idx: int) -> Batch:
        """Change training batches at random."""
        del dataloader_idx
        training = self.trainer is not None and self.trainer.training
        return self.augmentation(batch) if self.augmentation and training else batch

    def training_maps(self, name: Literal["t1w", "jsm"]) -> Iterator[Volume]:
        """Go through one map of all training scans, unchanged, for normalisation."""
        dataset = self._dataset("train")
        for index in range(len(dataset)):
            yield dataset[index][name][None].cpu()

    def _dataset(self, split: Split, *, weighted: bool = False) -> MapDataset:
        """Make the data set of a split; weights have a mean of 1."""
        shares = np.array(self.shares(split) if weighted else [])
        weights = (shares / shares.mean()).tolist() if len(shares) else None
        store = self.held or self.store
        return MapDataset(store, self.rows(split), self.diagnoses, weights)

    def _place(self) -> tuple[int, int]:
        """Return the number of this process and how many train together."""
        if self.trainer is None:
            return (0, 1)
        return (self.trainer.global_rank, self.trainer.world_size)
