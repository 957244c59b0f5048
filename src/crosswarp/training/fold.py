"""Train one cell: fit, choose, predict, write."""

import shutil
import time
import warnings
from collections.abc import Callable, Sequence
from pathlib import Path
from typing import Any, Final

import lightning as L
import pandas as pd
import torch

from crosswarp.bids.tables import write_table
from crosswarp.errors import InputError
from crosswarp.execution.memory import peak_mb
from crosswarp.files import fingerprint, written_folder
from crosswarp.inputs.datamodule import FoldData
from crosswarp.inputs.fold_checks import Split
from crosswarp.inputs.store import open_store
from crosswarp.inputs.transforms import Augmentation
from crosswarp.links import share_equal
from crosswarp.models.build import build_network
from crosswarp.models.bundle import Bundle, BundleCard, save_bundle
from crosswarp.models.own_weights import read_card, start_from_own
from crosswarp.models.pickled import is_sound_checkpoint
from crosswarp.models.pretrained import start_from_weights
from crosswarp.models.scaling import fit_to_maps
from crosswarp.study.keyed_ids import KeyedIds
from crosswarp.study.names import (
    BUNDLE,
    EXCHANGE,
    LEARNING_CURVE,
    LEARNING_RATES,
    PREDICTIONS,
    REFERENCE_MAPS,
)
from crosswarp.study.records import NetworkRecord, write_fold
from crosswarp.training.calibration import calibration_of
from crosswarp.training.cell import CellRequest
from crosswarp.training.exchange import exchange_table
from crosswarp.training.fitting import Fitted, Fitting, make_trainer
from crosswarp.training.held import hold_if_fitting
from crosswarp.training.logs import make_loggers
from crosswarp.training.memory import check_memory, measure_step
from crosswarp.training.own_cohort import training_cohort
from crosswarp.training.reference import kept_of
from crosswarp.training.scans import prediction_table
from crosswarp.training.task import ClassificationTask, balanced_weights
from crosswarp.types.tensors import Logits

CHECKPOINT: Final = ".ckpt"


def train_fold(request: CellRequest) -> dict[str, Any]:
    """Train one network on one fold and write what came of it.

    Killed anywhere and called again, it goes on from the last epoch that was done, and
    writes the same predictions. The test part is read once, when all is chosen.

    Returns:
        What ``done.json`` holds: fingerprint, learning rate, epoch, validation loss,
        seconds, memory.

    Raises:
        InputError: If a step does not fit into memory, with the batch that does; if a
            network's answers are not numbers.
    """
    started = time.monotonic()
    extent = request.grid.seen_extent
    memory = measure_step(request.model, len(request.classes), extent)
    check_memory(memory, request.training, request.memory_share)
    _forget_others(request)
    data = _data(request)
    hold_if_fitting(data, request.training, memory)
    with _quiet():
        tried = [_fit(request, data, rate) for rate in request.training.learning_rate]
        chosen = min(tried, key=lambda fitted: fitted.loss or 0.0)
        task = _task(request, data, chosen.learning_rate)
        task.load_state_dict(chosen.weights)
        table = _predictions(request, task, data)
        started_exchange = time.monotonic()
        exchanged = _exchanged(request, task, data)
        exchange_seconds = time.monotonic() - started_exchange
        cohort = training_cohort(request, task.network, data)
        kept = kept_of(request, data)
    with written_folder(request.folder) as folder:
        _save(
            request,
            folder / BUNDLE,
            Bundle(
                task.network,
                _card(request, table, {"training_cohort": cohort, **kept.said}),
                kept.reference,
            ),
        )
        write_table(folder / LEARNING_CURVE, chosen.curve)
        if len(tried) > 1:
            write_table(folder / LEARNING_RATES, _rates(tried, chosen))
        write_table(folder / PREDICTIONS, table)
        if len(exchanged):
            write_table(folder / EXCHANGE, exchanged)
        record = NetworkRecord(
            fingerprint=request.fingerprint,
            learning_rate=chosen.learning_rate,
            epoch=chosen.epoch,
            epochs=chosen.epochs,
            val_loss=chosen.loss,
            exchange_seconds=round(exchange_seconds, 1),
            seconds=round(time.monotonic() - started, 1),
            peak_mb=round(peak_mb()),
        )
        done = write_fold(folder, record)
    shutil.rmtree(request.working, ignore_errors=True)
    return done


def _save(request: CellRequest, folder: Path, bundle: Bundle) -> None:
    save_bundle(folder, bundle.network, bundle.card, bundle.reference)
    # The mean maps of a fold are the same for every model: one place on disk.
    models, fold = request.folder.parent.parent, request.folder.name
    others = sorted(models.glob(f"*/{fold}/{BUNDLE}/{REFERENCE_MAPS}"))
    share_equal(folder / REFERENCE_MAPS, others)


def _forget_others(request: CellRequest) -> None:
    """Delete what was begun with other settings, and what cannot be read."""
    for path in request.working.glob(f"*{CHECKPOINT}"):
        ours = path.name.startswith(request.fingerprint)
        if not ours or not is_sound_checkpoint(path):
            path.unlink()


def _data(request: CellRequest) -> FoldData:
    numbers = [
        request.classes.index(s.diagnosis) if s.split else 0 for s in request.scans
    ]
    data = FoldData(
        open_store(request.store),
        [s.split for s in request.scans],
        numbers,
        batch_size=request.training.part_size,
        seed=request.cell_seed,
        balanced=request.training.balanced_sampling,
        augmentation=Augmentation(
            request.training.augmentation, request.grid, request.cell_seed
        ),
    )
    data.participants = [s.scan.participant_id for s in request.scans]
    return data


def _fit(request: CellRequest, data: FoldData, rate: float) -> Fitted:
    name = f"{request.fingerprint}-{rate:g}{CHECKPOINT}"
    return Fitting(
        _task(request, data, rate),
        data,
        request.working / name,
        request.cell_seed,
        make_loggers(request.logs, request.log_folder),
    ).run()


def _task(request: CellRequest, data: FoldData, rate: float) -> ClassificationTask:
    """Make a network with fresh weights, the same each time, and what fits it."""
    L.seed_everything(request.cell_seed, verbose=False)
    classes = len(request.classes)
    network = build_network(request.model, classes, request.grid.seen_extent)
    start_from_weights(network, request.model)
    if request.pretrained is not None:
        start_from_own(network, request.model, request.pretrained)
    fit_to_maps(network, data.training_maps)
    trained = [data.diagnoses[row] for row in data.rows("train")]
    weights = (
        balanced_weights(trained, classes, data.shares("train"))
        if request.training.class_weights
        else None
    )
    return ClassificationTask(network, request.training, classes, rate, weights)


def _quiet() -> warnings.catch_warnings:
    """Pass over what Lightning says of small data sets."""
    return warnings.catch_warnings(action="ignore", category=UserWarning)


def _rates(tried: Sequence[Fitted], chosen: Fitted) -> pd.DataFrame:
    return pd.DataFrame(
        {
            "learning_rate": fitted.learning_rate,
            "epoch": fitted.epoch,
            "epochs": fitted.epochs,
            "val_loss": fitted.loss,
            "chosen": fitted is chosen,
        }
        for fitted in tried
    )


def _predictions(
    request: CellRequest, task: ClassificationTask, data: FoldData
) -> pd.DataFrame:
    trainer = make_trainer(request.training, request.working)
    parts = []
    loaders: dict[Split, Callable[[], Any]] = {
        "val": data.val_dataloader,
        "test": data.test_dataloader,
    }
    for split, loader in loaders.items():
        rows = data.rows(split)
        if rows:
            logits = _finite(request, _answers(trainer, task, loader()))
            parts.append(_table(request, split, rows, logits))
    return pd.concat(parts)


def _exchanged(
    request: CellRequest, task: ClassificationTask, data: FoldData
) -> pd.DataFrame:
    trainer = make_trainer(request.training, request.working)
    return exchange_table(
        request,
        data,
        lambda loader: _finite(request, _answers(trainer, task, loader)),
    )


def _answers(trainer: L.Trainer, task: ClassificationTask, loader: Any) -> Logits:  # noqa: ANN401 - a loader, as Lightning takes it
    batches = trainer.predict(task, loader)
    return torch.cat([torch.as_tensor(b) for b in batches or []]).double()


def _finite(request: CellRequest, logits: Logits) -> Logits:
    if not torch.isfinite(logits).all():
        msg = (
            f"{request.label} produced non-finite logits; lower"
            " training.learning_rate, or set training.gradient_clip"
        )
        raise InputError(msg)
    return logits


def _table(
    request: CellRequest, split: Split, rows: Sequence[int], logits: Logits
) -> pd.DataFrame:
    scans = [request.scans[row] for row in rows]
    first = {
        "model": request.model.name,
        "repeat": request.repeat,
        "fold": request.fold,
        "split": split,
    }
    answers = logits.numpy(), logits.softmax(dim=1).numpy()
    return prediction_table(first, scans, request.classes, *answers)


def _salt(request: CellRequest) -> str:
    """Make the salt of a run: one for all its networks, whose people can be counted."""
    everybody = sorted({s.scan.participant_id for s in request.scans})
    return fingerprint(request.seed, everybody)


def _card(
    request: CellRequest, predictions: pd.DataFrame, kept: dict[str, Any]
) -> BundleCard:
    # Whoever chose the epoch must not be tested on either.
    used = [s for s in request.scans if s.split in ("train", "val")]
    people = {s.scan.participant_id for s in used}
    virtual = any(s.origin == "virtual" for s in used)
    before = read_card(request.pretrained) if request.pretrained else None
    if before is not None:
        people |= set(before.participants)
    return BundleCard.model_validate(
        {
            "model": request.model,
            "classes": request.classes,
            "space": request.grid.space,
            "resolution": request.grid.resolution,
            "grid_extent": request.grid.extent,
            "box": request.grid.box,
            "preprocessing": request.preprocessing,
            "made_with": request.made_with,
            "maps": request.maps,
            "trained_on": KeyedIds.of(people, _salt(request)),
            "pretrained": before.weights_digest if before else None,
            "origin": "virtual" if virtual else "real",
            "seed": request.seed,
            "repeat": request.repeat,
            "fold": request.fold,
            "calibration": calibration_of(predictions, request.classes),
            **kept,
        }
    )
