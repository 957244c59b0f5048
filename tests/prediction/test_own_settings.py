"""predict_scan with a bundle of settings of its own; nothing is registered."""

import json
from collections.abc import Callable
from pathlib import Path

import numpy as np
import pandas as pd
import pytest
import torch

from crosswarp.bids.dataset import find_scans
from crosswarp.errors import InputError, OccupiedError, ScanError
from crosswarp.execution.work import Work
from crosswarp.models.build import build_network
from crosswarp.models.bundle import BundleCard, save_bundle
from crosswarp.models.catalogue import CATALOGUE
from crosswarp.prediction.answer import ScanPrediction
from crosswarp.prediction.predict import predict_scan
from crosswarp.preprocessing import cohort
from crosswarp.preprocessing.cohort import preprocess_cohort
from crosswarp.preprocessing.kept import KeptSettings
from crosswarp.preprocessing.limits import Limits, QualityLimits
from crosswarp.preprocessing.plan import CohortPlan
from crosswarp.preprocessing.request import ScanRequest, template_of
from crosswarp.preprocessing.scan import ScanResult
from crosswarp.preprocessing.settings import PreprocessSettings
from crosswarp.registration.settings import GreedySettings
from crosswarp.registration.template import own_template
from tests.made_maps import Here, make_maps
from tests.prediction.test_replay import SIDE, write_template
from tests.tiny_maps import write_map

SETTINGS = PreprocessSettings(resolution=2, registration=GreedySettings(seed=7))
REFUSES = QualityLimits(overlap=Limits(fine=(0.97, None), used=(0.96, None)))


def make_real_maps(request: ScanRequest) -> ScanResult:
    """Leave maps that can be read, on the grid that is asked for."""
    result = make_maps(request)
    template = template_of(request).brain
    rng = np.random.default_rng(0)
    record = request.map("logjacobian", ".json")
    content = json.loads(record.read_text())
    for desc in ("brain", "preproc", "logjacobian"):
        write_map(request.map(desc), rng.random(template.extent), template.affine)
        del content["products"][request.map(desc).name]
    record.write_text(json.dumps(content))
    return result


@pytest.fixture
def template(tmp_path: Path) -> tuple[Path, Path]:
    return write_template(tmp_path / "templates")


@pytest.fixture
def settings(template: tuple[Path, Path]) -> PreprocessSettings:
    own = own_template(*template, "OwnSpace")
    return SETTINGS.model_copy(update={"template": own})


@pytest.fixture
def scan(tmp_path: Path) -> Path:
    path = tmp_path / "raw" / "sub-01_T1w.nii.gz"
    path.parent.mkdir()
    path.write_text("scan of sub-01")
    return path


@pytest.fixture
def bundle(
    tmp_path: Path, settings: PreprocessSettings, template: tuple[Path, Path]
) -> Callable[..., Path]:
    def written(
        fold: str = "", card_changes: dict[str, object] | None = None, **changes: object
    ) -> Path:
        t1w, mask = map(str, template)
        folder = tmp_path / "bundle" / fold
        made = settings.model_copy(update=changes)
        card = BundleCard(
            model=CATALOGUE["compact_jsm"],
            classes=("CN", "AD"),
            space="OwnSpace",
            resolution=2,
            grid_extent=(SIDE // 2,) * 3,
            box=((6, 38), (6, 38), (6, 38)),
            made_with=KeptSettings(settings=made, template_files=(t1w, mask)),
        )
        card = card.model_copy(update=card_changes or {})
        torch.manual_seed(0)
        network = build_network(card.model, 2, card.extent)
        network.fit(*torch.rand(2, 5, 1, 1, *card.extent))
        save_bundle(folder, network.eval(), card)
        return tmp_path / "bundle"

    return written


@pytest.fixture
def predicted(
    scan: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> Callable[[Path], ScanPrediction]:
    def run(plan: CohortPlan, **_: object) -> pd.DataFrame:
        return cohort.run_plan(plan, work=Work(make_real_maps), engine=Here())

    monkeypatch.setattr("crosswarp.prediction.predict.run_plan", run)
    return lambda folder: predict_scan(folder, scan, tmp_path / "out")


def preprocess(scan: Path, out: Path, settings: PreprocessSettings) -> None:
    work = Work(make_real_maps)
    preprocess_cohort(find_scans(scan.parent), out, settings, work=work, engine=Here())


def test_a_scan_is_made_as_the_training_scans_were(
    bundle, predicted, settings: PreprocessSettings, tmp_path: Path
) -> None:
    """Another seed and a template of one's own stranded every bundle before."""
    answer = predicted(bundle())
    assert answer.verdict == "ok"
    assert sum(answer.probabilities) == pytest.approx(1, abs=1e-5)
    [record] = (tmp_path / "out").rglob("sub-01_space-OwnSpace_*logjacobian_T1w.json")
    assert json.loads(record.read_text())["Settings"] == settings.model_dump(
        mode="json"
    )
    assert predicted(bundle()) == answer


def test_the_limits_of_the_training_scans_judge_the_new_one(bundle, predicted) -> None:
    predicted(bundle())
    with pytest.raises(ScanError, match=r"overlaps .* by 0\.950; expected"):
        predicted(bundle(limits=REFUSES))
    assert predicted(bundle()).verdict == "ok"


def test_maps_of_other_settings_are_made_again_and_it_is_said(
    bundle, predicted
) -> None:
    predicted(bundle())
    notes = predicted(bundle(registration=GreedySettings(seed=8))).notes
    assert (
        "1 scan (sub-01) is made again: the setting registration.seed was 7, and is 8"
        " now." in notes
    )
    assert not any(
        "made again" in note
        for note in predicted(bundle(registration=GreedySettings(seed=8))).notes
    )


@pytest.mark.parametrize(
    ("change", "said"),
    [
        (
            {"registration": GreedySettings(seed=8)},
            ": the setting registration.seed was 8, and is 7 now; choose a new",
        ),
        (
            {"brain_mask": "hd-bet"},
            ": they were made with `brain_mask='hd-bet'`, not `brain_mask='deepbet'`;",
        ),
        ({"template": None}, ": they are in MNI152NLin2009cSym at 2 mm, not in OwnSp"),
    ],
)
def test_maps_of_a_cohort_with_other_settings_are_refused_by_the_setting(
    bundle, predicted, settings, scan: Path, tmp_path: Path, change, said: str
) -> None:
    out = tmp_path / "out"
    preprocess(scan, out, settings.model_copy(update=change))
    before = {p: p.read_bytes() for p in out.rglob("*") if p.is_file()}
    with pytest.raises(OccupiedError) as error:
        predicted(bundle())
    assert said in str(error.value)
    assert before == {p: p.read_bytes() for p in before}


def test_maps_of_a_cohort_are_judged_by_the_model_for_itself(
    bundle, predicted, settings, scan: Path, tmp_path: Path
) -> None:
    out = tmp_path / "out"
    preprocess(scan, out, settings)
    ledger = (out / "ledger.tsv").read_bytes()
    with pytest.raises(ScanError, match="expected at least"):
        predicted(bundle(limits=REFUSES))
    assert predicted(bundle()).verdict == "ok"
    assert (out / "ledger.tsv").read_bytes() == ledger


def test_of_folds_of_two_versions_the_newer_has_the_settings(bundle, predicted) -> None:
    old = {"made_with": None, "preprocessing": "a" * 16}
    bundle("repeat-0_fold-0/bundle", old)
    folder = bundle("repeat-0_fold-1/bundle", {"preprocessing": "a" * 16})
    assert predicted(folder).networks == 2


def test_folds_of_other_maps_are_not_averaged(bundle, predicted) -> None:
    bundle("repeat-0_fold-0/bundle", {"preprocessing": "b" * 16})
    folder = bundle("repeat-0_fold-1/bundle", {"preprocessing": "a" * 16})
    with pytest.raises(InputError, match="differ in preprocessing; give the folder of"):
        predicted(folder)
