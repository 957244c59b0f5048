"""What steps hand to the functions of their commands, and what they tell."""

from pathlib import Path
from types import SimpleNamespace
from typing import Any

import pytest

from crosswarp.bids.cohort import VIRTUAL_NOTICE
from crosswarp.bids.tables import read_table
from crosswarp.execution.progress import SilentProgress
from crosswarp.running.folder import StudyFolder
from crosswarp.running.job import Job
from crosswarp.running.progress import StudyProgress
from crosswarp.running.stages import STAGES
from crosswarp.study.settings import read_study
from tests.archives.oasis_trees import oasis1
from tests.made_maps import Here
from tests.tiny_study import write_study


class Called:
    """Remembers how it was called."""

    def __init__(self, answer: object) -> None:
        self.answer = answer
        self.args: tuple[Any, ...] = ()
        self.given: dict[str, Any] = {}

    def __call__(self, *args: Any, **given: Any) -> object:
        self.args, self.given = args, given
        return self.answer


def job(folder: Path, **changes: object) -> tuple[Job, list[str]]:
    (folder / "raw").mkdir(exist_ok=True)
    study = read_study(write_study(folder, **changes))
    said: list[str] = []
    shown = StudyProgress(SilentProgress(), [], {})
    told = (said.append, lambda text: said.append(f"warned: {text}"))
    return Job(StudyFolder(study), Here(), shown, *told), said


def test_virtual_participants_are_those_asked_for(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    made = Called(range(6))
    monkeypatch.setattr("crosswarp.simulation.cohort.simulate_cohort", made)
    heads = Called(("own-a",))
    monkeypatch.setattr("crosswarp.simulation.base_heads.prepare_own_heads", heads)
    chosen = {"participants": 6, "seed": 3, "heads": ["study.yaml"]}
    work, said = job(tmp_path, data={"simulation": chosen}, engine={"workers": 3})
    STAGES["simulate"](work)
    out, settings, _ = made.args
    assert out == tmp_path / "bids"
    assert (settings.participants, settings.seed, settings.workers) == (6, 3, 3)
    assert settings.heads == ("own-a",)
    assert heads.args == ((tmp_path / "study.yaml",), tmp_path / "bids")
    assert said == [f"6 virtual participants in {tmp_path / 'bids'}", VIRTUAL_NOTICE]


def test_an_archive_becomes_a_cohort_by_the_files_rules(tmp_path: Path) -> None:
    oasis1(tmp_path / "raw")
    archive = {"name": "oasis1", "folder": "raw"}
    rules = {"cdr": "cdr1", "exclude": "withdrawn.txt"}
    (tmp_path / "withdrawn.txt").write_text("OAS1_9001\n")
    work, said = job(tmp_path, data={"archive": archive}, cohort=rules)
    STAGES["cohort"](work)
    assert len(read_table(tmp_path / "cohort.tsv"))
    excluded = read_table(tmp_path / "excluded.tsv")
    assert excluded["reason"].str.contains("withdrawn.txt").any()
    assert said[-1].endswith(f"left out, each listed in {tmp_path / 'excluded.tsv'}")


def test_networks_are_explained_where_the_file_names_them(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    run = tmp_path / "run"
    failures = SimpleNamespace(show=lambda: None)
    explained = Called(({run: SimpleNamespace(models=["jsm"])}, failures))
    monkeypatch.setattr("crosswarp.explanation.tasks.explain_tasks", explained)
    work, said = job(tmp_path, explanation={"models": ["jsm"]})
    STAGES["explain"](work)
    assert explained.args == (run,)
    assert explained.given["models"] == ["jsm"]
    assert said == [f"attribution of jsm in {run / 'attribution'}"]
    work, _ = job(tmp_path, explanation=True)
    STAGES["explain"](work)
    assert explained.given["models"] is None
