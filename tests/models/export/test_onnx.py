"""ONNX: what ONNX Runtime answers is what the original answers, or nothing is left."""

import sys
import threading
from pathlib import Path
from typing import Any

import numpy as np
import onnxruntime
import pytest
import torch

from crosswarp.bids.tables import write_table
from crosswarp.documents import read_json
from crosswarp.errors import (
    InputError,
    LockedError,
    MissingPackageError,
    MixedError,
    OccupiedError,
)
from crosswarp.evaluation.evaluate import evaluate_run
from crosswarp.files import write_json
from crosswarp.locks import locked
from crosswarp.models.bundle import load_bundle
from crosswarp.models.export import check
from crosswarp.models.export.write import export_bundle
from crosswarp.study.run import begin_run
from tests.report.fake_run import FakeRun


def write_metrics_of(run: Path, made: Path) -> dict[str, Any]:
    """Write metrics as an evaluation does, and none of what they were made from."""
    predictions = FakeRun(
        participants=12, folds=2, strengths={"compact_cross_attention": 1.5}
    ).predictions()
    write_table(made / "predictions.tsv", predictions)
    evaluate_run(made, resamples=100)
    found = read_json(made / "metrics.json")
    kept = {key: found[key] for key in found if key not in ("products", "made_from")}
    kept.pop("predictions", None)
    write_json(run / "metrics.json", kept)
    return kept


@pytest.mark.slow
def test_the_same_logits_and_a_card(bundle: Path, tmp_path: Path) -> None:
    metrics = write_metrics_of(tmp_path / "run", tmp_path / "made")
    found = metrics["models"]["compact_cross_attention"]["overall"]["roc_auc"]
    out = tmp_path / "onnx"
    assert export_bundle(bundle, out, "onnx") <= check.TOLERANCE
    original = load_bundle(bundle)
    maps = torch.rand(2, 1, 1, *original.card.extent)
    session = onnxruntime.InferenceSession(out / "model.onnx")
    inputs = {"t1w": maps[0].numpy(), "jsm": maps[1].numpy()}
    np.testing.assert_allclose(
        session.run(["logits"], inputs)[0],
        original.network(*maps).detach().numpy(),
        atol=1e-4,
    )
    record = read_json(out / "export.json")
    assert set(record["files"]) == {path.name for path in out.iterdir()}
    assert record["card"] == original.card.model_dump(mode="json")
    assert record["check"]["largest_difference"] <= record["check"]["tolerance"]
    assert record["metrics"]["roc_auc"] == found
    text = (out / "README.md").read_text()
    interval = f"{found['low']:.3f} to {found['high']:.3f}"
    assert f"| roc_auc | {found['value']:.3f} | {interval} |" in text
    assert "Trained on virtual participants" in text
    assert "Intended use" in text


@pytest.mark.slow
def test_an_export_that_differs_is_removed(bundle, tmp_path, monkeypatch) -> None:
    monkeypatch.setattr(check, "TOLERANCE", -1.0)
    with pytest.raises(InputError, match=r"the ONNX network answers \[.*\], expected"):
        export_bundle(bundle, tmp_path / "onnx", "onnx")
    assert sorted(p.name for p in tmp_path.iterdir()) == ["run"]


def test_an_answer_that_is_no_number_differs(bundle: Path) -> None:
    with pytest.raises(InputError, match=r"answers \[nan, nan\], expected"):
        check.check_alike(
            load_bundle(bundle), lambda *_: torch.full((1, 2), torch.nan), "ONNX"
        )


def test_a_folder_with_something_else_is_left_alone(bundle: Path) -> None:
    with pytest.raises(OccupiedError, match="something else than an export"):
        export_bundle(bundle, bundle, "onnx")
    assert load_bundle(bundle)


def test_another_export_and_files_put_beside_one_stay(
    bundle: Path, tmp_path: Path, monkeypatch
) -> None:
    monkeypatch.setitem(sys.modules, "onnxscript", None)
    out, name = tmp_path / "onnx", load_bundle(bundle).card.model.name
    record = {"format": "onnx", "card": {"model": {"name": "another"}}}
    write_json(out / "export.json", record)
    with pytest.raises(OccupiedError, match="holds the export of another, which an ex"):
        export_bundle(bundle, out, "onnx")
    record["card"] = {"model": {"name": name}}
    write_json(out / "export.json", record | {"files": ["export.json"]})
    (out / "notes.txt").write_text("mine")
    with pytest.raises(OccupiedError, match=r"holds also notes\.txt, which an export"):
        export_bundle(bundle, out, "onnx")
    (out / "notes.txt").rename(out / "model.onnx")
    # An older version did not list the files: such an export gives way.
    write_json(out / "export.json", record)
    with pytest.raises(MissingPackageError):
        export_bundle(bundle, out, "onnx")


def test_without_its_packages(bundle: Path, tmp_path: Path, monkeypatch) -> None:
    monkeypatch.setitem(sys.modules, "onnxscript", None)
    with pytest.raises(MissingPackageError, match=r"pip install 'crosswarp\[export\]'"):
        export_bundle(bundle, tmp_path / "onnx", "onnx")
    assert not (tmp_path / "onnx").exists()


def test_metrics_of_a_run_that_has_changed_are_not_exported(
    bundle: Path, tmp_path: Path
) -> None:
    metrics = write_metrics_of(tmp_path / "run", tmp_path / "made")
    write_json(tmp_path / "run/metrics.json", metrics | {"predictions": "0"})
    with pytest.raises(MixedError, match=r"run `crosswarp evaluate .*/run` again"):
        export_bundle(bundle, tmp_path / "onnx", "onnx")
    write_json(tmp_path / "run/metrics.json", metrics)
    begin_run(tmp_path / "run")
    with pytest.raises(MixedError, match="`crosswarp compare` was begun"):
        export_bundle(bundle, tmp_path / "onnx", "onnx")
    assert not (tmp_path / "onnx").exists()


def test_one_process_at_a_time_exports_into_a_folder(
    bundle: Path, tmp_path: Path
) -> None:
    met: list[BaseException] = []

    def second() -> None:
        try:
            export_bundle(bundle, tmp_path / "onnx", "onnx")
        except LockedError as error:
            met.append(error)

    with locked(tmp_path / "onnx"):
        thread = threading.Thread(target=second)
        thread.start()
        thread.join()
    assert len(met) == 1
    assert not (tmp_path / "onnx").exists()
