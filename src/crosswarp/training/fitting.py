"""Fit a network at one learning rate, from where it was left."""

from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path

import lightning as L
import pandas as pd
from lightning.pytorch.callbacks import EarlyStopping
from lightning.pytorch.loggers import Logger
from torch import Tensor
from torch.multiprocessing import set_sharing_strategy

from crosswarp.errors import InputError
from crosswarp.inputs.datamodule import FoldData
from crosswarp.training.callbacks import (
    KeepBest,
    LearningCurve,
    SaveEpoch,
    SeedEpochs,
    StraightToFile,
)
from crosswarp.training.settings import TrainingSettings
from crosswarp.training.task import VAL_LOSS, ClassificationTask


@dataclass(frozen=True)
class Fitted:
    """What came of fitting at one learning rate.

    Attributes:
        learning_rate: Learning rate that was used.
        epoch: That was kept, from 0; None when the last one is.
        epochs: That were trained.
        loss: Validation loss of the epoch that was kept; None without one.
        curve: One row an epoch.
        weights: Of the task, at the epoch that was kept.
    """

    learning_rate: float
    epoch: int | None
    epochs: int
    loss: float | None
    curve: pd.DataFrame
    weights: dict[str, Tensor]


@dataclass(frozen=True)
class Fitting:
    """A network to be fitted, epoch by epoch.

    After each epoch the whole state is written to ``checkpoint``. When the file is
    there, training goes on from it, and ends with the weights that it would have
    ended with undisturbed.

    Attributes:
        task: With fresh weights, the same each time.
        data: Of the fold.
        checkpoint: Of these very settings and inputs, if it is there.
        seed: Of order, augmentation and dropout.
        loggers: Lightning's, told of every epoch.
    """

    task: ClassificationTask
    data: FoldData
    checkpoint: Path
    seed: int
    loggers: Sequence[Logger] = ()

    @property
    def validates(self) -> bool:
        """Whether the epoch is chosen by a validation part."""
        return self.task.settings.selection == "best" and bool(self.data.rows("val"))

    def run(self) -> Fitted:
        """Fit, and return the network of the epoch that is kept.

        Raises:
            InputError: If the validation loss was never a number.
        """
        if self.task.settings.devices > 1:
            # Tensors go to the processes through named files: by descriptors they
            # did not arrive (torch 2.13, "unable to resize file").
            set_sharing_strategy("file_system")  # type: ignore[no-untyped-call]
            # Processes that train together leave nothing but the checkpoint.
            self._fit(KeepBest(), LearningCurve(), together=True)
        best, curve = KeepBest(), LearningCurve()
        epochs = self._fit(best, curve)
        rate = self.task.learning_rate
        if self.validates and best.epoch is None:
            msg = (
                f"the validation loss was never a number at learning rate {rate:g};"
                " lower training.learning_rate, or set training.gradient_clip"
            )
            raise InputError(msg)
        best.restore(self.task)
        weights = {k: v.detach().clone() for k, v in self.task.state_dict().items()}
        loss = best.loss if self.validates else None
        return Fitted(rate, best.epoch, epochs, loss, curve.table(), weights)

    def _fit(
        self, best: KeepBest, curve: LearningCurve, *, together: bool = False
    ) -> int:
        """Train what is left to train; return the epochs that are done."""
        trainer = make_trainer(
            self.task.settings,
            self.checkpoint.parent,
            callbacks=self._callbacks(best, curve),
            loggers=self.loggers,
            validates=self.validates,
            together=together,
        )
        there = self.checkpoint.is_file()
        trainer.fit(
            self.task,
            datamodule=self.data,
            ckpt_path=self.checkpoint if there else None,
            weights_only=True,
        )
        return trainer.current_epoch

    def _callbacks(self, best: KeepBest, curve: LearningCurve) -> list[L.Callback]:
        patience = self.task.settings.patience
        callbacks: list[L.Callback] = [SeedEpochs(self.seed), curve]
        if self.validates:
            callbacks.append(best)
        if patience is not None:
            # Before the file is written, so that the file has it.
            callbacks.append(
                EarlyStopping(
                    VAL_LOSS, patience=patience, check_on_train_epoch_end=False
                )
            )
        return [*callbacks, SaveEpoch(self.checkpoint)]


def make_trainer(
    settings: TrainingSettings,
    folder: Path,
    *,
    callbacks: Sequence[L.Callback] = (),
    loggers: Sequence[Logger] = (),
    validates: bool = False,
    together: bool = False,
) -> L.Trainer:
    """Make the trainer that fits, or that predicts.

    Args:
        settings: Of the training.
        folder: For what Lightning may write.
        callbacks: In this order.
        loggers: Told of every epoch.
        validates: Go through the validation part after each epoch.
        together: Use all devices of the settings; otherwise one.
    """
    return L.Trainer(
        accelerator=settings.device,
        devices=settings.devices if together else 1,
        # Each process is a fresh one: the others of this program need not be copied.
        strategy="ddp_spawn" if together else "auto",
        precision=settings.precision,
        max_epochs=settings.epochs,
        accumulate_grad_batches=settings.accumulate,
        gradient_clip_val=settings.gradient_clip,
        limit_val_batches=1.0 if validates else 0,
        num_sanity_val_steps=0,
        # On CUDA some 3D layers have no deterministic form.
        deterministic=settings.device == "cpu",
        use_distributed_sampler=False,
        plugins=[StraightToFile()],
        callbacks=list(callbacks),
        logger=list(loggers) or False,
        log_every_n_steps=1,
        enable_checkpointing=False,
        enable_progress_bar=False,
        enable_model_summary=False,
        default_root_dir=folder,
    )
