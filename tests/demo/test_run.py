"""run_demo: every stage for real, small, and nothing twice."""

import re
from collections.abc import Iterable, Iterator
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import nibabel as nib
import pytest
from typer.testing import CliRunner

from crosswarp.bids.cohort import VIRTUAL_NOTICE
from crosswarp.bids.tables import read_table
from crosswarp.cli.main import app
from crosswarp.demo.run import DemoResult, run_demo
from crosswarp.errors import OccupiedError
from crosswarp.running.new_file import Kind, VirtualSize, write_study_file
from crosswarp.simulation.base_heads import take_over_head
from tests.sharing import ready_head

pytestmark = [pytest.mark.slow, pytest.mark.registration]

SETTINGS = VirtualSize(participants=8, folds=2, epochs=1)

QUICK = """registration: {backend: torch, deformable_iterations: [20, 3]}"""
"""In place of the default, which other tests run: nothing here is about the maps."""


@dataclass(frozen=True)
class Ran:
    out: Path
    result: DemoResult


@pytest.fixture(scope="module", autouse=True)
def _quick(tmp_path_factory: pytest.TempPathFactory) -> Iterator[None]:
    """Take over the real heads, whose labels other tests look at, too.

    And register coarsely, as a user would ask for in the study file.
    """

    def written(out: Path, kind: Kind, **given: Any) -> Path:
        file = write_study_file(out, kind, **given)
        text = file.read_text("utf-8")
        assert text.count("registration: two_stage") == 1
        file.write_text(text.replace("registration: two_stage", QUICK), "utf-8")
        return file

    def take(out: Path, names: Iterable[str]) -> None:
        for name in names:
            take_over_head(ready_head(tmp_path_factory, name), out, name)

    with pytest.MonkeyPatch.context() as patch:
        patch.setattr("crosswarp.simulation.cohort.label_heads", take)
        patch.setattr("crosswarp.demo.run.write_study_file", written)
        yield


@pytest.fixture(scope="module")
def ran(tmp_path_factory: pytest.TempPathFactory) -> Ran:
    out = tmp_path_factory.mktemp("demo") / "out"
    return Ran(out, run_demo(out, SETTINGS))


def test_every_scan_is_tested_once_by_every_model(ran: Ran) -> None:
    predictions = read_table(ran.out / "run" / "predictions.tsv")
    tested = predictions[predictions["split"] == "test"]
    assert set(tested["model"]) == {
        "patterns",
        "cross_attention",
        "two_channels",
        "jsm_only",
        "t1w_only",
        "svm_both",
        "svm_jsm",
        "svm_t1w",
        "hippocampal_volume",
        "hippocampal_ventricular_volume",
    }
    assert (tested.groupby(["model", "participant_id"]).size() == 1).all()
    assert tested["participant_id"].nunique() == 8
    assert set(tested["origin"]) == {"virtual"}


def test_the_table_has_every_model_with_its_interval(ran: Ran) -> None:
    table = ran.result.comparisons
    assert table["model"].tolist()[-1] == "covariates"
    assert len(table) == 11
    assert (table["auc_low"] <= table["auc"]).all()
    assert (table["auc"] <= table["auc_high"]).all()


def test_the_page_stands_alone_and_says_what_it_is_not(ran: Ran) -> None:
    page = ran.result.report.read_text(encoding="utf-8")
    assert VIRTUAL_NOTICE in page
    assert page.index(VIRTUAL_NOTICE) < page.index("<table")
    assert "http://" not in page.replace("http://www.w3.org", "")
    assert "<svg" in page


def test_a_head_that_was_never_seen_gets_a_probability(ran: Ran) -> None:
    answer = ran.result.answer
    trained = read_table(ran.out / "folds.tsv")["participant_id"]
    assert answer.scan.participant_id not in set(trained)
    assert answer.networks == 2
    assert 0 < answer.probabilities[1] < 1
    assert ran.result.truth == "AD"
    page = ran.result.page.read_text("utf-8")
    assert VIRTUAL_NOTICE in page
    for shown in ("figure-held_out", "figure-scan", "table-quality", "table-volumes"):
        assert f'id="{shown}"' in page
    # Two CN participants were trained on: too few to hold a scan against.
    missing = re.findall("Left out, ([^:]+):", page)
    assert missing == ["shares", "attribution, evidence", "bars, beside"]


def test_the_run_says_where_it_looked(ran: Ran) -> None:
    folder = ran.out / "run" / "attribution" / "cross_attention"
    regions = read_table(folder / "regions.tsv")
    for _, rows in regions.groupby("map"):
        assert abs(rows["share"].sum() - 1) < 1e-6
    assert set(regions["map"]) == {"jsm", "t1w"}
    for name in ("jsm", "t1w"):
        assert nib.load(folder / f"{name}.nii.gz").shape == (97, 115, 97)


def test_every_stage_is_timed(ran: Ran) -> None:
    stages = [
        "simulate",
        "preprocess",
        "cohort",
        "folds",
        "compare",
        "evaluate",
        "explain",
        "report",
        "predict",
    ]
    assert ran.result.timings["stage"].tolist() == stages
    assert (ran.result.timings["seconds"] >= 0).all()


def test_again_nothing_is_redone(ran: Ran) -> None:
    kept = ("bids", "derivatives", "run/models", "run/attribution", "new")
    before = [times(ran.out / name) for name in kept]
    again = run_demo(ran.out, SETTINGS)
    assert [times(ran.out / name) for name in kept] == before
    assert again.answer.probabilities == ran.result.answer.probabilities
    work = ["simulate", "preprocess", "compare", "explain", "predict"]
    first, second = (
        r.timings.set_index("stage").loc[work, "seconds"].tolist()
        for r in (ran.result, again)
    )
    assert first == second  # the time of the run that did the work


def times(folder: Path) -> dict[str, int]:
    """When each image, network and answer was written."""
    return {
        str(path): path.stat().st_mtime_ns
        for path in folder.rglob("*")
        if path.suffix in {".gz", ".safetensors", ".png"}
    }


def test_another_folder_is_never_written_over(tmp_path: Path) -> None:
    (tmp_path / "thesis.txt").write_text("mine")
    with pytest.raises(OccupiedError, match="holds something else"):
        run_demo(tmp_path, SETTINGS)
    assert [path.name for path in tmp_path.iterdir()] == ["thesis.txt"]


def test_the_command_prints_stages_models_and_the_answer(ran: Ran) -> None:
    words = ["demo", str(ran.out), "--participants", "8", "--folds", "2"]
    result = CliRunner().invoke(app, [*words, "--epochs", "1", "--quiet"])
    assert result.exit_code == 0, result.output
    printed = " ".join(result.output.split())
    bar = "hippocampal_ventricular_volume"
    for expected in ("preprocess", "cross_attention", "covariates", bar):
        assert expected in printed
    assert VIRTUAL_NOTICE in printed
    answer = ran.result.answer
    assert f"probability of AD {answer.probabilities[1]:.2f}" in printed
    assert str(ran.result.report) in result.output.replace("\n", "")


def test_explain_is_a_command_of_its_own(ran: Ran) -> None:
    result = CliRunner().invoke(app, ["explain", str(ran.out / "run"), "--quiet"])
    assert result.exit_code == 0, result.output
    assert VIRTUAL_NOTICE in result.output
    assert "attribution of cross_attention in" in result.output
