"""A real pretraining on tiny maps: learns, goes on when killed, says whom it saw."""

import multiprocessing
import os
import signal
import threading
import time
from pathlib import Path

import pandas as pd
import pytest
import torch
from safetensors.torch import load_file

from crosswarp.bids.tables import read_table, write_table
from crosswarp.cli.pretrain import pretrain as command
from crosswarp.errors import (
    InputError,
    LockedError,
    MissingDerivativeError,
    OccupiedError,
)
from crosswarp.execution.isolated import preload
from crosswarp.locks import locked
from crosswarp.models.build import build_network
from crosswarp.models.own_weights import read_card, start_from_own
from crosswarp.pretraining.pretrain import plan_pretraining, pretrain
from crosswarp.pretraining.settings import PretrainingSettings

FILES = ("weights.safetensors", "pretraining.json", "learning_curve.tsv")
RANDOM = {"rotation_degrees": 3, "flip": True}


class Heard:
    """What a pretraining says of itself."""

    def __init__(self) -> None:
        self.notes: list[str] = []

    def stage(self, name: str, total: int) -> None:
        self.notes.append(f"{name} {total}")

    def advance(self, note: str = "") -> None:
        self.notes.append(note)

    def news(self, piece: str, text: str) -> None:
        del piece, text

    def done(self) -> None:
        """Say nothing."""


def written(folder: Path) -> dict[str, bytes]:
    return {name: (folder / name).read_bytes() for name in FILES}


def killed_after(settings: PretrainingSettings, folder: Path, epochs: int) -> None:
    """Pretrain in a child process; SIGKILL once so many epochs are written."""
    preload(("torch", "lightning", "crosswarp.pretraining.pretrain"))
    child = multiprocessing.get_context("forkserver").Process(
        target=pretrain, args=(settings, folder)
    )
    working = folder.with_name(f".unfinished-{folder.name}")
    seen: set[int] = set()
    child.start()
    while len(seen) < epochs:
        assert child.is_alive(), "it ended before it could be killed"
        time.sleep(0.001)
        found = list(working.glob("[!.]*.ckpt"))
        seen |= {path.stat().st_mtime_ns for path in found}
    child.kill()
    child.join()
    assert child.exitcode == -signal.SIGKILL
    assert not folder.exists()


@pytest.mark.slow
def test_killed_and_given_again_it_writes_the_same_bytes(tiny) -> None:
    settings = tiny.settings(epochs=4, augmentation=RANDOM)
    whole, killed = tiny.folder / "whole", tiny.folder / "killed"
    card = pretrain(settings, whole)
    assert len(card.participants) == 10
    killed_after(settings, killed, 2)
    heard = Heard()
    assert pretrain(settings, killed, heard) == card
    assert written(killed) == written(whole)
    # The first two epochs are not trained again.
    epochs = [note.split(",")[0] for note in heard.notes if note.startswith("epoch")]
    assert epochs in (["epoch 3", "epoch 4"], ["epoch 4"])
    assert not list(tiny.folder.glob(".unfinished-*"))
    curve = read_table(killed / "learning_curve.tsv")
    assert curve["epoch"].tolist() == [0, 1, 2, 3]
    assert curve["train_loss"].iloc[-1] < curve["train_loss"].iloc[0]
    assert card.loss == pytest.approx(curve["train_loss"].iloc[-1], rel=1e-6)
    before = (whole / "weights.safetensors").stat().st_mtime_ns
    assert pretrain(settings, whole) == card
    assert (whole / "weights.safetensors").stat().st_mtime_ns == before
    other = tiny.settings(epochs=4, seed=2)
    with pytest.raises(OccupiedError, match="with other settings or scans"):
        pretrain(other, whole)


@pytest.mark.slow
def test_a_network_starts_from_what_was_learned(tiny, capsys) -> None:
    out = tiny.folder / "own"
    path = tiny.write(epochs=1)
    command(path, out, check=True)
    said = capsys.readouterr().out
    assert "scans: 10 of 10 participants\nmaps: 26x26x26 voxels at 2 mm\n" in said
    assert not out.exists()
    command(path, out, quiet=True)
    assert "10 participants seen" in capsys.readouterr().out
    settings = tiny.settings(epochs=1)
    torch.manual_seed(5)
    network = build_network(settings.model, 2, (26, 26, 26))
    found = load_file(out / "weights.safetensors")
    assert start_from_own(network, settings.model, out) == len(found)
    torch.manual_seed(settings.seed)
    assert read_card(out).origin == "real"


def test_who_is_left_out_is_not_seen(tiny) -> None:
    scans = read_table(tiny.folder / "scans.tsv")
    write_table(tiny.folder / "tested.tsv", scans.iloc[:4])
    plan = plan_pretraining(tiny.settings(leave_out=["tested.tsv"]))
    assert plan.participants == tuple(scans["participant_id"][4:])
    assert plan.fingerprint != plan_pretraining(tiny.settings()).fingerprint
    with pytest.raises(InputError, match=r"10 scans, and after leave_out none is left"):
        plan_pretraining(tiny.settings(leave_out=["scans.tsv"]))


def test_who_is_left_out_under_another_spelling_is_refused(tiny) -> None:
    scans = read_table(tiny.folder / "scans.tsv")
    name = str(scans["participant_id"][3])
    short = name.removeprefix("sub-").lstrip("0")
    write_table(tiny.folder / "tested.tsv", pd.DataFrame({"participant_id": [short]}))
    with pytest.raises(InputError, match=f"names {short}, .* has {name}: write"):
        plan_pretraining(tiny.settings(leave_out=["tested.tsv"]))
    write_table(tiny.folder / "tested.tsv", pd.DataFrame({"participant_id": ["x"]}))
    assert len(plan_pretraining(tiny.settings(leave_out=["tested.tsv"])).samples) == 10


def test_without_a_table_the_ledger_says_who_has_maps(tiny) -> None:
    scans = read_table(tiny.folder / "scans.tsv")
    status = ["ok"] * 9 + ["failed"]
    write_table(tiny.folder / "derivatives/ledger.tsv", scans.assign(status=status))
    plan = plan_pretraining(tiny.settings(scans=None))
    assert len(plan.samples) == 9
    ledger = read_table(tiny.folder / "derivatives/ledger.tsv")
    space = "MNI152NLin2009cSym"
    grids = [
        ledger.assign(space=space, resolution=1, status="failed"),
        ledger.assign(space=space, resolution=2),
    ]
    write_table(tiny.folder / "derivatives/ledger.tsv", pd.concat(grids))
    assert len(plan_pretraining(tiny.settings(scans=None)).samples) == 9
    virtual = tiny.settings(scans="cohort.tsv")
    assert {s.origin for s in plan_pretraining(virtual).samples} == {"virtual"}
    assert {s.diagnosis for s in plan_pretraining(virtual).samples} == {"n/a"}


def test_scans_without_maps_and_occupied_folders_are_refused(tiny) -> None:
    scans = read_table(tiny.folder / "scans.tsv")
    more = scans.assign(participant_id=[f"sub-x{n}" for n in range(10)])
    write_table(tiny.folder / "more.tsv", more)
    with pytest.raises(MissingDerivativeError, match="10 of 10 scans have no maps"):
        plan_pretraining(tiny.settings(scans="more.tsv"))
    with pytest.raises(OccupiedError, match="holds something else than a pretraining"):
        pretrain(tiny.settings(), tiny.folder)
    within = tiny.folder / "derivatives"
    with pytest.raises(OccupiedError, match="holds something else than a pretraining"):
        pretrain(tiny.settings(), within)


def test_a_loss_that_is_no_number_is_refused(tiny) -> None:
    """AdamW multiplies weights by 1 - 10 at each of 80 steps."""
    model = {"like": "compact_jsm", "name": "one", "features": 4}
    wild = {"learning_rate": 1.0, "weight_decay": 10.0, "batch_size": 1}
    settings = tiny.settings(model=model, epochs=8, **wild)
    with pytest.raises(InputError, match=r"the loss is (nan|inf), expected a number"):
        pretrain(settings, tiny.folder / "out")
    assert not (tiny.folder / "out").exists()


def test_one_process_at_a_time_pretrains_into_a_folder(tiny) -> None:
    """And what a killed one was renaming is swept, but nothing of others."""
    folder, others = tiny.folder / "own", tiny.folder / ".part-of-a-download"
    left = tiny.folder / ".part-elsewhere-1-own"
    for path in (left, others):
        path.touch()
        os.utime(path, (0, 0))
    met: list[BaseException] = []

    def second() -> None:
        try:
            pretrain(tiny.settings(), folder)
        except LockedError as error:
            met.append(error)

    with locked(tiny.folder / ".unfinished-own"):
        thread = threading.Thread(target=second)
        thread.start()
        thread.join()
    assert len(met) == 1
    assert left.exists()
    with pytest.raises(MissingDerivativeError):
        pretrain(tiny.settings(resolution=1), folder)
    assert not left.exists()
    assert others.exists()
    assert not list(tiny.folder.glob(".unfinished-*"))
