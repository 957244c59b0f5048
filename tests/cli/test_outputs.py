"""Every command that writes, and what it refuses to write over."""

import json
from collections.abc import Callable
from pathlib import Path

import pytest
import torch
import yaml
from typer.testing import CliRunner, Result

from crosswarp.bids.cohort import read_cohort
from crosswarp.cli.flags import with_flags
from crosswarp.cli.main import COMMANDS, app
from crosswarp.cli.model import model
from crosswarp.errors import OccupiedError
from crosswarp.inputs.folds import make_folds, write_folds
from crosswarp.models.build import build_network
from crosswarp.models.bundle import BundleCard, save_bundle
from crosswarp.models.catalogue import CATALOGUE
from tests.made_maps import made, write_scans
from tests.report.fake_run import FakeRun
from tests.tiny_maps import RESOLUTION, SPACE, write_tiny_cohort


def call(*words: object) -> Result:
    return CliRunner().invoke(app, [str(word) for word in words])


def snapshot(folder: Path) -> dict[str, bytes]:
    return {
        path.relative_to(folder).as_posix(): path.read_bytes()
        for path in folder.rglob("*")
        if path.is_file()
    }


def write_bundle(folder: Path) -> Path:
    card = BundleCard(
        model=CATALOGUE["compact_jsm"],
        classes=("CN", "AD"),
        space=SPACE,
        resolution=RESOLUTION,
        grid_extent=(97, 115, 97),
        box=((40, 66), (40, 66), (40, 66)),
    )
    torch.manual_seed(0)
    save_bundle(folder, build_network(card.model, 2, card.extent).eval(), card)
    return folder


def write_choices(root: Path, **changes: object) -> Path:
    write_tiny_cohort(root, participants=12)
    cohort = read_cohort(root / "cohort.tsv")
    write_folds(root / "folds.tsv", make_folds(cohort, folds=2))
    model = {"like": "compact_jsm", "name": "jsm", "features": 8}
    places = {name: f"{name}.tsv" for name in ("cohort", "folds")}
    path = root / "choices.yaml"
    choices = {"name": "tiny", "derivatives": "derivatives", **places, **changes}
    path.write_text(yaml.safe_dump({"models": [model], **choices}))
    return path


def preprocess(root: Path, out: Path) -> Result:
    return call("preprocess", write_scans(root / "raw", "sub-01"), out)


def simulate(root: Path, out: Path) -> Result:
    del root
    return call("simulate", out, "--participants", 2)


def demo(root: Path, out: Path) -> Result:
    del root
    return call("demo", out)


def compare(root: Path, out: Path) -> Result:
    return call("compare", write_choices(root), out)


def compare_tasks(root: Path, out: Path) -> Result:
    tasks = [["CN", "AD"], ["AD", "CN"]]
    return call("compare", write_choices(root, tasks=tasks), out)


def pretrain(root: Path, out: Path) -> Result:
    write_tiny_cohort(root, participants=4)
    path = root / "choices.yaml"
    chosen = {"name": "tiny", "derivatives": "derivatives", "scans": "cohort.tsv"}
    path.write_text(yaml.safe_dump({**chosen, "model": "compact_jsm"}))
    return call("model", "pretrain", path, out)


def export(root: Path, out: Path) -> Result:
    return call("model", "export", write_bundle(root / "bundle"), out)


def predict(root: Path, out: Path) -> Result:
    scan = root / "sub-01_T1w.nii.gz"
    scan.write_text("scan")
    return call("predict", write_bundle(root / "bundle"), scan, out)


WRITERS: list[Callable[[Path, Path], Result]] = [
    preprocess,
    simulate,
    demo,
    compare,
    compare_tasks,
    pretrain,
    export,
    predict,
]
"""Commands that write a folder."""

IN_A_RUN = {
    "evaluate": "metrics.json",
    "power": "power.tsv",
    "explain": "attribution",
    "report": "figures",
}
"""Commands that write into a folder with predictions: one of their names."""

TABLES = {"cohort", "folds"}
FILES = {"jacobian"}  # tests/registration/foreign
STUDIES = {"init", "run"}  # tests/running
VIEWER = {"serve"}  # tests/viewer
NOTHING = {"models", "verify"}


def test_every_command_is_tried() -> None:
    tried = {writer.__name__ for writer in WRITERS} - {"compare_tasks"}
    known = {command.__name__ for command in COMMANDS}
    known |= {each.callback.__name__ for each in model.registered_commands}
    # `model weights fetch` is in tests/models/weights.
    assert known == tried | set(IN_A_RUN) | TABLES | FILES | STUDIES | VIEWER | NOTHING


def write_fmriprep(out: Path) -> None:
    (out / "sub-01" / "anat").mkdir(parents=True)
    (out / "sub-01" / "anat" / "sub-01_desc-preproc_T1w.nii.gz").write_text("map")
    generated = {"DatasetType": "derivative", "GeneratedBy": [{"Name": "fMRIPrep"}]}
    text = json.dumps({"Name": "fMRIPrep outputs", **generated})
    (out / "dataset_description.json").write_text(text)


def write_thesis(out: Path) -> None:
    (out / "figures").mkdir(parents=True)
    (out / "experiment.yaml").write_text("name: mine")
    (out / "figures" / "roc.svg").write_text("mine")


@pytest.mark.parametrize("fill", [write_fmriprep, write_thesis])
@pytest.mark.parametrize("command", WRITERS, ids=lambda c: c.__name__)
def test_a_folder_of_something_else_stays(command, fill, tmp_path: Path) -> None:
    out = tmp_path / "out"
    fill(out)
    before = snapshot(out)
    result = command(tmp_path, out)
    assert isinstance(result.exception, OccupiedError), result.output
    assert "holds something else than" in str(result.exception)
    assert "\n" not in str(result.exception)
    assert snapshot(out) == before


@pytest.mark.parametrize("command", WRITERS, ids=lambda c: c.__name__)
def test_an_output_of_another_command_stays(command, tmp_path: Path) -> None:
    out = tmp_path / "out"
    if command is preprocess:
        (out / "derivatives" / "truth").mkdir(parents=True)
        (out / "derivatives" / "truth" / "simulation.json").write_text("{}")
    else:
        made(write_scans(tmp_path / "other", "sub-01"), out)
    before = snapshot(out)
    result = command(tmp_path, out)
    assert isinstance(result.exception, OccupiedError), result.output
    assert snapshot(out) == before


@pytest.mark.parametrize(("command", "name"), IN_A_RUN.items())
def test_files_beside_given_predictions_stay(command, name, tmp_path: Path) -> None:
    """A user's own folder with predictions.tsv, and files of the same names."""
    run = FakeRun(participants=8, folds=2, strengths={"one": 1.0, "two": 1.0})
    folder = run.write(tmp_path)
    (folder / "environment.json").unlink()
    if command == "explain":
        write_choices(tmp_path).rename(folder / "experiment.yaml")
        for place in ("cohort.tsv", "folds.tsv", "derivatives"):
            (tmp_path / place).rename(folder / place)
    path = folder / name
    if "." not in name:
        path.mkdir(exist_ok=True)
        path = path / "roc.svg"
    path.write_text("mine")
    before = snapshot(folder)
    result = call(command, folder)
    assert isinstance(result.exception, OccupiedError), result.output
    assert f"has {name}" in str(result.exception)
    assert snapshot(folder) == before


@pytest.mark.slow
def test_a_report_keeps_what_lies_beside_its_figures(tmp_path: Path) -> None:
    run = FakeRun(participants=8, folds=2, strengths={"one": 1.0}).write(tmp_path)
    assert call("evaluate", run, "--resamples", 100).exit_code == 0
    (run / "figures").mkdir()
    (run / "figures" / "mine.svg").write_text("mine")
    for _ in range(2):
        result = call("report", run)
        assert result.exit_code == 0, result.output
    (run / "environment.json").unlink()
    assert call("report", run).exit_code == 0
    assert (run / "figures" / "mine.svg").read_text() == "mine"
    assert (run / "figures" / "roc.svg").is_file()


def test_cohort_and_folds_never_replace_their_input(tmp_path: Path) -> None:
    raw = write_scans(tmp_path / "raw", "sub-01", "sub-02", "sub-03", "sub-04")
    people = raw / "participants.tsv"
    rows = [f"sub-0{n}\tn/a\t{('CN', 'AD')[n % 2]}\n" for n in (1, 2, 3, 4)]
    people.write_text("participant_id\tsession_id\tdiagnosis\n" + "".join(rows))
    before = snapshot(raw)
    result = call("cohort", raw, people, "--overwrite")
    assert "is what is read" in str(result.exception)
    table, folds = tmp_path / "cohort.tsv", tmp_path / "folds.tsv"
    for _ in range(2):
        assert call("cohort", raw, table).exit_code == 0
    said = call("folds", table, table, "--folds", 2, "--overwrite")
    assert "is what is read" in str(said.exception)
    made_before = table.read_bytes()
    options = ("--folds", 2, "--validation-fraction", 0)
    for _ in range(2):
        assert call("folds", table, folds, *options).exit_code == 0
    said = call("folds", table, folds, *options, "--seed", 1)
    assert "give --overwrite" in with_flags(str(said.exception))
    said = call("folds", table, folds, *options, "--seed", 1, "--overwrite")
    assert said.exit_code == 0
    assert "no table of this command" in str(call("cohort", raw, folds).exception)
    assert (snapshot(raw), table.read_bytes()) == (before, made_before)


def test_preprocess_says_what_it_would_do_again(tmp_path: Path) -> None:
    raw, out = write_scans(tmp_path / "raw", "sub-01"), tmp_path / "out"
    made(raw, out, brain_mask="template")
    before = snapshot(out)
    words = ("preprocess", raw, out, "--resolution", 2, "--quiet")
    result = call(*words)
    assert with_flags(str(result.exception)).startswith(
        "1 scan (sub-01) was made with --brain-mask template; this run asks for"
        " --brain-mask deepbet: they would be made again. Give --brain-mask template"
    )
    assert snapshot(out) == before
    assert call(*words, "--brain-mask", "template").exit_code == 0
    assert snapshot(out) == before


def test_the_raw_data_set_is_no_output(tmp_path: Path) -> None:
    raw = write_scans(tmp_path / "bids", "sub-01")
    described = {"Name": "My study", "BIDSVersion": "1.8.0", "Authors": ["A", "B"]}
    (raw / "dataset_description.json").write_text(json.dumps(described))
    (raw / ".bidsignore").write_text("sub-99/\n")
    before = snapshot(raw)
    result = call("preprocess", raw, raw, "--resolution", 2, "--registration", "greedy")
    assert str(result.exception) == (
        f"{raw} holds something else than maps of scans: the data set 'My study';"
        " nothing was changed. Choose a new or empty folder, such as"
        f" {raw / 'derivatives' / 'crosswarp'}"
    )
    assert snapshot(raw) == before
