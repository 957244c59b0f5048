"""What a run says of its people."""

from pathlib import Path

import pytest

from crosswarp.errors import InputError
from crosswarp.evaluation.context import read_context
from tests.report.fake_run import FakeRun


@pytest.fixture
def run(tmp_path: Path) -> Path:
    return FakeRun(participants=8, folds=2, strengths={"one": 1.0}).write(tmp_path)


def test_cohort_ledger_and_folds_are_found(run: Path) -> None:
    context = read_context(run)
    assert context.reason is None
    assert context.scans is not None
    assert context.folds is not None
    assert len(context.scans) == 8
    row = context.scans.loc[("sub-000", "ses-M00")]
    assert row["sex"] in ("F", "M")
    assert 1000 < row["brain_volume_cm3"] < 1900
    assert "field_strength_t" not in context.scans
    assert len(context.folds) == 16


def test_unknown_values_are_missing_and_scanners_text(run: Path) -> None:
    (run.parent / "cohort.tsv").write_text(
        "participant_id\tsession_id\tdiagnosis\tage_years\tsex\tfield_strength_t\n"
        "sub-1\tn/a\tCN\tn/a\tn/a\t3\nsub-2\tn/a\tAD\t71\tF\t1.5\n"
    )
    (run.parent / "derivatives" / "ledger.tsv").write_text(
        "participant_id\tsession_id\tstatus\tbrain_volume_cm3\n"
        "sub-1\tn/a\tfailed\tn/a\nsub-1\tn/a\tok\t1400\n"
    )
    scans = read_context(run).scans
    assert scans is not None
    first, second = scans.loc[("sub-1", "n/a")], scans.loc[("sub-2", "n/a")]
    assert first[["age_years", "sex", "site"]].isna().all()
    assert (first["field_strength_t"], second["field_strength_t"]) == ("3", "1.5")
    assert first["brain_volume_cm3"] == 1400
    assert second.isna()["brain_volume_cm3"]


def test_ledger_without_volumes_adds_none(run: Path) -> None:
    path = run.parent / "derivatives" / "ledger.tsv"
    path.write_text("participant_id\tsession_id\tstatus\nsub-000\tses-M00\tok\n")
    scans = read_context(run).scans
    assert scans is not None
    assert "brain_volume_cm3" not in scans
    path.unlink()
    assert read_context(run).scans is not None


def test_what_is_not_there_is_said(run: Path) -> None:
    (run.parent / "cohort.tsv").unlink()
    (run.parent / "folds.tsv").unlink()
    context = read_context(run)
    assert (context.scans, context.folds) == (None, None)
    assert context.reason == "no cohort table where experiment.yaml says"
    (run / "experiment.yaml").write_text("name: x\n")
    assert read_context(run).reason == "no cohort table where experiment.yaml says"
    (run / "experiment.yaml").unlink()
    assert read_context(run).reason == "the run has no experiment.yaml"


@pytest.mark.parametrize(
    ("text", "fault"),
    [("a: [", "is not a YAML file"), ("- 1", "should hold settings by name")],
)
def test_broken_experiment_is_refused(run: Path, text: str, fault: str) -> None:
    (run / "experiment.yaml").write_text(text)
    with pytest.raises(InputError, match=fault):
        read_context(run)


def test_broken_cohort_is_refused(run: Path) -> None:
    (run.parent / "cohort.tsv").write_text(
        "participant_id\tsession_id\tdiagnosis\nsub-1\tn/a\tflu\n"
    )
    with pytest.raises(InputError, match="flu"):
        read_context(run)
