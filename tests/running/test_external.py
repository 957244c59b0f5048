"""Steps on another cohort: what a study file may say of it, and what is refused."""

from pathlib import Path

import pytest

from crosswarp.bids.tables import read_table
from crosswarp.errors import IncompleteError, InputError
from crosswarp.running.external import check_external, predict_external
from crosswarp.running.folder import StudyFolder
from crosswarp.running.needs import check_sources
from crosswarp.running.steps import steps_of
from crosswarp.study.cohort_prediction import CohortPrediction
from crosswarp.study.names import EXTERNAL_COHORT, LEDGER
from crosswarp.study.settings import read_study
from tests.archives.oasis_trees import oasis1
from tests.made_maps import write_scans
from tests.prediction.made_answers import NETWORKS
from tests.running.conftest import run_here
from tests.running.test_stages import job
from tests.tiny_study import write_study

PARTS = ("external_predict", "external_evaluate")


@pytest.mark.parametrize(
    ("status", "missing", "ended"),
    [("ok", "leave out", True), ("disk", "leave out", False), ("ok", "refuse", False)],
)
def test_a_scan_that_fails_stops_no_other_unless_the_machine_did(
    status: str,
    missing: str,
    ended: bool,
    tmp_path: Path,
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    (tmp_path / "external").mkdir()
    (tmp_path / "external" / LEDGER).write_text(f"status\n{status}\n")
    record = CohortPrediction(
        networks=NETWORKS,
        scans=("sub-1", "sub-2", "sub-3"),
        predicted=1,
        failed=1,
        left_out=1,
        overlap="leave-out",
    )
    monkeypatch.setattr(
        "crosswarp.prediction.cohort.predict_cohort", lambda *_: (record, None)
    )
    external = {"bids": "study.yaml"}
    work, said = job(tmp_path, external=external, missing_maps=missing)
    if ended:
        predict_external(work)
        assert said == [
            "warned: 1 scans of the other cohort have no prediction",
            "1 of 3 scans of the other cohort predicted by jsm, 1 left out:"
            f" {tmp_path / 'external'}",
        ]
    else:
        with pytest.raises(IncompleteError, match="1 of 3 scans have no prediction"):
            predict_external(work)


def test_an_archive_is_made_into_a_table_first(tmp_path: Path) -> None:
    oasis1(tmp_path / "OASIS")
    (tmp_path / "raw").mkdir()
    (tmp_path / "withdrawn.txt").write_text("OAS1_9001\n")
    external = {
        "archive": {"folder": "OASIS", "name": "oasis1"},
        "rules": {"cdr": "cdr1", "exclude": "withdrawn.txt"},
    }
    file = write_study(tmp_path, external=external)
    result, heard = run_here(file, steps="external_cohort")
    assert [row.skipped for row in result.steps] == [False]
    assert len(read_table(tmp_path / EXTERNAL_COHORT))
    assert heard.said[-1].endswith("external_cohort_excluded.tsv")
    result, _ = run_here(file, steps="external_cohort")
    assert [row.skipped for row in result.steps] == [True]
    folder = StudyFolder(read_study(file))
    assert folder.external_scans == tmp_path / EXTERNAL_COHORT
    external["archive"]["name"] = "oasis9"
    with pytest.raises(InputError, match="no archive 'oasis9'"):
        check_sources(read_study(write_study(tmp_path, external=external)))


def test_the_steps_and_the_network_are_those_of_the_file(tmp_path: Path) -> None:
    (tmp_path / "raw").mkdir()
    (tmp_path / "other").mkdir()
    file = write_study(
        tmp_path,
        external={"bids": "other", "task": "CN-MCI"},
        tasks=[["CN", "AD"], ["CN", "MCI"]],
    )
    study = read_study(file)
    assert steps_of(study)[-2:] == PARTS
    folder = StudyFolder(study)
    assert folder.external_networks == tmp_path / "run/CN-MCI/models/jsm"
    assert folder.external_scans == tmp_path / "other"


def test_a_cohort_without_diagnoses_is_refused_at_once(tmp_path: Path) -> None:
    (tmp_path / "raw").mkdir()
    write_scans(tmp_path / "other", "sub-E1")
    folder = StudyFolder(read_study(write_study(tmp_path, external={"bids": "other"})))
    with pytest.raises(InputError, match=r"has no diagnoses: .*as external\.cohort"):
        check_external(folder, PARTS)
    check_external(folder, ["report"])


@pytest.mark.parametrize(
    ("external", "told"),
    [
        ({}, "external: give one of bids, archive, derivatives, or a table as cohort"),
        (
            {"bids": "other", "derivatives": "other", "cohort": "study.yaml"},
            "external: bids and derivatives are given; give one of them",
        ),
        (
            {"archive": {"folder": "other"}, "cohort": "study.yaml"},
            "external: cohort and archive both say which scans there are",
        ),
        ({"derivatives": "other"}, "external: derivatives have no diagnoses"),
        (
            {"bids": "other", "rules": {"cdr": "cdr1"}},
            "external: rules can be chosen for external.archive only",
        ),
        ({"bids": "raw"}, "external.bids: it is that of data; another cohort has"),
        (
            {"bids": "other", "model": "jms"},
            "external.model: no model 'jms'; did you mean jsm?",
        ),
        ({"bids": "other", "task": "CN-AD"}, "external.task: the study has no tasks"),
        ({"bids": "other", "overlap": "keep"}, "external.overlap: Input should be"),
        ({"bids": "other", "recalibrate": 1}, "external.recalibrate: Input should be"),
        ({"bids": "nowhere"}, "external.bids: there is no "),
        ({"bids": "other", "modl": "jsm"}, "external.modl: unknown key; did you mean"),
    ],
)
def test_faults_are_named_with_their_keys(
    external: dict[str, object], told: str, tmp_path: Path
) -> None:
    for name in ("raw", "other"):
        (tmp_path / name).mkdir()
    with pytest.raises(InputError) as caught:
        read_study(write_study(tmp_path, external=external))
    assert told in str(caught.value)


def test_a_task_that_there_is_not_and_the_own_cohort_on_purpose(tmp_path: Path) -> None:
    (tmp_path / "raw").mkdir()
    tasks = [["CN", "AD"], ["CN", "MCI"]]
    external = {"bids": "raw", "overlap": "leave-out", "task": "CN-AC"}
    with pytest.raises(InputError, match=r"1 fault\(s\):\n.*no task 'CN-AC'; did you"):
        read_study(write_study(tmp_path, external=external, tasks=tasks))
