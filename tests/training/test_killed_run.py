"""A comparison that is killed anywhere is refused by readers, and ends as it should."""

import json
import os
import shutil
import threading
from collections.abc import Callable
from pathlib import Path

import pytest

from crosswarp.documents import read_json
from crosswarp.errors import LockedError, MixedError
from crosswarp.evaluation.evaluate import evaluate_run
from crosswarp.evaluation.tables import COLUMNS
from crosswarp.evaluation.tasks import runs_of
from crosswarp.locks import locked
from crosswarp.prediction.places import find_bundles
from crosswarp.provenance import write_record
from crosswarp.report.assemble import write_report
from crosswarp.study.run import require_run
from crosswarp.training import cross_validation as module
from crosswarp.training import tasks as tasks_module
from crosswarp.training.baseline import BaselineRequest
from crosswarp.training.cell import CellRequest
from crosswarp.training.cross_validation import cross_validate, is_done
from crosswarp.training.experiment import read_experiment
from crosswarp.training.tasks import compare_tasks
from crosswarp.verification.folder import verify

STEPS = ("begin_run", "_write_choices", "sweep", "write_store", "_train")
ENDS = ("merge_predictions", "merge_exchanges", "finish_run")


def written_by_hand(cell: CellRequest | BaselineRequest) -> None:
    """Write a cell without fitting anything."""
    shutil.rmtree(cell.folder, ignore_errors=True)
    (cell.folder / "bundle").mkdir(parents=True)
    (cell.folder / "bundle" / "bundle.json").write_text(cell.fingerprint)
    lines = ["model repeat fold split participant_id session_id diagnosis origin"]
    lines[0] += " probability_CN probability_AD"
    chance = int(cell.fingerprint[:4], 16) / 2**17
    lines += [
        f"{cell.model.name} {cell.repeat} {cell.fold} test {s.scan.participant_id} n/a"
        f" {s.diagnosis} real {1 - chance} {chance}"
        for s in cell.scans
        if s.split == "test"
    ]
    text = "\n".join(line.replace(" ", "\t") for line in lines) + "\n"
    (cell.folder / "predictions.tsv").write_text(text)
    write_record(
        cell.folder / "done.json",
        {"fingerprint": cell.fingerprint},
        products=["predictions.tsv", "bundle/bundle.json"],
    )


@pytest.fixture
def untrained(monkeypatch: pytest.MonkeyPatch) -> list[str]:
    """Cells are written by hand, in no time; names of those that were."""
    made: list[str] = []

    def train(todo: dict[str, CellRequest], *_: object) -> dict[str, object]:
        for name, cell in todo.items():
            written_by_hand(cell)
            made.append(name)
        return {}

    monkeypatch.setattr(module, "_train", train)
    monkeypatch.setattr(module, "write_store", lambda folder, *_: folder.mkdir())
    return made


def dying(*_: object, **__: object) -> None:
    raise KeyboardInterrupt


def everything(run: Path) -> dict[str, bytes]:
    paths = (path for path in run.rglob("*") if path.is_file())
    return {path.relative_to(run).as_posix(): path.read_bytes() for path in paths}


@pytest.mark.usefixtures("untrained")
def test_new_settings_never_have_old_predictions(
    tiny, monkeypatch: pytest.MonkeyPatch
) -> None:
    run, undisturbed = tiny.folder / "run", tiny.folder / "undisturbed"
    old = read_experiment(tiny.write())
    new = read_experiment(tiny.write(seed=2))
    cross_validate(new, undisturbed)
    for step in (*STEPS, *ENDS):
        cross_validate(old, run)
        evaluate_run(run, resamples=100)
        with monkeypatch.context() as context:
            context.setattr(module, step, dying)
            with pytest.raises(KeyboardInterrupt):
                cross_validate(new, run)
        if step == "begin_run":
            assert require_run(run).cells  # nothing was changed
            continue
        for read in (evaluate_run, write_report, require_run):
            with pytest.raises(MixedError, match="`crosswarp compare` was begun"):
                read(run)
        with pytest.raises(MixedError, match="`crosswarp compare` was begun"):
            find_bundles(run / "models" / "jsm")
        assert any(f.path == "run.json" for f in verify(run)[0].findings)
        cross_validate(new, run)
        (run / "metrics.json").unlink()
        left = everything(run)
        for table in COLUMNS:
            left.pop(table)
        assert left == everything(undisturbed), step
        shutil.rmtree(run)


@pytest.mark.usefixtures("untrained")
def test_a_folder_in_which_nothing_is_finished_is_resumed(tiny) -> None:
    run = tiny.folder / "run"
    several = read_experiment(tiny.write(tasks=[["CN", "AD"], ["AD", "CN"]]))
    for folder, experiment in (
        (run, read_experiment(tiny.write())),
        (run / "CN-AD", several),
    ):
        folder.mkdir(parents=True)
        (folder / f".part-{os.uname().nodename}-999999999-environment.json").touch()
        compare_tasks(experiment, run)
        assert not list(run.rglob(".part-*"))
        shutil.rmtree(run)


def test_what_killed_runs_left_is_swept(tiny, untrained: list[str]) -> None:
    run = tiny.folder / "run"
    experiment = read_experiment(tiny.write())
    cross_validate(experiment, run)
    made = len(untrained)
    (run / "cache").mkdir()
    (run / "cache" / "t1w.npy").touch()
    (run / "logs").mkdir()
    (run / "logs" / "gone.log").touch()
    (run / "models" / "jsm" / ".unfinished-repeat-0_fold-0").mkdir()
    (run / "models" / "jsm" / ".part-elsewhere-1-x").mkdir()
    os.utime(run / "models" / "jsm" / ".part-elsewhere-1-x", (0, 0))
    assert len(verify(run)[0].findings) == 3  # logs are of use
    cross_validate(experiment, run)
    assert len(untrained) == made
    assert sorted(path.name for path in (run / "models" / "jsm").iterdir()) == [
        "repeat-0_fold-0",
        "repeat-0_fold-1",
    ]
    assert not (run / "cache").exists()
    assert not (run / "logs").exists()
    assert verify(run)[0].findings == []


def test_checkpoints_of_cells_that_go_on_are_kept(tiny, untrained: list[str]) -> None:
    run = tiny.folder / "run"
    experiment = read_experiment(tiny.write())
    going_on = run / "models" / "jsm" / ".unfinished-repeat-0_fold-1"
    going_on.mkdir(parents=True)
    (run / "run.json").write_text('{"format": "crosswarp-run-1", "state": "begun"}')
    cross_validate(experiment, run)
    assert len(untrained) == 2
    assert going_on.exists()


@pytest.mark.parametrize(
    ("name", "spoil"),
    [
        ("bundle/bundle.json", Path.unlink),
        ("bundle/bundle.json", lambda path: path.write_text("")),
        (
            "predictions.tsv",
            lambda path: path.write_bytes(path.read_bytes()[:-1] + b"~"),
        ),
        ("done.json", lambda path: path.write_text("{")),
    ],
)
def test_a_cell_is_done_when_every_file_is_there(
    tiny, untrained: list[str], name: str, spoil: Callable[[Path], object]
) -> None:
    run = tiny.folder / "run"
    experiment = read_experiment(tiny.write())
    cross_validate(experiment, run)
    whole = everything(run)
    spoil(run / "models" / "jsm" / "repeat-0_fold-1" / name)
    untrained.clear()
    cross_validate(experiment, run)
    assert untrained == ["jsm repeat 0 fold 1"]
    assert everything(run) == whole


@pytest.mark.usefixtures("untrained")
def test_a_cell_of_the_version_before_names_no_files(tiny) -> None:
    run = tiny.folder / "run"
    cross_validate(read_experiment(tiny.write()), run)
    (cell, *_) = tiny.cells()
    path = cell.folder / "done.json"
    done = read_json(path)
    del done["products"], done["made_from"]
    path.write_text(json.dumps(done))
    assert is_done(cell)


@pytest.mark.usefixtures("untrained")
def test_tasks_count_when_the_last_is_trained(
    tiny, monkeypatch: pytest.MonkeyPatch
) -> None:
    run = tiny.folder / "run"
    tasks = [["CN", "AD"], ["AD", "CN"]]
    compare_tasks(read_experiment(tiny.write(tasks=tasks)), run)
    assert [path.name for path in runs_of(run)] == ["AD-CN", "CN-AD"]
    known, calls = cross_validate, []

    def die_at_the_second(*args: object, **named: object) -> object:
        calls.append(args)
        if len(calls) == 2:
            raise KeyboardInterrupt
        return known(*args, **named)

    with monkeypatch.context() as context:
        context.setattr(tasks_module, "cross_validate", die_at_the_second)
        with pytest.raises(KeyboardInterrupt):
            compare_tasks(read_experiment(tiny.write(tasks=tasks, seed=2)), run)
    for folder in (run, run / "AD-CN"):
        with pytest.raises(MixedError, match="`crosswarp compare` was begun"):
            runs_of(folder) if folder == run else evaluate_run(folder)
    require_run(run / "CN-AD")  # of the new settings, and whole
    compare_tasks(read_experiment(tiny.write(tasks=tasks[:1], seed=2)), run)
    assert [path.name for path in runs_of(run)] == ["CN-AD"]


def test_the_second_of_two_is_refused_and_changes_nothing(
    tiny, untrained: list[str]
) -> None:
    run = tiny.folder / "run"
    experiment = read_experiment(tiny.write())
    cross_validate(experiment, run)
    before, met = everything(run), []

    def second() -> None:
        try:
            compare_tasks(experiment, run)
        except LockedError as error:
            met.append(str(error))

    with locked(run):
        thread = threading.Thread(target=second)
        thread.start()
        thread.join()
        (told,) = met
        assert f"process {os.getpid()} on {os.uname().nodename}" in told
    assert everything(run) == before
    assert len(untrained) == 2
