"""`crosswarp model pretrain`: encoders learn from scans without a diagnosis."""

import importlib.metadata
import logging
import math
import shutil
import warnings
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path
from typing import Final

import lightning as L
import pandas as pd
import torch

from crosswarp.bids.ids import NOT_AVAILABLE
from crosswarp.bids.ledger import LEDGER, rows_of
from crosswarp.bids.matching import bare
from crosswarp.bids.tables import read_table, write_table
from crosswarp.errors import InputError, OccupiedError
from crosswarp.execution.progress import Progress, SilentProgress
from crosswarp.files import fingerprint, remove_unfinished, written_folder
from crosswarp.inputs.datamodule import FoldData
from crosswarp.inputs.grid import Grid
from crosswarp.inputs.made_with import find_preprocessing
from crosswarp.inputs.samples import find_grid, find_samples
from crosswarp.inputs.scan_files import Derivatives, ScanFiles
from crosswarp.inputs.store import open_store, write_store
from crosswarp.inputs.transforms import Augmentation
from crosswarp.locks import locked
from crosswarp.models.build import build_network
from crosswarp.models.encoders.encoder import Encoder
from crosswarp.models.own_weights import PretrainingCard, read_card, save_weights
from crosswarp.models.pickled import is_sound_checkpoint
from crosswarp.models.reconstruction import MaskedReconstruction, encoders_of
from crosswarp.models.scaling import fit_to_maps
from crosswarp.outputs import PRETRAINING as PURPOSE
from crosswarp.outputs import claim_folder
from crosswarp.pretraining.settings import PretrainingSettings
from crosswarp.pretraining.task import LOSS, PretrainingTask
from crosswarp.study.names import LEARNING_CURVE, PRETRAINING
from crosswarp.training.callbacks import LearningCurve, SaveEpoch, SeedEpochs
from crosswarp.training.fitting import make_trainer

STORE: Final = "store"
CHECKPOINT: Final = ".ckpt"

STEPS_VERSION: Final = 1
"""Raised when a change of code changes the weights, so that they are made anew."""

_SCAN: Final = ("participant_id", "session_id")


@dataclass(frozen=True)
class Pretraining:
    """A pretraining whose inputs are there and fit together.

    Attributes:
        settings: Settings with all choices.
        samples: Scans, in the order of the store; their diagnoses are not known.
        grid: Of the maps.
        preprocessing: Fingerprint of the settings that made the maps.
        fingerprint: Of inputs, settings and version.
    """

    settings: PretrainingSettings
    samples: tuple[ScanFiles, ...]
    grid: Grid
    preprocessing: str | None
    fingerprint: str

    @property
    def participants(self) -> tuple[str, ...]:
        """Everybody who will be seen."""
        return tuple(sorted({s.scan.participant_id for s in self.samples}))


def plan_pretraining(settings: PretrainingSettings) -> Pretraining:
    """Check that a pretraining can be run.

    Raises:
        MissingDerivativeError: If scans have no maps.
        InputError: If nobody is left, or tables, maps and network do not fit together.
    """
    maps = Derivatives(settings.derivatives, settings.space, settings.resolution)
    samples = find_samples(_scans(settings), maps)
    grid = find_grid(samples, maps, crop=settings.crop)
    with torch.device("meta"):
        build_network(settings.model, 2, grid.seen_extent)
    version = importlib.metadata.version("crosswarp"), STEPS_VERSION
    described = [(s.scan.label, s.digest()) for s in samples]
    return Pretraining(
        settings,
        tuple(samples),
        grid,
        find_preprocessing(samples),
        fingerprint(settings.described(), described, grid.box, version),
    )


def pretrain(
    settings: PretrainingSettings, folder: Path, progress: Progress | None = None
) -> PretrainingCard:
    """Let a network's encoders learn from scans without a diagnosis.

    Killed anywhere and called again, it goes on from the last epoch that was done, and
    writes the same weights. Called again when it is done, it does nothing.

    Args:
        settings: Settings with all choices.
        folder: To write ``weights.safetensors``, ``pretraining.json`` and
            ``learning_curve.tsv`` to.
        progress: Told of what is read, and of the epochs.

    Returns:
        What the weights say of themselves.

    Raises:
        OccupiedError: If the folder holds something else.
        InputError: If inputs do not fit together, or the loss is not a number.
        LockedError: If another process works on the folder.
    """
    claim_folder(folder, PURPOSE, [settings.derivatives])
    # Until it is done there is no folder, but this one.
    working = folder.with_name(f".unfinished-{folder.name}")
    with locked(working):
        claim_folder(folder, PURPOSE, [settings.derivatives])
        remove_unfinished(folder.parent, folder.name)
        plan = plan_pretraining(settings)
        return _pretrained(plan, folder, working, progress or SilentProgress())


def _pretrained(
    plan: Pretraining, folder: Path, working: Path, progress: Progress
) -> PretrainingCard:
    if (folder / PRETRAINING).is_file():
        card = _made_before(folder, plan)
        shutil.rmtree(working, ignore_errors=True)
        return card
    for path in working.glob(f"*{CHECKPOINT}"):
        if path.stem != plan.fingerprint or not is_sound_checkpoint(path):
            path.unlink()
    write_store(working / STORE, plan.samples, plan.grid, progress)
    with _quiet():
        L.seed_everything(plan.settings.seed, verbose=False)
        encoders, curve = _fitted(plan, working, progress)
    card = _card(plan, curve)
    with written_folder(folder) as temporary:
        save_weights(temporary, encoders, card)
        write_table(temporary / LEARNING_CURVE, curve)
    shutil.rmtree(working)
    return read_card(folder)


@contextmanager
def _quiet() -> Iterator[None]:
    """Pass over what Lightning says of small data sets, and of its other products."""
    lightning = logging.getLogger("lightning.pytorch")
    level = lightning.level
    lightning.setLevel(logging.WARNING)
    try:
        with warnings.catch_warnings(action="ignore", category=UserWarning):
            # lightning 2.6 on torch 2.13
            warnings.filterwarnings("ignore", ".*LeafSpec.*", FutureWarning)
            yield
    finally:
        lightning.setLevel(level)


def _made_before(folder: Path, plan: Pretraining) -> PretrainingCard:
    card = read_card(folder)
    if card.fingerprint != plan.fingerprint:
        msg = (
            f"{folder} holds a pretraining with other settings or scans: it has the"
            f" fingerprint {card.fingerprint}, this one would have {plan.fingerprint};"
            " choose another folder"
        )
        raise OccupiedError(msg)
    return card


def _scans(settings: PretrainingSettings) -> pd.DataFrame:
    """List whom to see: no diagnosis is read."""
    path = settings.scans or settings.derivatives / LEDGER
    table = read_table(path, _SCAN, text=_SCAN)
    if settings.scans is None:
        table = rows_of(table, settings.space, settings.resolution)
        table = table[table["status"] == "ok"] if "status" in table else table
    left_out: set[str] = set()
    for other in settings.leave_out:
        left_out |= set(read_table(other, _SCAN[:1], text=_SCAN)["participant_id"])
    _check_spelling(left_out, set(table["participant_id"].dropna()), path)
    kept = table[~table["participant_id"].isin(left_out)].drop_duplicates(list(_SCAN))
    if kept.empty:
        msg = (
            f"{path} has {len(table)} scans, and after leave_out none is left; give"
            " scans of other participants"
        )
        raise InputError(msg)
    if "origin" not in kept:
        kept = kept.assign(origin="real")
    return kept.assign(diagnosis=NOT_AVAILABLE)


def _check_spelling(left_out: set[str], there: set[str], path: Path) -> None:
    """Refuse a participant to leave out who is there under another spelling."""
    spelt = {bare(name, "sub-"): name for name in sorted(there - left_out)}
    for name in sorted(left_out - there):
        same = spelt.get(bare(str(name), "sub-"))
        if same is not None:
            msg = (
                f"leave_out names {name}, {path} has {same}: write the same id in both,"
                " or the participant would be seen in pretraining"
            )
            raise InputError(msg)


def _fitted(
    plan: Pretraining, working: Path, progress: Progress
) -> tuple[dict[str, Encoder], pd.DataFrame]:
    chosen = plan.settings
    data = FoldData(
        open_store(working / STORE),
        ["train"] * len(plan.samples),
        [0] * len(plan.samples),
        batch_size=chosen.batch_size,
        seed=chosen.seed,
        augmentation=Augmentation(chosen.augmentation, plan.grid, chosen.seed),
    )
    network = build_network(chosen.model, 2, plan.grid.seen_extent)
    fit_to_maps(network, data.training_maps)
    learning = MaskedReconstruction(
        network, chosen.model, chosen.mask, float(chosen.resolution)
    )
    task, curve = PretrainingTask(learning, chosen.training), LearningCurve()
    checkpoint = working / f"{plan.fingerprint}{CHECKPOINT}"
    trainer = make_trainer(
        chosen.training,
        working,
        callbacks=[
            SeedEpochs(chosen.seed),
            curve,
            TellEpochs(progress),
            SaveEpoch(checkpoint),
        ],
    )
    progress.stage("pretrain", chosen.epochs)
    there = checkpoint if checkpoint.is_file() else None
    trainer.fit(task, datamodule=data, ckpt_path=there, weights_only=True)
    progress.done()
    return encoders_of(network, chosen.model), curve.table()


class TellEpochs(L.Callback):
    """Tell who listens of every epoch.

    Args:
        progress: Receiver of the progress.
    """

    def __init__(self, progress: Progress) -> None:
        self.progress = progress

    def on_train_epoch_end(
        self, trainer: L.Trainer, pl_module: L.LightningModule
    ) -> None:
        """Say the number of the epoch and its loss."""
        del pl_module
        loss = float(trainer.callback_metrics[LOSS])
        self.progress.advance(f"epoch {trainer.current_epoch + 1}, loss {loss:.4f}")


def _card(plan: Pretraining, curve: pd.DataFrame) -> PretrainingCard:
    chosen = plan.settings
    loss = float(curve["train_loss"].iloc[-1])
    if not math.isfinite(loss):
        msg = f"the loss is {loss}, expected a number; lower learning_rate"
        raise InputError(msg)
    virtual = any(s.origin == "virtual" for s in plan.samples)
    return PretrainingCard(
        fingerprint=plan.fingerprint,
        model=chosen.model,
        mask=chosen.mask,
        space=chosen.space,
        resolution=chosen.resolution,
        preprocessing=plan.preprocessing,
        participants=plan.participants,
        origin="virtual" if virtual else "real",
        seed=chosen.seed,
        epochs=len(curve),
        loss=loss,
    )
