"""predict_cohort on raw scans: preprocessed as the training scans were."""

from collections.abc import Callable
from pathlib import Path

import pandas as pd
import pytest

from crosswarp.bids.cohort import read_cohort
from crosswarp.errors import InputError
from crosswarp.execution.engine import Engine
from crosswarp.execution.work import Work
from crosswarp.prediction.cohort import CohortAsked, predict_cohort
from crosswarp.prediction.made_maps import Running
from crosswarp.preprocessing import cohort
from crosswarp.preprocessing.plan import CohortPlan
from crosswarp.preprocessing.request import ScanRequest
from crosswarp.preprocessing.scan import ScanResult
from crosswarp.preprocessing.settings import PreprocessSettings
from crosswarp.study.keyed_ids import KeyedIds
from crosswarp.study.names import COHORT
from tests.made_maps import Here, make_maps, write_scans
from tests.prediction.test_own_settings import (
    bundle,
    make_real_maps,
    settings,
    template,
)

__all__ = ["bundle", "settings", "template"]


def _make(request: ScanRequest) -> ScanResult:
    refused = b"bad" in request.path.read_bytes()
    return make_maps(request) if refused else make_real_maps(request)


@pytest.fixture(autouse=True)
def _made(monkeypatch: pytest.MonkeyPatch) -> None:
    def run(plan: CohortPlan, engine: Engine | None, **_: object) -> pd.DataFrame:
        return cohort.run_plan(plan, work=Work(_make), engine=engine)

    monkeypatch.setattr("crosswarp.prediction.made_maps.run_plan", run)


@pytest.fixture
def raw(tmp_path: Path) -> Path:
    """Two scans that can be used, and one that is refused."""
    root = write_scans(tmp_path / "raw", "sub-01", "sub-02")
    return write_scans(root, "sub-03", text="bad scan of")


def test_a_bids_data_set_with_its_diagnoses(
    bundle: Callable[..., Path], raw: Path, tmp_path: Path
) -> None:
    (raw / "participants.tsv").write_text(
        "participant_id\tdiagnosis\tage\nsub-01\tCN\t70\nsub-02\tAD\t75\nsub-03\tAD\t80\n"
    )
    (raw / "sub-04").mkdir()
    said, engine, out = list[str](), Here(), tmp_path / "out"
    running = Running(engine, say=said.append)
    record, table = predict_cohort(CohortAsked(bundle(), raw), out, running)
    assert engine.done == ["sub-01", "sub-02", "sub-03"]
    assert (record.predicted, record.failed, record.diagnoses) == (2, 1, None)
    found = table.set_index("participant_id")
    assert found.loc["sub-03", "quality_reason"] == "no image of a head"
    assert found.loc["sub-01", "overlap"] == 0.95
    assert "left out: sub-04: no T1w image in anat" in said
    assert read_cohort(out / COHORT)["diagnosis"].tolist() == ["CN", "AD", "AD"]
    again = Here()
    predict_cohort(CohortAsked(bundle(), raw), out, Running(again))
    assert again.done == []
    # A scan that failed is done again when it is asked for.
    predict_cohort(CohortAsked(bundle(), raw), out, Running(again, retry_failed=True))
    assert again.done == ["sub-03"]


@pytest.mark.usefixtures("raw")
def test_a_table_with_paths_and_a_scan_without_a_diagnosis(
    bundle: Callable[..., Path], tmp_path: Path
) -> None:
    table = tmp_path / "table.tsv"
    table.write_text(
        "participant_id\tsession_id\tdiagnosis\tpath\n"
        "sub-A\tses-1\tCN\traw/sub-01/anat/sub-01_T1w.nii.gz\n"
        "sub-A\tses-2\tn/a\traw/sub-02/anat/sub-02_T1w.nii.gz\n"
        "sub-B\tses-1\tAD\tn/a\n"
    )
    out = tmp_path / "out"
    asked = CohortAsked(bundle(), table)
    record, found = predict_cohort(asked, out, Running(Here()))
    assert record.scans == ("sub-A_ses-1", "sub-A_ses-2", "sub-B_ses-1")
    assert (record.predicted, record.failed) == (2, 1)
    assert found["quality_reason"].iloc[2] == "the table gives no path of its scan"
    assert len(read_cohort(out / COHORT)) == 2


def test_a_file_that_has_changed_is_predicted_again(
    bundle: Callable[..., Path], raw: Path, tmp_path: Path
) -> None:
    out, said = tmp_path / "out", list[str]()
    asked = CohortAsked(bundle(), raw)
    predict_cohort(asked, out, Running(Here()))
    (raw / "sub-01" / "anat" / "sub-01_T1w.nii.gz").write_text("another scan")
    engine = Here()
    record, _ = predict_cohort(asked, out, Running(engine, say=said.append))
    assert engine.done == ["sub-01"]
    assert "1 scan (sub-01) is made again: the file has changed" in said
    assert record.predicted == 2


def test_what_was_trained_on_is_not_preprocessed(
    bundle: Callable[..., Path], raw: Path, tmp_path: Path
) -> None:
    folder = bundle(
        card_changes={"trained_on": KeyedIds.of(["sub-01"], "a salt of tests")}
    )
    engine = Here()
    asked = CohortAsked(folder, raw, "leave-out")
    record, _ = predict_cohort(asked, tmp_path / "out", Running(engine))
    assert engine.done == ["sub-02", "sub-03"]
    assert (record.predicted, record.failed, record.left_out) == (1, 1, 1)


@pytest.mark.parametrize(
    ("table", "reason"),
    [
        (None, "has no participants.tsv"),
        ("participant_id\nsub-01\n", "diagnosis"),
        ("participant_id\tdiagnosis\nsub-09\tCN\n", "no scan with a diagnosis"),
    ],
)
def test_without_diagnoses_scans_are_predicted(
    bundle: Callable[..., Path],
    raw: Path,
    tmp_path: Path,
    table: str | None,
    reason: str,
) -> None:
    if table is not None:
        (raw / "participants.tsv").write_text(table)
    record, _ = predict_cohort(
        CohortAsked(bundle(), raw), tmp_path / "out", Running(Here())
    )
    assert record.predicted == 2
    assert reason in str(record.diagnoses)
    assert not (tmp_path / "out" / COHORT).exists()


@pytest.mark.usefixtures("raw")
def test_a_table_without_any_diagnosis_and_one_without_paths(
    bundle: Callable[..., Path], tmp_path: Path
) -> None:
    table = tmp_path / "table.tsv"
    table.write_text(
        "participant_id\tsession_id\tdiagnosis\tpath\n"
        "sub-A\tn/a\tn/a\traw/sub-01/anat/sub-01_T1w.nii.gz\n"
    )
    asked = CohortAsked(bundle(), table)
    record, _ = predict_cohort(asked, tmp_path / "out", Running(Here()))
    assert record.diagnoses == "no scan of table.tsv has a diagnosis"
    table.write_text("participant_id\tsession_id\tdiagnosis\nsub-A\tn/a\tCN\n")
    with pytest.raises(InputError, match=r"table.tsv lacks path"):
        predict_cohort(asked, tmp_path / "new")


def test_settings_are_those_of_the_training(
    bundle: Callable[..., Path],
    raw: Path,
    tmp_path: Path,
    settings: PreprocessSettings,
) -> None:
    out = tmp_path / "out"
    predict_cohort(CohortAsked(bundle(), raw), out, Running(Here()))
    [record] = out.rglob("sub-01_space-OwnSpace_*logjacobian_T1w.json")
    assert f'"seed": {settings.registration.seed}' in record.read_text()
