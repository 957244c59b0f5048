"""What is watched while a network is fitted, and kept so that it can go on."""

import copy
import math
from pathlib import Path
from typing import Any

import lightning as L
import pandas as pd
import torch
from lightning.fabric.plugins.io import TorchCheckpointIO
from torch import Tensor

from crosswarp.execution.child import tell
from crosswarp.files import written_whole
from crosswarp.inputs.order import epoch_seed
from crosswarp.training.task import VAL_LOSS


class KeepBest(L.Callback):
    """Keep the weights of the epoch with the least validation loss.

    Attributes:
        epoch: Which it was; None before there is one.
        loss: Its validation loss; infinite before there is one.
    """

    def __init__(self) -> None:
        self.epoch: int | None = None
        self.loss = math.inf
        self._weights: dict[str, Tensor] = {}

    def on_validation_epoch_end(
        self, trainer: L.Trainer, pl_module: L.LightningModule
    ) -> None:
        """Compare this epoch with the best so far; of equals the first is kept."""
        loss = float(trainer.callback_metrics[VAL_LOSS])
        if loss < self.loss:
            self.loss = loss
            self.epoch = trainer.current_epoch
            self._weights = copy.deepcopy(pl_module.state_dict())

    def restore(self, task: L.LightningModule) -> None:
        """Give the task the weights that were kept, if there are any."""
        if self._weights:
            task.load_state_dict(self._weights)

    def state_dict(self) -> dict[str, Any]:
        """Return what a checkpoint keeps."""
        return {"epoch": self.epoch, "loss": self.loss, "weights": self._weights}

    def load_state_dict(self, state_dict: dict[str, Any]) -> None:
        """Take up what a checkpoint kept."""
        self.epoch, self.loss = state_dict["epoch"], state_dict["loss"]
        self._weights = state_dict["weights"]


class LearningCurve(L.Callback):
    """Note losses and AUC after every epoch, and tell who watches the cell."""

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
        tell(_news(row, trainer.max_epochs))

    def table(self) -> pd.DataFrame:
        """One row an epoch."""
        return pd.DataFrame(self._rows)

    def state_dict(self) -> dict[str, Any]:
        """Return what a checkpoint keeps."""
        return {"rows": list(self._rows)}

    def load_state_dict(self, state_dict: dict[str, Any]) -> None:
        """Take up what a checkpoint kept."""
        self._rows = list(state_dict["rows"])


def _news(row: dict[str, Any], epochs: int | None) -> str:
    """Say where a training is, and how well it does."""
    named = {"val_auroc": "validation AUC", "val_loss": "validation loss"}
    told = [f"{text} {row[n]:.3f}" for n, text in named.items() if row[n] is not None]
    return ", ".join([f"epoch {row['epoch'] + 1} of {epochs}", *told])


class SeedEpochs(L.Callback):
    """Begin each epoch with a seed of its own.

    What is random in it (order, augmentation, dropout) then follows from the seed of
    the training and the number of the epoch, wherever training was taken up.

    Args:
        seed: Of the training.
    """

    def __init__(self, seed: int) -> None:
        self.seed = seed

    def on_train_epoch_start(
        self, trainer: L.Trainer, pl_module: L.LightningModule
    ) -> None:
        """Seed torch and, where there is one, the fold's data."""
        del pl_module
        epoch = trainer.current_epoch
        torch.manual_seed(epoch_seed(self.seed, epoch, trainer.global_rank))
        # Lightning's trainers have it once they were given one.
        data: Any = getattr(trainer, "datamodule", None)
        if data is not None:
            data.start_epoch(epoch)


class StraightToFile(TorchCheckpointIO):
    """Write checkpoints to the file as they come.

    Lightning's own way makes the whole file in memory first: several times the
    weights, just when they are there with all that training needs.
    """

    def save_checkpoint(
        self,
        checkpoint: dict[str, Any],
        path: str | Path,
        storage_options: Any = None,  # noqa: ANN401 - as in Lightning
    ) -> None:
        """Write a checkpoint; `SaveEpoch` sees to it that the file is whole."""
        del storage_options
        path = Path(path)
        path.parent.mkdir(parents=True, exist_ok=True)
        torch.save(checkpoint, path)


class SaveEpoch(L.Callback):
    """Write all that training needs to go on, after each epoch, whole or not at all.

    To be the last of the callbacks. The file holds tensors, numbers and text only, so
    that it is read without unpickling objects.

    Args:
        path: File to write.
    """

    def __init__(self, path: Path) -> None:
        self.path = path
        self._stopped = False

    def on_train_start(self, trainer: L.Trainer, pl_module: L.LightningModule) -> None:
        """Stop again where training had been stopped early."""
        del pl_module
        trainer.should_stop = self._stopped

    def on_train_epoch_end(
        self, trainer: L.Trainer, pl_module: L.LightningModule
    ) -> None:
        """Write the file. All processes take part, one of them writes."""
        del pl_module
        self._stopped = trainer.should_stop
        if not trainer.is_global_zero:
            trainer.save_checkpoint(self.path, weights_only=False)
            return
        with written_whole(self.path) as temporary:
            trainer.save_checkpoint(temporary, weights_only=False)

    def state_dict(self) -> dict[str, Any]:
        """Return what a checkpoint keeps."""
        return {"stopped": self._stopped}

    def load_state_dict(self, state_dict: dict[str, Any]) -> None:
        """Take up what a checkpoint kept."""
        self._stopped = state_dict["stopped"]
