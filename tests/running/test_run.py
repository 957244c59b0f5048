"""run_study: every step in order, each once, and only what changed again."""

import json
from pathlib import Path

import pytest
import yaml
from typer.testing import CliRunner

from crosswarp.bids.tables import read_table
from crosswarp.cli.main import app
from crosswarp.errors import IncompleteError, LeakageError, OccupiedError
from crosswarp.running.check import check_study
from crosswarp.running.folder import StudyFolder
from crosswarp.study.external import read_external
from crosswarp.study.names import COHORT, EXTERNAL_PAGE, PREDICTIONS
from crosswarp.study.settings import read_study
from crosswarp.verification.folder import verify
from tests.made_maps import write_scans
from tests.running.conftest import Ran, run_here
from tests.tiny_study import quick, write_data, write_study

STEPS = ["preprocess", "cohort", "folds", "compare", "evaluate", "report"]

PARTS = ["external_predict", "external_evaluate"]


def changed(ran: Ran, steps: str, **changes: object) -> dict[str, bool]:
    """Run with a changed file; say by step whether it was done again."""
    before = ran.file.read_text()
    ran.file.write_text(yaml.safe_dump({**yaml.safe_load(before), **changes}))
    try:
        result, _ = ran.again(steps=steps)
    finally:
        ran.file.write_text(before)
    return {row.step: not row.skipped for row in result.steps}


def test_a_bad_scan_stops_nothing_and_is_told(ran: Ran) -> None:
    assert [row.step for row in ran.result.steps] == STEPS
    assert not any(row.skipped for row in ran.result.steps)
    assert (ran.out / "run" / "report.html").is_file()
    assert any("1 of 9 scans have no maps" in text for text in ran.heard.warned)
    tested = read_table(ran.out / "run" / "predictions.tsv").query("split == 'test'")
    assert tested["participant_id"].nunique() == 8
    missing = read_table(ran.out / "run" / "missing.tsv")
    assert missing["participant_id"].tolist() == ["sub-00"]


def test_progress_is_over_all_steps_with_the_time_left(ran: Ran) -> None:
    assert ran.heard.stages[0] == "step 1 of 6, preprocess: 9"
    assert "step 4 of 6, train: 2" in ran.heard.stages
    # Never done before, so that later steps are not known.
    assert all(" left in all" in note for note in ran.heard.notes)
    assert ran.heard.notes[0].startswith("sub-00: ")
    assert "; at least " in ran.heard.notes[0]


def test_nothing_is_done_twice(ran: Ran) -> None:
    before = times(ran.out)
    result, heard = ran.again()
    assert all(row.skipped for row in result.steps)
    assert heard.said == ["every step is finished, from the same inputs and settings"]
    assert heard.stages == []
    assert times(ran.out) == before


def test_the_experiment_of_the_run_has_what_the_study_says(ran: Ran) -> None:
    written = yaml.safe_load((ran.out / "run" / "experiment.yaml").read_text())
    assert written["cohort"] == "../cohort.tsv"
    assert written["derivatives"] == "../derivatives"
    assert written["resolution"] == 2
    assert written["models"][0]["features"] == 8


def test_only_what_a_change_touches_is_done_again(ran: Ran) -> None:
    assert not any(changed(ran, "..report", engine={"workers": 1}).values())
    again = changed(ran, "..evaluate", evaluation={"resamples": 120})
    assert [step for step in again if again[step]] == ["evaluate"]


def test_a_lost_table_is_written_again(ran: Ran) -> None:
    (ran.out / "folds.tsv").unlink()
    result, heard = ran.again(steps="cohort..compare")
    assert [row.step for row in result.steps if not row.skipped] == ["folds"]
    table, balance = heard.said
    assert table == f"8 participants, 1 x 2 folds in {ran.out / 'folds.tsv'}"
    assert balance.startswith(f"balance in {ran.out / 'folds_balance.tsv'}")


def test_a_table_that_changed_is_told_by_verify(ran: Ran) -> None:
    def told() -> list[tuple[str, str, str, str]]:
        found = verify(ran.out)
        assert found[0].holds == "a study"
        assert all(one.findings == [] for one in found if one.path == "derivatives")
        return [(f.path, f.kind, f.says, f.mend) for f in found[0].findings]

    assert told() == []
    path = ran.out / "folds.tsv"
    whole, command = path.read_bytes(), f"crosswarp run {ran.file} `steps='folds'`"
    path.write_bytes(whole[:-1])
    [(name, kind, says, mend)] = told()
    assert (name, kind, mend) == ("folds.tsv", "damaged", f"{command} `overwrite=True`")
    assert says.endswith("; the step folds wrote it")
    path.unlink()
    assert told() == [
        ("folds.tsv", "gone", "is gone; the step folds wrote it", command)
    ]
    # What it says does mend it.
    ran.again(steps="folds")
    assert path.read_bytes() == whole
    assert told() == []


def test_steps_are_done_where_they_are_asked_for(ran: Ran) -> None:
    result, _ = ran.again(steps="preprocess..folds")
    assert [row.step for row in result.steps] == ["preprocess", "cohort", "folds"]


def test_a_table_that_somebody_changed_is_kept(ran: Ran) -> None:
    path = ran.out / "folds.tsv"
    before = path.read_text()
    try:
        path.write_text(before.replace("train", "val", 1))
        with pytest.raises(OccupiedError, match="give `overwrite=True` to replace it"):
            ran.again(steps="folds")
    finally:
        path.write_text(before)


def test_a_cohort_that_grows_makes_its_own_tables_again(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    quick(monkeypatch)
    write_data(tmp_path)
    run_here(write_study(tmp_path), steps="preprocess..folds")
    write_data(tmp_path, participants=11)
    result, _ = run_here(write_study(tmp_path), steps="preprocess..folds")
    assert not any(row.skipped for row in result.steps)
    assert read_table(tmp_path / "folds.tsv")["participant_id"].nunique() == 10


def test_missing_maps_are_refused_where_the_file_says_so(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    quick(monkeypatch)
    write_data(tmp_path, participants=3)
    file = write_study(tmp_path, missing_maps="refuse")
    with pytest.raises(IncompleteError, match="1 of 3 scans failed"):
        run_here(file)
    assert not (tmp_path / "cohort.tsv").exists()


def test_a_record_of_another_version_is_refused(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    quick(monkeypatch)
    write_data(tmp_path, participants=3)
    record = tmp_path / "study.json"
    record.write_text('{"format": "crosswarp-study-9", "steps": {}}')
    with pytest.raises(OccupiedError, match=r"crosswarp-study-9.*set out to another"):
        run_here(write_study(tmp_path))
    record.write_text('{"mine": true}')
    with pytest.raises(OccupiedError, match="was not written by crosswarp run"):
        run_here(write_study(tmp_path))
    assert record.read_text() == '{"mine": true}'


def times(folder: Path) -> dict[str, int]:
    """When each file was written."""
    return {
        str(path): path.stat().st_mtime_ns
        for path in folder.rglob("*")
        if path.is_file()
    }


def test_a_run_of_another_version_stays_as_it_is(ran: Ran) -> None:
    record = ran.out / "run" / "run.json"
    before = record.read_text()
    try:
        record.write_text(before.replace("crosswarp-run-1", "crosswarp-run-9"))
        for step in ("compare", "evaluate"):
            with pytest.raises(OccupiedError, match=r"has the format crosswarp-run-9"):
                ran.again(steps=step)
        assert "crosswarp-run-9" in record.read_text()
    finally:
        record.write_text(before)


def call(*words: object) -> str:
    result = CliRunner().invoke(app, [str(word) for word in words])
    if result.exception is not None:
        raise result.exception
    return result.stdout


def test_the_command_passes_over_what_is_finished(ran: Ran) -> None:
    words = ["run", ran.file, "--steps", "preprocess..folds", "--engine", "local"]
    told = "every step is finished, from the same inputs and settings"
    assert call(*words, "--workers", 1, "--quiet") == f"{told}\n"
    (event,) = call(*words, "--log-json").splitlines()
    assert json.loads(event)["text"] == told


def test_a_check_tells_what_would_be_done(ran: Ran) -> None:
    lines = call("run", ran.file, "--check", "--steps", "..folds").splitlines()
    assert lines == [
        f"study: tiny, in {ran.out}",
        "preprocess: finished, will be passed over",
        "cohort: finished, will be passed over",
        "folds: finished, will be passed over",
    ]
    other = write_study(ran.out / "other", data={"bids": "../raw"}, out="..", seed=3)
    told = call("run", other, "--check", "--steps", "compare")
    assert (
        "compare: will be done\n  scans: 4 CN, 4 AD (1 without maps left out)" in told
    )
    assert "\n  cells: 2\n" in told


@pytest.fixture(scope="module")
def other(ran: Ran) -> Path:
    """Another cohort with its maps, named in the file of the study."""
    folder = ran.out / "elsewhere"
    names = [f"sub-E{n:02d}" for n in range(1, 9)]
    raw = write_scans(folder / "raw", *names)
    rows = [f"{name}\t{('AD', 'CN')[n % 2]}" for n, name in enumerate(names)]
    table = "\n".join(["participant_id\tdiagnosis", *rows, ""])
    (raw / "participants.tsv").write_text(table)
    run_here(write_study(folder), steps="preprocess..cohort")
    named = {"derivatives": "elsewhere/derivatives", "cohort": "elsewhere/cohort.tsv"}
    given(ran.file, external=named)
    return folder


def given(file: Path, **changes: object) -> None:
    """Write changes to a study file."""
    file.write_text(yaml.safe_dump({**yaml.safe_load(file.read_text()), **changes}))


def test_another_cohort_is_predicted_and_evaluated_once(ran: Ran, other: Path) -> None:
    checked = check_study(ran.file)
    assert checked[-2:] == [
        "external_predict: finished maps, by run/models/jsm",
        "external_evaluate: will be done",
    ]
    result, heard = ran.again(steps="external_predict..")
    assert [row.step for row in result.steps if not row.skipped] == PARTS
    out = ran.out / "external"
    assert "8 of 8 scans of the other cohort predicted by jsm" in " ".join(heard.said)
    assert any(text.startswith("jsm on the other cohort: AUC ") for text in heard.said)
    assert heard.said[-1] == f"page: {out / EXTERNAL_PAGE}"
    found = read_external(out)
    assert (found.scans, found.settings.resamples) == (8, 100)
    assert set(read_table(out / PREDICTIONS)["participant_id"]) == set(
        read_table(other / COHORT)["participant_id"]
    )
    result, _ = ran.again(steps="external_predict..")
    assert all(row.skipped for row in result.steps)
    # Another part to recalibrate on needs no new predictions.
    named = yaml.safe_load(ran.file.read_text())["external"]
    given(ran.file, external={**named, "recalibrate": 0})
    result, _ = ran.again(steps="external_predict..")
    assert [row.skipped for row in result.steps] == [True, False]
    assert read_external(out).recalibration.share == 0


def test_those_who_were_trained_on_are_refused(
    ran: Ran, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    place = {"derivatives": ran.out / "derivatives", "cohort": ran.out / COHORT}
    study = read_study(ran.file)
    assert study.external is not None
    ours = study.external.model_copy(update=place)
    chosen = study.model_copy(update={"external": ours})
    monkeypatch.setattr(
        StudyFolder, "external", property(lambda _: tmp_path / "external")
    )
    with pytest.raises(LeakageError, match=r"it is the key external\.overlap$"):
        run_here(chosen, steps="external_predict")
