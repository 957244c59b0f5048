"""ONNX: what ONNX Runtime answers is what the original answers, or nothing is left."""

import sys
from pathlib import Path

import numpy as np
import onnxruntime
import pytest
import torch

from crosswarp.errors import InputError, MissingPackageError, OccupiedError
from crosswarp.files import read_json, write_json
from crosswarp.models.bundle import load_bundle
from crosswarp.models.export import check
from crosswarp.models.export.write import export_bundle

METRICS = {
    "models": {
        "compact_cross_attention": {
            "overall": {
                "roc_auc": {"value": 0.9, "low": 0.81, "high": 0.97},
                "brier": None,
            }
        }
    }
}


@pytest.mark.slow
def test_the_same_logits_and_a_card(bundle: Path, tmp_path: Path) -> None:
    write_json(tmp_path / "run/metrics.json", METRICS)
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
    assert record["card"] == original.card.model_dump(mode="json")
    assert record["check"]["largest_difference"] <= record["check"]["tolerance"]
    assert record["metrics"]["roc_auc"]["low"] == 0.81
    text = (out / "README.md").read_text()
    assert "| roc_auc | 0.900 | 0.810 to 0.970 |" in text
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


def test_without_its_packages(bundle: Path, tmp_path: Path, monkeypatch) -> None:
    monkeypatch.setitem(sys.modules, "onnxscript", None)
    with pytest.raises(MissingPackageError, match=r"pip install 'crosswarp\[export\]'"):
        export_bundle(bundle, tmp_path / "onnx", "onnx")
    assert not (tmp_path / "onnx").exists()
