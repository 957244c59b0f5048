"""verify: what is damaged, gone, changed, mixed or unfinished, and what mends it."""

import hashlib
import json
import shutil
from pathlib import Path

import pytest
from typer.testing import CliRunner

from crosswarp.bids.ids import ScanId
from crosswarp.bids.tables import read_table, write_table
from crosswarp.cli.flags import with_flags
from crosswarp.cli.main import app
from crosswarp.documents import read_json
from crosswarp.errors import InputError
from crosswarp.evaluation.evaluate import evaluate_run
from crosswarp.files import write_json
from crosswarp.inputs.scan_files import Derivatives, ScanFiles
from crosswarp.provenance import begin_record, files_in, write_record
from crosswarp.study.names import EXPERIMENT
from crosswarp.study.run import LINKED, begin_run, finish_run, sources_now
from crosswarp.verification.folder import verify
from tests.report.fake_run import SPACE, FakeRun, change_experiment

CELL = "models/one/repeat-0_fold-0"


@pytest.fixture(scope="module")
def study(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A run with a cell, its maps, and its evaluation; tests copy it."""
    root = tmp_path_factory.mktemp("study")
    fake = FakeRun(participants=8, folds=2, origin="real", strengths={"one": 1.5})
    run = fake.write(root)
    change_experiment(run, cohort="../c.tsv")
    (root / "cohort.tsv").rename(root / "c.tsv")
    write_cell(run / CELL)
    scan = ScanId("sub-000", "ses-M00")
    maps = Derivatives(root / "derivatives", SPACE, 2)
    paths = (maps.path(scan, desc) for desc in ("preproc", "logjacobian"))
    finish_run(
        run,
        ["predictions.tsv", "exchange.tsv", "environment.json", EXPERIMENT],
        sources_now(run, [EXPERIMENT, *LINKED]),
        cells={CELL: "f"},
        failed=[],
        maps={scan.label: ScanFiles(scan, "", "", *paths).digest()},
    )
    evaluate_run(run, resamples=100)
    return root


def write_cell(cell: Path) -> None:
    shutil.rmtree(cell)
    write_bundle(cell / "bundle")
    write_record(cell / "done.json", {"fingerprint": "f"}, products=files_in(cell))


def write_bundle(bundle: Path) -> None:
    bundle.mkdir(parents=True)
    (bundle / "weights.safetensors").write_bytes(b"weights")
    (bundle / "README.md").write_text("read me")
    digest = hashlib.sha256(b"weights").hexdigest()
    write_json(bundle / "bundle.json", {"weights_digest": digest})


@pytest.fixture
def run(study: Path, tmp_path: Path) -> Path:
    shutil.copytree(study, tmp_path / "study")
    return tmp_path / "study" / "run"


def findings(folder: Path) -> list[tuple[str, str]]:
    return [(f.kind, f.path) for one in verify(folder) for f in one.findings]


def test_a_whole_study_is_whole(run: Path) -> None:
    (one,) = verify(run.parent)
    assert (one.path, one.holds, one.findings) == ("run", "a run", [])
    found = CliRunner().invoke(app, ["verify", str(run.parent)])
    assert (found.exit_code, found.output) == (0, "run: a run: whole\n")


@pytest.mark.parametrize(
    ("name", "mend"),
    [
        ("predictions.tsv", "crosswarp compare"),
        (EXPERIMENT, "crosswarp compare"),
        ("comparisons.tsv", "crosswarp evaluate"),
        (f"{CELL}/bundle/weights.safetensors", "crosswarp compare"),
        (f"{CELL}/bundle/README.md", "crosswarp compare"),
    ],
)
def test_a_file_that_is_another_is_named_with_what_mends_it(
    run: Path, name: str, mend: str
) -> None:
    content = (run / name).read_bytes()
    for kind, changed in (
        ("changed", content[:-1] + b"~"),
        ("damaged", content[:-1]),
        ("gone", None),
    ):
        if changed is None:
            (run / name).unlink()
        else:
            (run / name).write_bytes(changed)
        (one,) = verify(run)
        assert (kind, name) in [(f.kind, f.path) for f in one.findings]
        assert any(mend in f.mend for f in one.findings if f.path == name)


@pytest.mark.parametrize(
    ("record", "left"),
    [
        ("run.json", CELL),
        ("metrics.json", "comparisons.tsv"),
        ("report.json", "report.html"),
        ("power.json", "power.tsv"),
        ("attribution/attribution.json", "attribution/one"),
    ],
)
def test_a_record_that_is_gone_is_told(run: Path, record: str, left: str) -> None:
    (run / record).unlink(missing_ok=True)
    if not (run / left).exists():
        (run / left).parent.mkdir(exist_ok=True)
        (run / left).touch()
    assert findings(run) == [("gone", record)]


def test_a_changed_experiment_file_mends_nothing(run: Path) -> None:
    def mend() -> str:
        (found,) = verify(run)
        return next(f.mend for f in found.findings if f.path == "predictions.tsv")

    (run / "predictions.tsv").unlink()
    assert mend() == f"crosswarp compare {run / EXPERIMENT} {run}"
    (run / EXPERIMENT).write_text("name: another\n")
    assert mend() == f"crosswarp compare EXPERIMENT {run}"


def test_what_was_made_of_others_is_mixed(run: Path) -> None:
    begin_record(run / "power.json")
    write_table(run.parent / "c.tsv", read_table(run.parent / "c.tsv").iloc[::-1])
    done = read_json(run / CELL / "done.json")
    write_json(run / CELL / "done.json", done | {"fingerprint": "g"})
    map_ = next((run.parent / "derivatives" / "sub-000").rglob("*logjacobian*.nii.gz"))
    map_.write_bytes(b"another")
    found = findings(run)
    assert ("mixed", "run.json") in found
    assert ("mixed", "metrics.json") in found
    assert ("mixed", f"{CELL}/done.json") in found
    assert ("unfinished", "power.json") in found
    map_.unlink()
    (run / CELL / "done.json").unlink()
    (run / "metrics.json").write_text("{")
    found = findings(run)
    assert ("gone", "run.json") in found
    assert ("gone", f"{CELL}/done.json") in found
    assert ("damaged", "metrics.json") in found


def test_what_killed_processes_left_is_named(run: Path) -> None:
    for name in ("cache", f"{CELL}/../.unfinished-x", "figures/.part-h-1-a.svg"):
        (run / name).mkdir(parents=True)
    record = read_json(run / "run.json")
    write_json(run / "run.json", record | {"failed": ["one repeat 0 fold 1"]})
    found = findings(run)
    assert [kind for kind, _ in found] == ["unfinished"] * 4
    begin_run(run)
    assert ("unfinished", "run.json") in findings(run)


def test_head_sizes_that_were_evaluated_are_those_of_the_ledger(run: Path) -> None:
    path = run.parent / "derivatives" / "ledger.tsv"
    write_table(path, read_table(path).assign(seconds=1.0))  # is nobody's number
    assert findings(run) == []
    write_table(path, read_table(path).assign(brain_volume_cm3=1.0))
    assert findings(run) == [("mixed", "metrics.json")]


def test_an_evaluation_of_the_version_before_is_told_by_its_predictions(
    run: Path,
) -> None:
    (run / "run.json").unlink()
    for done in run.rglob("done.json"):
        write_json(done, {"fingerprint": "f"})
    metrics = read_json(run / "metrics.json")
    older = {k: v for k, v in metrics.items() if k not in ("products", "made_from")}
    write_json(run / "metrics.json", older)
    write_json(run / "environment.json", {"versions": {"crosswarp": "0.0.1"}})
    assert findings(run) == []
    write_json(run / "metrics.json", older | {"predictions": "0"})
    assert findings(run) == [("mixed", "metrics.json")]


def test_each_task_is_verified(run: Path) -> None:
    folder = run.parent / "tasks"
    for name in ("A-B", "A-C", "A-D"):
        shutil.copytree(run, folder / name)
    finish_run(folder, ["A-B/run.json", "A-C/run.json"], tasks=["A-B", "A-C"])
    for name in ("A-B", "A-C"):
        (folder / name / EXPERIMENT).write_text("name: x\n")
    found = findings(folder)
    assert ("changed", f"A-B/{EXPERIMENT}") in found or (
        "damaged",
        f"A-B/{EXPERIMENT}",
    ) in found
    assert ("mixed", "A-D") in found
    begin_run(folder / "A-B")
    assert any(path == "A-B/run.json" for _, path in findings(folder))


def test_a_bundle_is_held_against_its_card(run: Path, tmp_path: Path) -> None:
    bundle = run / CELL / "bundle"
    assert findings(bundle) == []
    (bundle / "README.md").write_text("other")
    assert findings(bundle) == [("damaged", "README.md")]
    (bundle / "weights.safetensors").write_bytes(b"WEIGHTS")
    assert ("changed", "weights.safetensors") in findings(bundle)
    shutil.copytree(bundle, tmp_path / "alone")
    assert findings(tmp_path / "alone") == [("changed", "weights.safetensors")]
    (tmp_path / "alone" / "weights.safetensors").unlink()
    assert findings(tmp_path / "alone") == [("gone", "weights.safetensors")]
    (tmp_path / "alone" / "bundle.json").write_text("x")
    assert findings(tmp_path / "alone") == [("damaged", "bundle.json")]


def test_a_pretraining_and_an_export_are_verified(tmp_path: Path) -> None:
    weights = tmp_path / "weights"
    write_bundle(weights)
    card = read_json(weights / "bundle.json") | {"fingerprint": "f"}
    (weights / "bundle.json").unlink()
    write_json(weights / "pretraining.json", card)
    assert findings(weights) == [("gone", "learning_curve.tsv")]
    (weights / "learning_curve.tsv").touch()
    assert findings(weights) == []

    export = tmp_path / "export"
    (export / "configs").mkdir(parents=True)
    (export / "model.onnx").write_bytes(b"model")
    files = ["model.onnx", "configs", "other"]
    content = {"format": "monai", "card": {}, "files": files}
    write_record(export / "export.json", content, products=["model.onnx"])
    assert findings(export) == [("gone", "other")]
    [finding] = verify(export)[0].findings
    command = f"crosswarp model export BUNDLE {export} --format monai"
    assert with_flags(finding.mend) == command
    (export / "model.onnx").unlink()
    assert findings(export) == [("gone", "model.onnx"), ("gone", "other")]


def test_a_folder_of_others_is_refused(tmp_path: Path) -> None:
    (tmp_path / "a" / "b" / "c" / "d").mkdir(parents=True)
    with pytest.raises(InputError, match="holds nothing that crosswarp made"):
        verify(tmp_path)


def test_programs_read_json_and_the_exit_code(run: Path) -> None:
    (run / "comparisons.tsv").unlink()
    found = CliRunner().invoke(app, ["verify", "--json", str(run)])
    assert found.exit_code == 1
    told = json.loads(found.output)
    assert told["whole"] is False
    (finding,) = told["outputs"][0]["findings"]
    assert finding["path"] == "comparisons.tsv"
    assert finding["mend"] == f"crosswarp evaluate {run}"
    found = CliRunner().invoke(app, ["verify", str(run)])
    assert found.exit_code == 1
    assert "gone: comparisons.tsv: is gone; to mend: crosswarp evaluate" in found.output
