"""The demo's study file asks for what the demo always did."""

from pathlib import Path
from types import SimpleNamespace

import pandas as pd
import pytest

from crosswarp.bids.ids import ScanId
from crosswarp.bids.names import raw_path
from crosswarp.bids.tables import write_table
from crosswarp.demo import run as demo
from crosswarp.errors import OccupiedError
from crosswarp.models.choices import model_choices
from crosswarp.models.settings import ModelSettings
from crosswarp.outputs import DEMO
from crosswarp.prediction.answer import ScanPrediction
from crosswarp.preprocessing.settings import PreprocessSettings
from crosswarp.running.folder import StudyFolder
from crosswarp.running.job import experiment_of
from crosswarp.running.new_file import VirtualSize, write_study_file
from crosswarp.running.record import StepRow
from crosswarp.running.run import StudyResult
from crosswarp.simulation.presets import preset_settings
from crosswarp.study.settings import Study, read_study

NAMES = {
    "cross_attention": "compact_cross_attention",
    "patterns": "patterns_crossed",
    "two_channels": "compact_stacked",
    "jsm_only": "compact_jsm",
    "t1w_only": "compact_t1w",
}


@pytest.fixture
def study(tmp_path: Path) -> Study:
    size = VirtualSize(participants=8, folds=3, epochs=2, seed=5)
    return read_study(write_study_file(tmp_path, "virtual", size=size))


def test_participants_and_maps_are_those_of_before_but_for_true_maps(
    study: Study,
) -> None:
    assert study.data.simulation is not None
    before = preset_settings(
        "easy", participants=8, seed=5, workers=2, truth_maps=False
    )
    assert study.data.simulation.settings(2) == before
    assert study.preprocessing.settings == PreprocessSettings(resolution=2)
    assert (study.folds.folds, study.folds.seed, study.seed) == (3, None, 5)


def test_folders_have_the_names_of_before(study: Study, tmp_path: Path) -> None:
    folder = StudyFolder(study)
    found = [folder.raw, folder.derivatives, folder.cohort, folder.folds, folder.run]
    names = ["bids", "derivatives", "cohort.tsv", "folds.tsv", "run"]
    assert found == [tmp_path / name for name in names]


def test_the_experiment_is_that_of_before(study: Study) -> None:
    folder = StudyFolder(study)
    for path in (folder.cohort, folder.folds):
        path.touch()
    folder.derivatives.mkdir()
    found = experiment_of(folder)
    for model, (name, like) in zip(found.models, NAMES.items(), strict=True):
        entry = model_choices({"like": like, "name": name})
        assert model == ModelSettings.model_validate(entry)
    names = [one.name for one in found.baselines]
    assert names == ["svm_both", "svm_jsm", "svm_t1w"]
    training = found.training.model_dump(exclude_unset=True)
    assert training == {
        "epochs": 2,
        "batch_size": 8,
        "learning_rate": (1e-3,),
        "optimiser": "adamw",
        "schedule": "one_cycle",
        "weight_decay": 0.01,
        "selection": "last",
        "augmentation": {"rotation_degrees": 0},
    }
    assert (found.name, found.seed, found.resolution) == ("demo", 5, 2)
    assert found.classes == ("CN", "AD")
    assert found.primary is not None
    assert (found.primary.model, found.primary.reference) == (
        "svm_both",
        "svm_t1w",
    )


def test_the_folder_is_marked_before_the_study_runs(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    def stopped(*_: object, **__: object) -> None:
        assert DEMO.is_here(tmp_path / "out")
        msg = "stopped"
        raise OccupiedError(msg)

    monkeypatch.setattr(demo, "run_study", stopped)
    with pytest.raises(OccupiedError, match="stopped"):
        demo.run_demo(tmp_path / "out")
    assert read_study(tmp_path / "out" / "study.yaml").name == "demo"


def test_one_more_head_is_asked_of_the_first_model(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """The study, its virtual participants and its maps have tests of their own."""
    asked: dict[str, tuple[object, ...]] = {}

    def run_study(study: Study, **_: object) -> StudyResult:
        folder = StudyFolder(study)
        write_table(folder.run / "comparisons.tsv", pd.DataFrame({"model": ["a"]}))
        row = StepRow("compare", skipped=False, seconds=3.0, pieces=4)
        return StudyResult(folder, (row,))

    def simulate(*given: object, **_: object) -> SimpleNamespace:
        asked["simulate"] = given
        return SimpleNamespace(
            scan=ScanId("sub-10"), diagnosis="AD", age_years=70.0, sex="F"
        )

    answer = object.__new__(ScanPrediction)

    def predict(*given: object, **_: object) -> ScanPrediction:
        asked["predict"] = given
        return answer

    monkeypatch.setattr(demo, "run_study", run_study)
    monkeypatch.setattr(demo, "simulate_participant", simulate)

    monkeypatch.setattr(demo, "predict_scan", predict)
    monkeypatch.setattr(
        demo, "write_scan_page", lambda bundle, out, _: out / bundle.name
    )
    out = tmp_path / "out"
    found = demo.run_demo(out, VirtualSize(participants=8, workers=1))
    new, number, settings = asked["simulate"]
    assert (new, number) == (out / "new" / "bids", 10)
    assert settings == preset_settings(
        "easy", participants=8, workers=1, truth_maps=False
    )
    scan = raw_path(out / "new" / "bids", ScanId("sub-10"))
    model = out / "run" / "models" / "cross_attention"
    assert asked["predict"] == (model, scan, out / "new" / "derivatives")
    assert found.page == out / "new" / "derivatives" / "cross_attention"
    assert found.answer is answer
    assert found.truth == "AD"
    assert found.report == out / "run" / "report.html"
    assert found.comparisons["model"].tolist() == ["a"]
    assert found.timings["stage"].tolist() == ["compare", "predict"]
    assert found.timings["seconds"].tolist()[0] == 3.0
