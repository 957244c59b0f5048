"""One cell: one network, one repeat, one fold. Train, choose, predict, write."""

import resource
import sys
import time
import warnings
from dataclasses import dataclass
from pathlib import Path
from typing import Any, Final

import lightning as L
import numpy as np
import pandas as pd
import torch
from lightning.pytorch.callbacks import EarlyStopping
from torch import nn

from crosswarp.bids.ids import NOT_AVAILABLE, ScanId
from crosswarp.bids.tables import write_table
from crosswarp.files import fingerprint, write_json, written_folder
from crosswarp.inputs.datamodule import FoldData, Split
from crosswarp.inputs.grid import Grid
from crosswarp.inputs.store import open_store
from crosswarp.inputs.transforms import Augmentation
from crosswarp.models.build import build_network
from crosswarp.models.bundle import BundleCard, save_bundle
from crosswarp.models.scaling import ScaledClassifier
from crosswarp.models.settings import ModelSettings
from crosswarp.training.callbacks import KeepBest, LearningCurve
from crosswarp.training.settings import TrainingSettings
from crosswarp.training.task import VAL_LOSS, ClassificationTask, balanced_weights

PREDICTIONS: Final = "predictions.tsv"
CURVE: Final = "learning_curve.tsv"
DONE: Final = "done.json"
BUNDLE: Final = "bundle"

REPORTED: Final[tuple[Split, Split]] = ("val", "test")

_MB: Final = 1e6
_RSS_UNIT: Final = 1 if sys.platform == "darwin" else 1024


@dataclass(frozen=True)
class CellScan:
    """A scan of the store, as a cell needs it.

    Attributes:
        scan: Whose.
        diagnosis: Clinical label.
        origin: ``real`` or ``virtual``.
        split: In this cell; None when it is not used.
    """

    scan: ScanId
    diagnosis: str
    origin: str
    split: Split | None


@dataclass(frozen=True)
class CellRequest:
    """All that one cell depends on; small, so that it can be sent to a process.

    Attributes:
        model: Network.
        training: How it is fitted.
        classes: In the order of the logits.
        repeat: Of the cross-validation.
        fold: That is held out.
        seed: Of the experiment.
        scans: One entry a scan of the store, in its order.
        grid: Of the maps.
        preprocessing: Fingerprint of the settings that made the maps.
        store: Folder of the store.
        folder: To write to.
        fingerprint: Of inputs, settings and version.
    """

    model: ModelSettings
    training: TrainingSettings
    classes: tuple[str, ...]
    repeat: int
    fold: int
    seed: int
    scans: tuple[CellScan, ...]
    grid: Grid
    preprocessing: str | None
    store: Path
    folder: Path
    fingerprint: str

    @property
    def label(self) -> str:
        """Name for people."""
        return f"{self.model.name} repeat {self.repeat} fold {self.fold}"

    @property
    def cell_seed(self) -> int:
        """Seed of weights, order and augmentation: one a fold, for all networks."""
        return int(fingerprint(self.seed, self.repeat, self.fold)[:8], 16)


def train_fold(request: CellRequest) -> dict[str, Any]:
    """Train one network on one fold and write what came of it.

    The test part is read once, after the epoch is chosen.

    Returns:
        What ``done.json`` holds: fingerprint, epoch, validation AUC, seconds, memory.
    """
    started = time.monotonic()
    L.seed_everything(request.cell_seed, verbose=False)
    data = _data(request)
    network = build_network(
        request.model, len(request.classes), request.grid.seen_extent
    )
    if isinstance(network, ScaledClassifier):
        network.fit(data.training_maps("t1w"), data.training_maps("jsm"))
    task = _task(request, network, data)
    curve, best = LearningCurve(), KeepBest()
    trainer = _trainer(request, curve, best, validate=bool(data.rows("val")))
    with _quiet():
        trainer.fit(task, datamodule=data)
        if request.training.selection == "best":
            best.restore(task)
        table = pd.concat([_predict(request, trainer, task, data, s) for s in REPORTED])
    done: dict[str, Any] = {
        "fingerprint": request.fingerprint,
        "epoch": best.epoch if request.training.selection == "best" else None,
        "epochs": trainer.current_epoch,
    }
    with written_folder(request.folder) as folder:
        save_bundle(folder / BUNDLE, network, _card(request))
        write_table(folder / CURVE, curve.table())
        write_table(folder / PREDICTIONS, table)
        done["seconds"] = round(time.monotonic() - started, 1)
        peak = resource.getrusage(resource.RUSAGE_SELF).ru_maxrss * _RSS_UNIT / _MB
        done["peak_mb"] = round(peak)
        write_json(folder / DONE, done)
    return done


def _data(request: CellRequest) -> FoldData:
    numbers = [
        request.classes.index(s.diagnosis) if s.split else 0 for s in request.scans
    ]
    return FoldData(
        open_store(request.store),
        [s.split for s in request.scans],
        numbers,
        batch_size=request.training.batch_size,
        seed=request.cell_seed,
        augmentation=Augmentation(
            request.training.augmentation, request.grid, request.cell_seed
        ),
    )


def _task(
    request: CellRequest, network: nn.Module, data: FoldData
) -> ClassificationTask:
    classes = len(request.classes)
    trained = [data.diagnoses[row] for row in data.rows("train")]
    weights = (
        balanced_weights(trained, classes) if request.training.class_weights else None
    )
    return ClassificationTask(network, request.training, classes, weights)


def _trainer(
    request: CellRequest, curve: LearningCurve, best: KeepBest, *, validate: bool
) -> L.Trainer:
    chosen = request.training
    callbacks: list[L.Callback] = [curve]
    if validate and chosen.selection == "best":
        callbacks.append(best)
    if chosen.patience is not None:
        callbacks.append(EarlyStopping(VAL_LOSS, patience=chosen.patience))
    return L.Trainer(
        accelerator=chosen.device,
        devices=1,
        max_epochs=chosen.epochs,
        gradient_clip_val=chosen.gradient_clip,
        limit_val_batches=1.0 if validate else 0,
        num_sanity_val_steps=0,
        # On CUDA some 3D layers have no deterministic form.
        deterministic=chosen.device == "cpu",
        callbacks=callbacks,
        logger=False,
        enable_checkpointing=False,
        enable_progress_bar=False,
        enable_model_summary=False,
        default_root_dir=request.folder.parent,
    )


def _quiet() -> warnings.catch_warnings:
    """Pass over what Lightning says of small data sets."""
    return warnings.catch_warnings(action="ignore", category=UserWarning)


def _predict(
    request: CellRequest,
    trainer: L.Trainer,
    task: ClassificationTask,
    data: FoldData,
    split: Split,
) -> pd.DataFrame:
    rows = data.rows(split)
    if not rows:
        return pd.DataFrame()
    batches = trainer.predict(task, data.plain_loader(split))
    logits = torch.cat([torch.as_tensor(b) for b in batches or []]).double()
    probabilities = logits.softmax(dim=1).numpy()
    scans = [request.scans[row] for row in rows]
    columns: dict[str, Any] = {
        "model": request.model.name,
        "repeat": request.repeat,
        "fold": request.fold,
        "split": split,
        "participant_id": [s.scan.participant_id for s in scans],
        "session_id": [s.scan.session_id or NOT_AVAILABLE for s in scans],
        "diagnosis": [s.diagnosis for s in scans],
        "origin": [s.origin for s in scans],
    }
    for prefix, values in (("logit", logits.numpy()), ("probability", probabilities)):
        columns |= {
            f"{prefix}_{name}": np.asarray(values[:, number])
            for number, name in enumerate(request.classes)
        }
    return pd.DataFrame(columns)


def _card(request: CellRequest) -> BundleCard:
    # Whoever chose the epoch must not be tested on either.
    used = [s for s in request.scans if s.split in ("train", "val")]
    virtual = any(s.origin == "virtual" for s in used)
    return BundleCard.model_validate(
        {
            "model": request.model,
            "classes": request.classes,
            "space": request.grid.space,
            "resolution": request.grid.resolution,
            "grid_extent": request.grid.extent,
            "box": request.grid.box,
            "preprocessing": request.preprocessing,
            "participants": sorted({s.scan.participant_id for s in used}),
            "origin": "virtual" if virtual else "real",
            "seed": request.seed,
            "repeat": request.repeat,
            "fold": request.fold,
        }
    )
