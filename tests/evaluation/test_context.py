"""What a run says of its people."""

from pathlib import Path

import pytest
import yaml

from crosswarp.errors import InputError
from crosswarp.evaluation.context import read_context
from crosswarp.evaluation.encoding import encode
from crosswarp.evaluation.written import sizes_of
from tests.report.fake_run import FakeRun, change_experiment

SPACE = "MNI152NLin2009cSym"


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
        "sub-1\tn/a\tfailed\tn/a\nsub-1\tn/a\tok\t1400\nsub-2\tn/a\tok\tinf\n"
    )
    scans = read_context(run).scans
    assert scans is not None
    first, second = scans.loc[("sub-1", "n/a")], scans.loc[("sub-2", "n/a")]
    assert first[["age_years", "sex", "site"]].isna().all()
    assert (first["field_strength_t"], second["field_strength_t"]) == ("3", "1.5")
    assert first["brain_volume_cm3"] == 1400
    assert second.isna()["brain_volume_cm3"]


def test_the_size_is_the_one_of_the_maps_of_the_run(run: Path) -> None:
    rows = [("n/a", "n/a", 1111), (SPACE, 1, 1400), (SPACE, 2, 1500), ("Own", 2, 1600)]
    (run.parent / "derivatives" / "ledger.tsv").write_text(
        "participant_id\tsession_id\tspace\tresolution\tstatus\tbrain_volume_cm3\n"
        + "".join(f"sub-000\tses-M00\t{a}\t{b}\tok\t{c}\n" for a, b, c in rows)
    )
    path = run / "experiment.yaml"
    settings = yaml.safe_load(path.read_text())
    for space, resolution, size in (
        (SPACE, 1, 1400),
        (SPACE, 2, 1500),
        ("Own", 2, 1600),
    ):
        changed = settings | {"space": space, "resolution": resolution}
        path.write_text(yaml.safe_dump(changed))
        scans = read_context(run).scans
        assert scans is not None
        assert scans.loc[("sub-000", "ses-M00"), "brain_volume_cm3"] == size


def test_the_skull_comes_before_the_brain_where_the_ledger_has_it(run: Path) -> None:
    path = run.parent / "derivatives" / "ledger.tsv"
    head = "participant_id\tsession_id\tbrain_volume_cm3\tintracranial_volume_cm3\n"
    for skull, named in (("1600", "intracranial_volume_cm3"), ("n/a", None)):
        path.write_text(f"{head}sub-000\tses-M00\t1400\t{skull}\n")
        context = read_context(run)
        assert context.scans is not None
        assert ("intracranial_volume_cm3" in context.scans) == (named is not None)
        found = encode(context.scans, ["head_size"])
        assert list(found.columns) == [named or "brain_volume_cm3"]
        digests = sizes_of(context)
        path.write_text(f"{head}sub-000\tses-M00\t1401\t{skull}\n")
        assert sizes_of(read_context(run)) != digests


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


def test_covariates_are_a_list(run: Path) -> None:
    change_experiment(run, covariates="APOE")
    with pytest.raises(InputError, match="must be a list of columns, got 'APOE'"):
        read_context(run)


def test_broken_cohort_is_refused(run: Path) -> None:
    (run.parent / "cohort.tsv").write_text(
        "participant_id\tsession_id\tdiagnosis\nsub-1\tn/a\tthe flu\n"
    )
    with pytest.raises(InputError, match="flu"):
        read_context(run)


def test_covariates_and_columns_of_the_users_own(run: Path) -> None:
    (run.parent / "cohort.tsv").write_text(
        "participant_id\tsession_id\tdiagnosis\tAPOE\tbrain_volume_cm3\n"
        "sub-000\tses-M00\tCN\tn/a\t1\nsub-001\tses-M00\tAD\tE4\t1\n"
    )
    change_experiment(run, covariates=["APOE"])
    folds = run.parent / "folds.tsv"
    folds.write_text(folds.read_text().replace("\t0\tsub", "\t0.0\tsub"))
    context = read_context(run)
    assert context.covariates == ("APOE",)
    assert context.scans is not None
    assert context.scans["APOE"].fillna("?").tolist() == ["?", "E4"]
    assert (context.scans["brain_volume_cm3"] > 1000).all()
    assert context.folds is not None
    assert set(context.folds["fold"]) == {0, 1}
