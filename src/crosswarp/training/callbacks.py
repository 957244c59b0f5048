"""What is watched while a network is fitted."""

import copy
import math
from typing import Any

import lightning as L
import pandas as pd
from torch import Tensor

from crosswarp.training.task import VAL_LOSS


class KeepBest(L.Callback):
    """Keep the weights of the epoch with the least validation loss, in memory.

    Attributes:
        epoch: Which it was; None before there is one.
    """

    def __init__(self) -> None:
        self.epoch: int | None = None
        self._least = math.inf
        self._weights: dict[str, Tensor] = {}

    def on_validation_epoch_end(
        self, trainer: L.Trainer, pl_module: L.LightningModule
    ) -> None:
        """Compare this epoch with the best so far; of equals the first is kept."""
        loss = float(trainer.callback_metrics[VAL_LOSS])
        if loss < self._least:
            self._least = loss
            self.epoch = trainer.current_epoch
            self._weights = copy.deepcopy(pl_module.state_dict())

    def restore(self, task: L.LightningModule) -> None:
        """Give the task the weights that were kept, if there are any."""
        if self._weights:
            task.load_state_dict(self._weights)


class LearningCurve(L.Callback):
    """Note losses and AUC after every epoch."""

    def __init__(self) -> None:
        self._rows: list[dict[str, Any]] = []

    def on_train_epoch_end(
        self, trainer: L.Trainer, pl_module: L.LightningModule
    ) -> None:
        """Add a row."""
        del pl_module
        metrics = trainer.callback_metrics
        names = {
            "train_loss": "train/loss",
            "val_loss": VAL_LOSS,
            "val_auroc": "val/auroc",
        }
        values = {
            column: float(metrics[name]) if name in metrics else None
            for column, name in names.items()
        }
        rate = trainer.optimizers[0].param_groups[0]["lr"]
        row = {"epoch": trainer.current_epoch, **values, "learning_rate": rate}
        self._rows.append(row)

    def table(self) -> pd.DataFrame:
        """One row an epoch."""
        return pd.DataFrame(self._rows)
