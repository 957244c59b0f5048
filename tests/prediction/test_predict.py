"""predict_scan: the bundle's own answer, from the scan's own maps."""

import json
import shutil
import zipfile
from pathlib import Path

import pandas as pd
import pytest
import torch

from crosswarp.bids.ids import ScanId
from crosswarp.bids.raw import RawScan
from crosswarp.errors import InputError, ScanError
from crosswarp.inputs.grid import Grid
from crosswarp.inputs.samples import read_map
from crosswarp.models.build import build_network
from crosswarp.models.bundle import BundleCard, save_bundle
from crosswarp.models.catalogue import CATALOGUE
from crosswarp.prediction.answers import read_answers
from crosswarp.prediction.predict import _usable_row, predict_scan
from crosswarp.preprocessing.cohort import run_plan
from crosswarp.preprocessing.kept import settings_digest
from crosswarp.preprocessing.scan import map_path, request_for
from crosswarp.registration.template import load_template
from crosswarp.study.keyed_ids import KeyedIds
from crosswarp.study.names import ANSWERS, PREDICTIONS
from crosswarp.types.grid import SPACE
from tests.preprocessed import FAST, Preprocessed, raw_t1w

pytestmark = [pytest.mark.slow, pytest.mark.registration]

SALT = "a salt of tests"

BOX = ((9, 86), (8, 104), (3, 88))


def card(**changes: object) -> BundleCard:
    choices: dict[str, object] = {
        "model": CATALOGUE["compact_cross_attention"],
        "classes": ("CN", "AD"),
        "space": SPACE,
        "resolution": 2,
        "grid_extent": load_template(2).brain.extent,
        "box": BOX,
        "preprocessing": settings_digest(FAST.model_dump(mode="json")),
        "trained_on": KeyedIds.of(["sub-other"], SALT),
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
    assert answer.verdict == "ok"
    assert answer.votes.decision == ("AD" if answer.probabilities[1] >= 0.5 else "CN")


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
    assert (answer.minimum[1], answer.maximum[1]) == (min(alone), max(alone))


def test_the_answer_is_written_and_says_what_it_is_not(
    preprocessed: Preprocessed, scan: Path, tmp_path: Path
) -> None:
    bundle = write_bundle(
        tmp_path / "bundle",
        origin="virtual",
        trained_on=KeyedIds.of(["sub-good"], SALT),
    )
    answer = predict_scan(bundle, scan, preprocessed.out)
    table = read_answers(preprocessed.out)
    newest = max(table["file"], key=lambda f: (preprocessed.out / f).stat().st_mtime_ns)
    row = table[table["file"] == newest].iloc[0]
    assert row["participant_id"] == "sub-good"
    written = json.loads((preprocessed.out / row["file"]).read_text())
    assert next(iter(written)) == "quality"
    assert written["probabilities"]["AD"]["mean"] == answer.probabilities[1]
    notes = " ".join(written["notes"])
    assert "not a medical device" in notes
    assert "nothing about diagnostic accuracy" in notes
    assert "this is not a prediction" in notes
    assert str(preprocessed.raw) not in json.dumps(written)


def test_another_model_has_a_row_of_its_own(
    preprocessed: Preprocessed, scan: Path, tmp_path: Path
) -> None:
    one = write_bundle(tmp_path / "one")
    other = write_bundle(tmp_path / "other", model=CATALOGUE["compact_jsm"])
    before = predict_scan(one, scan, preprocessed.out)
    predict_scan(other, scan, preprocessed.out)
    predict_scan(other, scan, preprocessed.out)  # again: the same row
    table = read_answers(preprocessed.out)
    files = [path.name for path in (preprocessed.out / ANSWERS).glob("*.json")]
    assert sorted(table["file"]) == sorted(f"{ANSWERS}/{name}" for name in files)
    assert sorted(table["model"].unique()) == ["compact_cross_attention", "compact_jsm"]
    kept = table[table["model"] == "compact_cross_attention"]
    assert before.probabilities[1] in kept["probability_AD"].to_list()


def test_a_scan_that_must_be_checked_says_so_first(
    preprocessed: Preprocessed,
    scan: Path,
    tmp_path: Path,
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    doubt = "the brain lies against the edge; is a part of the head cut off?"

    def doubted(*given: object, **chosen: object) -> pd.DataFrame:
        ledger = run_plan(*given, **chosen)  # type: ignore[arg-type]
        return ledger.assign(qc="check", reason=doubt)

    monkeypatch.setattr("crosswarp.prediction.predict.run_plan", doubted)
    bundle = write_bundle(tmp_path / "bundle", seed=5)
    before = len(read_answers(preprocessed.out)) if _has(preprocessed) else 0
    with pytest.raises(
        ScanError, match=r"sub-good.*check: the brain lies.*without `strict`"
    ):
        predict_scan(bundle, scan, preprocessed.out, strict=True)
    after = len(read_answers(preprocessed.out)) if _has(preprocessed) else 0
    assert after == before
    answer = predict_scan(bundle, scan, preprocessed.out)
    assert (answer.verdict, answer.reason) == ("check", doubt)
    assert doubt in answer.notes[0]
    assert next(iter(answer.as_json().values())) == {
        "verdict": "check",
        "reason": doubt,
    }


def _has(preprocessed: Preprocessed) -> bool:
    return (preprocessed.out / PREDICTIONS).is_file()


def test_two_sessions_in_one_folder_have_an_answer_each(
    preprocessed: Preprocessed, scan: Path, tmp_path: Path
) -> None:
    """A damaged session never answers for a good one, before or after it."""
    bundle = write_bundle(tmp_path / "bundle")
    folder = tmp_path / "scans"
    folder.mkdir()
    good = folder / "sub-P1_ses-1_T1w.nii.gz"
    shutil.copy(scan, good)
    for session in "02":
        (folder / f"sub-P1_ses-{session}_T1w.nii.gz").write_bytes(
            scan.read_bytes()[:3000]
        )
    out = tmp_path / "out"
    with pytest.raises(ScanError, match="ses-0"):
        predict_scan(bundle, folder / "sub-P1_ses-0_T1w.nii.gz", out)
    # The same file with the same settings: its maps are done, under another name.
    for desc in ("brain", "preproc", "logjacobian"):
        for extension in (".nii.gz", ".json"):
            ids = ScanId("sub-good"), ScanId("sub-P1", "ses-1")
            old = map_path(preprocessed.out, ids[0], 2, desc, extension)
            new = map_path(out, ids[1], 2, desc, extension)
            new.parent.mkdir(parents=True, exist_ok=True)
            shutil.copy(old, new)
    answer = predict_scan(bundle, good, out)
    assert answer.scan.label == "sub-P1_ses-1"
    with pytest.raises(ScanError, match="ses-2"):
        predict_scan(bundle, folder / "sub-P1_ses-2_T1w.nii.gz", out)
    again = predict_scan(bundle, good, out)
    assert again.probabilities == answer.probabilities
    table = read_answers(out)
    ours = table[table["participant_id"] == "sub-P1"]
    assert ours["session_id"].to_list() == ["ses-1"]


def test_another_file_of_the_same_name_is_refused(
    preprocessed: Preprocessed, scan: Path, tmp_path: Path
) -> None:
    bundle = write_bundle(tmp_path / "bundle")
    predict_scan(bundle, scan, preprocessed.out)
    other = tmp_path / scan.name
    other.write_bytes(scan.read_bytes() + b"0")
    with pytest.raises(InputError, match="another file that is also named sub-good"):
        predict_scan(bundle, other, preprocessed.out)


def test_a_scan_that_fails_says_why(preprocessed: Preprocessed, tmp_path: Path) -> None:
    bundle = write_bundle(tmp_path / "bundle")
    with pytest.raises(ScanError, match=r"sub-zeros.*there is no image"):
        predict_scan(bundle, raw_t1w(preprocessed.raw, "sub-zeros"), preprocessed.out)


def test_an_archive_of_several_scans_is_refused(tmp_path: Path) -> None:
    bundle = write_bundle(tmp_path / "bundle")
    with zipfile.ZipFile(tmp_path / "all.zip", "w") as archive:
        for name in ("sub-1_T1w.nii", "sub-2_T1w.nii"):
            archive.writestr(name, "")
    with pytest.raises(InputError, match=r"all\.zip holds 2 scans, sub-1, sub-2; pred"):
        predict_scan(bundle, tmp_path / "all.zip", tmp_path / "out")


def test_a_folder_of_several_scans_is_not_one(
    preprocessed: Preprocessed, tmp_path: Path
) -> None:
    bundle = write_bundle(tmp_path / "bundle")
    with pytest.raises(InputError, match=r"holds 5 scans, .*predict takes one here"):
        predict_scan(bundle, preprocessed.raw, tmp_path / "out")


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


def test_the_row_is_of_the_session_and_the_grid(scan: Path, tmp_path: Path) -> None:
    """Another session, or the same one on another grid, never answers for a scan."""
    request = request_for(RawScan(ScanId("sub-1", "ses-1"), scan), tmp_path, FAST)
    space, resolution = request.grid
    rows = [
        ("ses-0", resolution, "failed", "another session"),
        ("ses-1", 1, "failed", "another grid"),
        ("ses-1", resolution, "ok", "n/a"),
        ("ses-2", resolution, "failed", "another session"),
    ]
    columns = ["session_id", "resolution", "status", "reason"]
    ledger = pd.DataFrame(rows, columns=columns).assign(
        participant_id="sub-1", space=space
    )
    assert _usable_row(ledger, request, scan.name)["status"] == "ok"
