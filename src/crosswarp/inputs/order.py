"""In which order scans are trained on: a matter of the seed and the epoch alone."""

from collections.abc import Iterator, Sequence

import torch
from torch.utils.data import Sampler

from crosswarp.files import fingerprint


class EpochOrder(Sampler[int]):
    """A new order each epoch, the same whether or not training was interrupted.

    Nothing is drawn from a generator that lives on from one epoch to the next, so
    there is no state to lose.

    Args:
        classes: Class of each scan of the training part, as a number.
        batch_size: Scans that a process sees at once.
        seed: Of all orders.
        balanced: Draw scans, with replacement, so that each class is as likely as
            any other, and within it each participant; otherwise each scan comes once.
        shares: Of each scan, one over the scans of its participant; all 1 when None.
        place: Number of this process, and how many share the scans.
    """

    def __init__(
        self,
        classes: Sequence[int],
        *,
        batch_size: int,
        seed: int,
        balanced: bool = False,
        shares: Sequence[float] | None = None,
        place: tuple[int, int] = (0, 1),
    ) -> None:
        self.classes = torch.tensor(classes)
        ones = torch.ones(len(classes), dtype=torch.float64)
        self.shares = ones if shares is None else torch.tensor(shares).to(ones)
        self.seed = seed
        self.balanced = balanced
        self.rank, self.processes = place
        self.epoch = 0
        # Processes step together, so all have the same number of scans.
        each = len(classes) // self.processes
        # Batch normalisation has nothing to go by in a batch of one.
        lone = each % batch_size == 1 < batch_size < each
        self.count = each - 1 if lone else each

    def set_epoch(self, epoch: int) -> None:
        """Say which epoch comes next; Lightning does."""
        self.epoch = epoch

    def __len__(self) -> int:
        """Return how many scans this process sees in an epoch."""
        return self.count

    def __iter__(self) -> Iterator[int]:
        """Yield positions in the training part."""
        order = self._weighted() if self.balanced else self._shuffled()
        return iter(order[self.rank :: self.processes][: self.count].tolist())

    def _shuffled(self) -> torch.Tensor:
        return torch.randperm(len(self.classes), generator=self._generator())

    def _weighted(self) -> torch.Tensor:
        totals = torch.bincount(self.classes, self.shares)
        weights = self.shares / totals[self.classes]
        return torch.multinomial(
            weights, len(weights), replacement=True, generator=self._generator()
        )

    def _generator(self) -> torch.Generator:
        return torch.Generator().manual_seed(epoch_seed(self.seed, self.epoch))


def epoch_seed(seed: int, epoch: int, rank: int = 0) -> int:
    """Derive the seed of one epoch in one process.

    Args:
        seed: Of the whole training.
        epoch: Number of the epoch, from 0.
        rank: Number of the process, from 0.
    """
    return int(fingerprint(seed, epoch, rank)[:8], 16)
