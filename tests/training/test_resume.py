"""A cell that is killed goes on from its last epoch and ends with the same bytes."""

import dataclasses
import multiprocessing
import pickle
import signal
import time
from collections.abc import Callable
from pathlib import Path

import pandas as pd
import pytest
import torch
from lightning.pytorch.loggers import CSVLogger

from crosswarp.bids.tables import read_table
from crosswarp.documents import read_json
from crosswarp.execution import child
from crosswarp.execution.isolated import preload
from crosswarp.training.cell import CellRequest
from crosswarp.training.cross_validation import PRELOADED
from crosswarp.training.fold import train_fold
from crosswarp.training.task import ClassificationTask

FUSED = {
    "like": "compact_cross_attention",
    "name": "fused",
    "features": 8,
    "norm": "batch",
    "dropout": 0.2,
}
RANDOM = {"rotation_degrees": 3, "shift_mm": 2, "flip": True}
FILES = (
    "predictions.tsv",
    "learning_curve.tsv",
    "learning_rates.tsv",
    "bundle/weights.safetensors",
)


def written(cell: CellRequest) -> dict[str, bytes]:
    there = [name for name in FILES if (cell.folder / name).is_file()]
    return {name: (cell.folder / name).read_bytes() for name in there}


def elsewhere(cell: CellRequest, name: str) -> CellRequest:
    """The same cell in another folder."""
    folder = cell.folder.parent / name / cell.folder.name
    return dataclasses.replace(cell, folder=folder)


def checkpoints(cell: CellRequest) -> dict[str, int]:
    found = cell.working.glob("[!.]*.ckpt")
    return {path.name: path.stat().st_mtime_ns for path in found}


def killed_after(cell: CellRequest, epochs: int) -> None:
    """Train in a child process; SIGKILL once it has written so many epochs."""
    preload(PRELOADED)
    child = multiprocessing.get_context("forkserver").Process(
        target=train_fold, args=(cell,)
    )
    before, seen = checkpoints(cell), 0
    child.start()
    while seen < epochs:
        assert child.is_alive(), "it ended before it could be killed"
        time.sleep(0.001)
        now = checkpoints(cell)
        seen += now != before
        before = now
    child.kill()
    child.join()
    assert child.exitcode == -signal.SIGKILL
    assert not cell.folder.exists()


@pytest.mark.slow
def test_a_cell_killed_three_times_ends_with_the_same_bytes(tiny) -> None:
    """In the first epochs, between two learning rates, and near the end."""
    training = tiny.training(epochs=5, learning_rate=[0.003, 0.01], augmentation=RANDOM)
    undisturbed = tiny.cells(models=[FUSED], training=training)[0]
    expected = train_fold(undisturbed)

    cell = elsewhere(undisturbed, "killed")
    for epochs in (1, 4, 4):
        killed_after(cell, epochs)
    left = dataclasses.replace(cell, logs=("csv",))
    done = train_fold(left)
    assert written(cell) == written(undisturbed)
    assert len(written(cell)) == 4
    unlike = {"seconds", "exchange_seconds", "peak_mb"}
    assert {key: done[key] for key in done.keys() - unlike} == {
        key: expected[key] for key in expected.keys() - unlike
    }
    # What was left to do is the last epoch of the second rate alone, and the first
    # rate is not retrained.
    logged = sorted(left.log_folder.glob("version_*/metrics.csv"))
    epochs = [set(pd.read_csv(path)["epoch"]) for path in logged]
    assert epochs == [{4}]
    assert not cell.working.exists()


class Interrupted(Exception):  # noqa: N818 - it is not an error
    """What stands for the end of a process."""


class Interrupting(CSVLogger):
    """A logger that ends training after an epoch's validation."""

    def __init__(self, folder: Path, epoch: int) -> None:
        super().__init__(folder)
        self.epoch = epoch

    def log_metrics(self, metrics, step=None) -> None:
        del step
        if metrics.get("epoch") == self.epoch:
            raise Interrupted


LOST = (
    "CUDA error: unspecified launch failure\nCUDA kernel errors might be"
    " asynchronously reported at some other API call"
)
"""A GPU that is lost, as torch reports it."""


def lost_in(epoch: int) -> Callable[..., torch.Tensor]:
    """Make a training step that loses the GPU in the middle of an epoch."""
    real = ClassificationTask.training_step

    def step(task: ClassificationTask, batch, number: int) -> torch.Tensor:
        if task.current_epoch == epoch and number == 1:
            raise torch.AcceleratorError(LOST)
        return real(task, batch, number)

    return step


def test_a_gpu_that_vanishes_in_mid_epoch_fails_the_cell_which_goes_on(
    tiny, monkeypatch
) -> None:
    training = tiny.training(epochs=3, batch_size=4)
    undisturbed = tiny.cells(models=[FUSED], training=training)[0]
    train_fold(undisturbed)
    cell = elsewhere(undisturbed, "vanished")
    with monkeypatch.context() as patched:
        patched.setattr(ClassificationTask, "training_step", lost_in(2))
        # In this process, as a child answers.
        found = child._answer(pickle.dumps((train_fold, cell)))
    assert (found.status, found.value) == ("machine", None)
    assert found.reason.startswith("AcceleratorError: CUDA error: unspecified launch")
    assert "\n" not in found.reason
    assert checkpoints(cell)
    began = []
    real = ClassificationTask.training_step
    with monkeypatch.context() as patched:
        patched.setattr(
            ClassificationTask,
            "training_step",
            lambda task, *given: began.append(task.current_epoch) or real(task, *given),
        )
        train_fold(cell)
    assert set(began) == {2}
    assert written(cell) == written(undisturbed)


CHOICES = {
    "last": {"selection": "last", "schedule": "cosine"},
    "patience": {"patience": 1, "learning_rate": 0.5, "schedule": "constant"},
    "balanced": {
        "balanced_sampling": True,
        "batch_size": 8,
        "accumulate": 2,
        "gradient_clip": 1.0,
    },
}


@pytest.mark.parametrize("changes", CHOICES.values(), ids=CHOICES)
@pytest.mark.parametrize("epoch", [1, 2])
def test_an_interrupted_cell_goes_on(tiny, monkeypatch, changes, epoch) -> None:
    training = tiny.training(epochs=4, **changes)
    undisturbed = tiny.cells(models=[FUSED], training=training)[0]
    train_fold(undisturbed)
    cell = elsewhere(undisturbed, "interrupted")
    with monkeypatch.context() as patched:
        # The one place where a logger of the test's can come in.
        patched.setattr(
            "crosswarp.training.fold.make_loggers",
            lambda *_: [Interrupting(tiny.folder, epoch)],
        )
        with pytest.raises(Interrupted):
            train_fold(cell)
    assert checkpoints(cell)
    train_fold(cell)
    assert written(cell) == written(undisturbed)


@pytest.mark.parametrize(
    "changes",
    [
        {"patience": 1, "learning_rate": 0.5, "schedule": "constant"},
        {"selection": "last"},
    ],
    ids=["stopped", "last"],
)
def test_a_cell_that_lacks_only_its_predictions_trains_no_more(tiny, changes) -> None:
    """A file stands where the cell's folder should be, so that writing fails."""
    cell = tiny.cells(training=tiny.training(epochs=20, **changes))[0]
    cell.folder.parent.mkdir(parents=True)
    cell.folder.write_text("in the way")
    with pytest.raises(NotADirectoryError):
        train_fold(cell)
    cell.folder.unlink()
    before = checkpoints(cell)
    assert before
    left = dataclasses.replace(cell, logs=("csv",))
    done = train_fold(left)
    assert not list(left.log_folder.glob("version_*/metrics.csv"))
    undisturbed = elsewhere(cell, "undisturbed")
    train_fold(undisturbed)
    assert written(cell) == written(undisturbed)
    assert (done["epochs"] < 20) == ("patience" in changes)


def test_a_damaged_or_foreign_checkpoint_is_not_used(tiny) -> None:
    cell = tiny.cells(training=tiny.training(epochs=1))[0]
    undisturbed = elsewhere(cell, "undisturbed")
    train_fold(undisturbed)
    cell.working.mkdir(parents=True)
    foreign = cell.working / "0123456789abcdef-0.003.ckpt"
    torch.save({"state_dict": {}}, foreign)
    (cell.working / f"{cell.fingerprint}-0.003.ckpt").write_bytes(b"half of it")
    train_fold(cell)
    assert written(cell) == written(undisturbed)
    assert not foreign.exists()


def test_of_several_learning_rates_the_least_validation_loss_is_kept(tiny) -> None:
    training = tiny.training(epochs=3, learning_rate=[1.0, 0.003, 1e-5])
    cell = tiny.cells(training=training)[0]
    done = train_fold(cell)
    rates = read_table(cell.folder / "learning_rates.tsv")
    assert rates["learning_rate"].tolist() == [1.0, 0.003, 1e-5]
    chosen = rates[rates["chosen"]]
    assert chosen["val_loss"].tolist() == [rates["val_loss"].min()]
    assert done["learning_rate"] == chosen["learning_rate"].item()
    assert read_json(cell.folder / "done.json")["learning_rate"] == 0.003
    curve = read_table(cell.folder / "learning_curve.tsv")
    assert curve["val_loss"].min() == pytest.approx(done["val_loss"])
    # One rate alone gives what it gave among others.
    alone = tiny.cells(training=tiny.training(epochs=3, learning_rate=0.003))[0]
    alone = elsewhere(alone, "alone")
    train_fold(alone)
    names = ("predictions.tsv", "bundle/weights.safetensors")
    assert all(written(alone)[name] == written(cell)[name] for name in names)
