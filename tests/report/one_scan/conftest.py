"""An answer for one scan of a made-up run, whose bundles are real but untrained."""

from dataclasses import dataclass, replace
from pathlib import Path
from typing import Any

import pytest
import torch

from crosswarp.bids.ids import ScanId
from crosswarp.models.build import build_network
from crosswarp.models.bundle import BundleCard, save_bundle
from crosswarp.models.catalogue import CATALOGUE
from crosswarp.prediction.answer import ScanPrediction, Votes
from crosswarp.statistics.temperature import Temperature
from crosswarp.study.keyed_ids import KeyedIds
from tests.report.fake_run import SPACE

MODEL = "cross_attention"
FILE = "sub-001_ses-M00_model-CrossAttention_bundle-01234567_prediction.json"


def answer(**changes: Any) -> ScanPrediction:
    """Say 0.7 for AD, by two networks."""
    said = ScanPrediction(
        ScanId("sub-001", "ses-M00"),
        "ok",
        "",
        MODEL,
        ("CN", "AD"),
        (0.3, 0.7),
        (0.25, 0.65),
        (0.35, 0.75),
        2,
        Temperature(1.0, "not fitted", 0, None, 0),
        Votes("AD", 2, (0.5, 0.5), ("0.5",)),
        ("Research software, not a medical device.",),
        FILE,
    )
    return replace(said, **changes)


def write_bundle(folder: Path, **changes: Any) -> Path:
    """Write a small network that sees a few voxels of the phantom."""
    choices = {
        "model": CATALOGUE["compact_jsm"].model_copy(update={"features": 8}),
        "classes": ("CN", "AD"),
        "space": SPACE,
        "resolution": 2,
        "grid_extent": (97, 115, 97),
        "box": ((0, 16), (0, 16), (0, 16)),
        "trained_on": KeyedIds.of(["sub-other"], "a salt of tests"),
        "origin": "virtual",
    }
    card = BundleCard.model_validate({**choices, **changes})
    torch.manual_seed(0)
    save_bundle(folder, build_network(card.model, 2, card.extent), card)
    return folder


@dataclass(frozen=True)
class Asked:
    """A model's folder in a run, and the folder of the scan's maps."""

    bundle: Path
    out: Path


@pytest.fixture
def asked(run: Path) -> Asked:
    """Scan of the run's own derivatives, whose model ``one`` has two bundles."""
    model = run / "models" / "one"
    for fold in range(2):
        write_bundle(model / f"repeat-0_fold-{fold}" / "bundle", fold=fold)
    return Asked(model, run.parent / "derivatives")
