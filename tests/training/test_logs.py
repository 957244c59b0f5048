"""Logs: local files, beside what is always written."""

import dataclasses
import sys

import pandas as pd
import pytest

from crosswarp.bids.tables import read_table
from crosswarp.errors import MissingPackageError
from crosswarp.training.cross_validation import cross_validate
from crosswarp.training.experiment import read_experiment
from crosswarp.training.fold import train_fold
from crosswarp.training.logs import make_loggers


def test_none_unless_asked_for(tmp_path) -> None:
    assert make_loggers((), tmp_path) == []


def test_both_kinds_hold_the_learning_curve(tiny) -> None:
    pytest.importorskip("tensorboard")
    from tensorboard.backend.event_processing.event_accumulator import EventAccumulator

    cell = tiny.cells(training=tiny.training(epochs=3))[0]
    cell = dataclasses.replace(cell, logs=("csv", "tensorboard"))
    train_fold(cell)
    curve = read_table(cell.folder / "learning_curve.tsv")["val_loss"]

    (table,) = cell.log_folder.glob("version_*/metrics.csv")
    logged = pd.read_csv(table)["val/loss"].dropna()
    assert logged.tolist() == pytest.approx(curve.tolist(), rel=1e-5)
    (events,) = cell.log_folder.glob("version_*/events.*")
    read = EventAccumulator(str(events))
    read.Reload()
    scalars = [event.value for event in read.Scalars("val/loss")]
    assert scalars == pytest.approx(curve.tolist(), rel=1e-5)


def test_without_tensorboard_it_is_said_before_anything(tiny, monkeypatch) -> None:
    for name in list(sys.modules):
        if name.partition(".")[0] in ("tensorboard", "tensorboardX"):
            monkeypatch.delitem(sys.modules, name)
    monkeypatch.setitem(sys.modules, "tensorboard", None)
    monkeypatch.setitem(sys.modules, "tensorboardX", None)
    run = tiny.folder / "run"
    with pytest.raises(MissingPackageError, match=r"pip install 'crosswarp\[logs\]'"):
        cross_validate(read_experiment(tiny.write()), run, logs=("tensorboard",))
    assert not run.exists()
