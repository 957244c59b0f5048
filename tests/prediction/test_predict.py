"""predict_scan: the bundle's own answer, from the scan's own maps."""

import json
from pathlib import Path

import pytest
import torch

from crosswarp.derivatives.registration import registration_named
from crosswarp.derivatives.scan import map_path
from crosswarp.derivatives.settings import PreprocessSettings
from crosswarp.derivatives.template import SPACE, load_template
from crosswarp.errors import InputError, ScanError
from crosswarp.files import fingerprint
from crosswarp.inputs.grid import Grid
from crosswarp.inputs.samples import read_map
from crosswarp.models.build import build_network
from crosswarp.models.bundle import BundleCard, save_bundle
from crosswarp.models.catalogue import CATALOGUE
from crosswarp.prediction.predict import PREDICTION, predict_scan, settings_for
from tests.preprocessed import FAST, Preprocessed, raw_t1w

pytestmark = [pytest.mark.slow, pytest.mark.registration]

BOX = ((9, 86), (8, 104), (3, 88))


def card(**changes: object) -> BundleCard:
    choices: dict[str, object] = {
        "model": CATALOGUE["compact_cross_attention"],
        "classes": ("CN", "AD"),
        "space": SPACE,
        "resolution": 2,
        "grid_extent": load_template(2).brain.extent,
        "box": BOX,
        "preprocessing": fingerprint(FAST.model_dump(mode="json")),
        "participants": ("sub-other",),
    }
    return BundleCard.model_validate({**choices, **changes})


def write_bundle(folder: Path, seed: int = 0, **changes: object) -> Path:
    """A bundle with fresh weights: what it answers is arbitrary, but fixed."""
    described = card(**changes)
    torch.manual_seed(seed)
    save_bundle(
        folder,
        build_network(described.model, len(described.classes), described.extent),
        described,
    )
    return folder


@pytest.fixture
def scan(preprocessed: Preprocessed) -> Path:
    return raw_t1w(preprocessed.raw, "sub-good")


def test_the_answer_is_the_networks_own(
    preprocessed: Preprocessed, scan: Path, tmp_path: Path
) -> None:
    bundle = write_bundle(tmp_path / "bundle")
    answer = predict_scan(bundle, scan, preprocessed.out)

    described = card()
    torch.manual_seed(0)
    network = build_network(described.model, 2, described.extent).eval()
    grid = Grid(
        SPACE, 2, described.grid_extent, load_template(2).brain.affine, described.box
    )
    t1w, jsm = (
        torch.from_numpy(read_map(map_path(preprocessed.out, answer.scan, 2, d), grid))
        for d in ("preproc", "logjacobian")
    )
    with torch.inference_mode():
        expected = network(t1w[None, None], jsm[None, None]).softmax(1)[0]
    assert answer.probabilities == pytest.approx(expected.tolist(), abs=1e-5)
    assert sum(answer.probabilities) == pytest.approx(1, abs=1e-5)
    assert answer.classes == ("CN", "AD")
    assert answer.networks == 1


def test_the_networks_of_all_folds_are_averaged(
    preprocessed: Preprocessed, scan: Path, tmp_path: Path
) -> None:
    alone = []
    for fold in range(2):
        folder = tmp_path / "model" / f"repeat-0_fold-{fold}" / "bundle"
        write_bundle(folder, seed=fold, fold=fold)
        alone.append(predict_scan(folder, scan, preprocessed.out).probabilities[1])
    answer = predict_scan(tmp_path / "model", scan, preprocessed.out)
    assert answer.networks == 2
    assert answer.probabilities[1] == pytest.approx(sum(alone) / 2, abs=1e-5)
    assert (answer.least[1], answer.greatest[1]) == (min(alone), max(alone))


def test_the_answer_is_written_and_says_what_it_is_not(
    preprocessed: Preprocessed, scan: Path, tmp_path: Path
) -> None:
    bundle = write_bundle(
        tmp_path / "bundle", origin="virtual", participants=("sub-good",)
    )
    answer = predict_scan(bundle, scan, preprocessed.out)
    written = json.loads((preprocessed.out / PREDICTION).read_text())
    assert written["probabilities"]["AD"]["mean"] == answer.probabilities[1]
    notes = " ".join(written["notes"])
    assert "not a medical device" in notes
    assert "nothing about diagnostic accuracy" in notes
    assert "this is not a prediction" in notes
    assert str(preprocessed.raw) not in json.dumps(written)


def test_a_scan_that_fails_says_why(preprocessed: Preprocessed, tmp_path: Path) -> None:
    bundle = write_bundle(tmp_path / "bundle")
    with pytest.raises(ScanError, match=r"sub-zeros.*there is no image"):
        predict_scan(bundle, raw_t1w(preprocessed.raw, "sub-zeros"), preprocessed.out)


def test_a_folder_is_not_a_scan(preprocessed: Preprocessed, tmp_path: Path) -> None:
    bundle = write_bundle(tmp_path / "bundle")
    with pytest.raises(InputError, match="takes one NIfTI file"):
        predict_scan(bundle, preprocessed.raw, tmp_path / "out")


@pytest.mark.parametrize("name", ["greedy", "ants", "torch", "map"])
@pytest.mark.parametrize("stripped", [False, True])
def test_a_new_scan_is_registered_as_the_training_scans_were(
    name: str, stripped: bool
) -> None:
    made = PreprocessSettings(resolution=2, registration=registration_named(name))
    described = card(preprocessing=fingerprint(made.model_dump(mode="json")))
    settings = settings_for(described, stripped)
    assert settings.registration.backend == name
    assert settings.brain_mask == ("given" if stripped else "deepbet")


@pytest.mark.parametrize(
    ("change", "reason"),
    [
        ({"preprocessing": "0" * 16}, "other settings"),
        ({"space": "MNI152NLin6Asym"}, "wants maps in MNI152NLin6Asym"),
    ],
    ids=["settings", "space"],
)
def test_a_bundle_of_other_maps_is_refused(
    scan: Path, tmp_path: Path, change: dict[str, object], reason: str
) -> None:
    bundle = write_bundle(tmp_path / "bundle", **change)
    with pytest.raises(InputError, match=reason):
        predict_scan(bundle, scan, tmp_path / "out")


def test_bundles_of_different_models_are_not_averaged(
    scan: Path, tmp_path: Path
) -> None:
    write_bundle(tmp_path / "m" / "fold-0" / "bundle")
    write_bundle(tmp_path / "m" / "fold-1" / "bundle", model=CATALOGUE["compact_jsm"])
    with pytest.raises(InputError, match="differ in model"):
        predict_scan(tmp_path / "m", scan, tmp_path / "out")


def test_no_bundle_is_said(scan: Path, tmp_path: Path) -> None:
    with pytest.raises(InputError, match="no bundle in"):
        predict_scan(tmp_path, scan, tmp_path / "out")
