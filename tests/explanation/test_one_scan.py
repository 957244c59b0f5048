"""explain_scan: real parts on tiny maps; what is written is what was computed."""

from dataclasses import dataclass
from pathlib import Path

import nibabel as nib
import numpy as np
import pytest
import torch

from crosswarp.atlas import Region
from crosswarp.bids.ids import ScanId
from crosswarp.bids.names import transform_path
from crosswarp.errors import InputError, MissingDerivativeError
from crosswarp.explanation import one_scan as module
from crosswarp.explanation.one_scan import explain_scan, explanation_of
from crosswarp.inputs.grid import brain_box
from crosswarp.models.build import build_network
from crosswarp.models.bundle import BundleCard, save_bundle
from crosswarp.models.bundle_card import ReferenceMaps
from crosswarp.models.catalogue import CATALOGUE
from crosswarp.prediction.answer import ScanPrediction, Votes
from crosswarp.statistics.temperature import NOT_FITTED
from crosswarp.study.names import ANSWERS
from crosswarp.study.scan_explanation import ScanExplanation, read_scan_explanation
from tests.tiny_maps import (
    EXTENT,
    REGION,
    RESOLUTION,
    SPACE,
    map_path,
    tiny_affine,
    tiny_brain,
    write_map,
    write_tiny_cohort,
)

SCAN = ScanId("sub-01")
FILE = "sub-01_model-Fused_bundle-01234567_prediction.json"


def atlas(extent: tuple[int, int, int], _: np.ndarray):
    """The region that shrinks in AD, and the rest of the head."""
    labels = np.ones(extent, int)
    labels[REGION] = 2
    return labels, [Region(2, "hippocampus", "left"), Region(1, "rest", "right")]


def write_bundle(folder: Path, name: str, maps: bool = True, seed: int = 1) -> Path:
    model = CATALOGUE[name].model_copy(update={"features": 8})
    card = BundleCard.model_validate(
        {
            "model": model,
            "classes": ("CN", "AD"),
            "space": SPACE,
            "resolution": RESOLUTION,
            "grid_extent": EXTENT,
            "box": brain_box(tiny_brain(), tiny_affine()),
            "origin": "virtual",
            "reference_maps": ReferenceMaps(participants=9) if maps else None,
        }
    )
    torch.manual_seed(seed)
    network = build_network(model, 2, card.extent)
    if hasattr(network, "fit"):
        network.fit(*torch.randn(2, 5, 1, 1, *card.extent))
    means = torch.full((1, 1, *card.extent), 0.5), torch.zeros(1, 1, *card.extent)
    save_bundle(folder, network.eval(), card, means)
    return folder


def answer(model: str = "fused") -> ScanPrediction:
    numbers = ((0.3, 0.7),) * 3
    votes = Votes("AD", 1, (0.5,), ("0.5",))
    said = (SCAN, "ok", "", model, ("CN", "AD"), *numbers, 1, NOT_FITTED, votes)
    return ScanPrediction(*said, file=FILE)


@dataclass(frozen=True)
class Explained:
    out: Path
    raw: Path
    bundle: Path
    found: ScanExplanation


@pytest.fixture(scope="module")
def explained(tmp_path_factory: pytest.TempPathFactory) -> Explained:
    folder = tmp_path_factory.mktemp("one scan")
    write_tiny_cohort(folder, 2)
    out, raw = folder / "derivatives", folder / "sub-01_T1w.nii.gz"
    affine = np.diag([4.0, 4.0, 4.0, 1.0])
    affine[:3, 3] = (-60, -60, -60)
    rng = np.random.default_rng(0)
    write_map(raw, 100 + rng.normal(0, 9, (30, 32, 34)), affine)
    stem = {"space": SPACE, "res": RESOLUTION}
    field = nib.Nifti1Image(np.zeros((*EXTENT, 1, 3), np.float32), tiny_affine())
    nib.save(field, transform_path(out, SCAN, extension=".nii.gz", **stem))
    np.savetxt(transform_path(out, SCAN, extension=".txt", **stem), np.eye(4))
    bundle = write_bundle(folder / "bundle", "compact_cross_attention")
    with pytest.MonkeyPatch.context() as patch:
        use_atlas(patch)
        found = explain_scan(bundle, out, answer(), raw)
    return Explained(out, raw, bundle, found)


def use_atlas(patch: pytest.MonkeyPatch) -> None:
    patch.setattr(module, "load_atlas", atlas)
    patch.setattr(
        module,
        "structures_of",
        lambda regions: [(r.name, r.hemisphere, [r.label]) for r in regions],
    )


@pytest.fixture(autouse=True)
def _atlas(monkeypatch: pytest.MonkeyPatch) -> None:
    use_atlas(monkeypatch)


def test_the_parts_add_up_to_the_same_evidence(explained: Explained) -> None:
    found = explained.found
    attributed = sum(sum(each.attribution.values()) for each in found.regions)
    moved = found.shares.evidence - found.shares.reference
    error = found.completeness_error_logits
    assert attributed == pytest.approx(moved, abs=error + 0.01)
    assert found.positive == "AD"
    assert "nothing about diagnostic accuracy" in str(found.note)
    assert read_scan_explanation(explanation_of(explained.out, answer())) == found


def test_maps_lie_on_the_template_and_on_the_scan(explained: Explained) -> None:
    folder, found = explained.out / ANSWERS, explained.found
    assert set(found.maps) == set(found.scan_maps) == {"jsm", "t1w"}
    on_template = nib.load(folder / found.maps["jsm"])
    on_scan = nib.load(folder / found.scan_maps["jsm"])
    assert on_template.shape == EXTENT
    assert on_scan.shape == (30, 32, 34)
    # The transform is the identity: the same places in millimetres.
    centres = []
    for image in (on_template, on_scan):
        weights = np.abs(np.asarray(image.dataobj))
        voxel = [(weights * i).sum() / weights.sum() for i in np.indices(image.shape)]
        centres.append(image.affine[:3, :3] @ voxel + image.affine[:3, 3])
    assert centres[1] == pytest.approx(centres[0], abs=0.5)


def test_attention_of_regions_is_a_share_of_it(explained: Explained) -> None:
    pairs = explained.found.attention
    assert {each.asking for each in pairs} == {"jsm"}
    assert len(pairs) == 4
    for source in {each.source for each in pairs}:
        shares = [each.share for each in pairs if each.source == source]
        # The two regions are all of the head: nothing goes elsewhere.
        assert sum(shares) == pytest.approx(1, abs=1e-3)


def test_a_network_of_one_map_has_one_attribution_and_no_attention(
    explained: Explained, tmp_path: Path
) -> None:
    bundle = write_bundle(tmp_path / "jsm", "compact_jsm")
    found = explain_scan(bundle, explained.out, answer("jsm"))
    assert set(found.maps) == {"jsm"}
    assert (found.attention, found.scan_maps) == ((), {})
    assert found.shares.t1w == 0


def test_what_is_gone_or_was_never_kept_is_said(
    explained: Explained, tmp_path: Path
) -> None:
    old = write_bundle(tmp_path / "old", "compact_jsm", maps=False)
    with pytest.raises(InputError, match="keeps no mean maps"):
        explain_scan(old, explained.out, answer())
    with pytest.raises(MissingDerivativeError, match="predict the scan again"):
        explain_scan(explained.bundle, tmp_path, answer())
    bundle = write_bundle(tmp_path / "new", "compact_jsm")
    out = tmp_path / "moved"
    for desc in ("preproc", "logjacobian"):
        path = map_path(out, SCAN, desc)
        path.parent.mkdir(parents=True, exist_ok=True)
        path.write_bytes(map_path(explained.out, SCAN, desc).read_bytes())
    with pytest.raises(MissingDerivativeError, match="xfm"):
        explain_scan(bundle, out, answer(), explained.raw)


def test_other_weights_give_another_map(explained: Explained, tmp_path: Path) -> None:
    """Adebayo et al. (2018): a map that outlives the weights explains no network."""
    maps = []
    for seed in (1, 1, 2):
        bundle = write_bundle(tmp_path / f"b{len(maps)}", "compact_jsm", seed=seed)
        found = explain_scan(bundle, explained.out, answer("jsm"))
        path = explained.out / ANSWERS / found.maps["jsm"]
        maps.append(np.asarray(nib.load(path).dataobj)[tiny_brain()])
    assert np.array_equal(maps[0], maps[1])
    assert abs(np.corrcoef(maps[0], maps[2])[0, 1]) < 0.7
