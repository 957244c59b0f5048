"""crosswarp model export, as a person calls it."""

from pathlib import Path

import pytest
import torch
from typer.testing import CliRunner

from crosswarp.cli.main import app
from crosswarp.models.build import build_network
from crosswarp.models.bundle import BundleCard, save_bundle
from crosswarp.models.catalogue import CATALOGUE


@pytest.mark.slow
def test_export_says_how_far_answers_differ(tmp_path: Path) -> None:
    card = BundleCard(
        model=CATALOGUE["compact_jsm"],
        classes=("CN", "AD"),
        space="MNI152NLin2009cSym",
        resolution=2,
        grid_extent=(26, 27, 28),
        box=((0, 26), (0, 27), (0, 28)),
    )
    torch.manual_seed(0)
    network = build_network(card.model, 2, card.extent).eval()
    save_bundle(tmp_path / "bundle", network, card)
    words = ["model", "export", str(tmp_path / "bundle"), str(tmp_path / "out")]
    said = CliRunner().invoke(app, [*words, "--format", "monai"])
    assert said.exit_code == 0, said.output
    assert said.output.startswith(f"monai in {tmp_path / 'out'}: logits differ by")
    assert "Metrics: not evaluated" in (tmp_path / "out/README.md").read_text()
    wrong = CliRunner().invoke(app, [*words, "--format", "pickle"])
    assert wrong.exit_code == 2
