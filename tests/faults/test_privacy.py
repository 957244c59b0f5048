"""A planted name goes through every command, kills included, and comes out nowhere."""

from pathlib import Path

import pytest

from crosswarp.bids.tables import read_table, write_table
from tests.faults.harness import Harness
from tests.faults.planted import (
    PERSON,
    PLACES,
    hits,
    plant_beside,
    plant_in,
    write_planted_zip,
)
from tests.faults.stages import (
    COMPARE,
    EVALUATE,
    EXPLAIN,
    PREDICT,
    PREPROCESS,
    REPORT,
    STAGES,
    write_study,
)

COMMANDS = {
    "preprocess": PREPROCESS,
    "predict": PREDICT,
    "cohort": STAGES["cohort"].words,
    "folds": ["folds", "cohort.tsv", "new_folds.tsv", "--folds", "2"],
    "compare": COMPARE,
    "evaluate": EVALUATE,
    "explain": EXPLAIN,
    "report": REPORT,
    "power": STAGES["power"].words,
    "pretrain": STAGES["pretrain"].words,
    "export": STAGES["export"].words,
}
FAIL = {"preprocess"}
"""One scan is damaged, so that there are logs."""

KILLED_AT = {"preprocess": 60, "predict": 40, "compare": 90, "folds": 4, "power": 3}
"""File events after which commands are killed; 12 where nothing is said."""


@pytest.fixture(scope="module")
def study(tmp_path_factory: pytest.TempPathFactory) -> Path:
    folder = tmp_path_factory.mktemp("privacy") / PLACES["home"] / PLACES["folder"]
    study = folder / "study"
    write_study(study)
    for path in [*study.glob("bids/sub-*/anat/*.nii.gz"), *study.rglob("*_T1w.nii.gz")]:
        plant_in(path)
        plant_beside(path)
    write_planted_zip(_anat(study, "sub-03") / "sub-03_T1w.zip")
    damaged = _anat(study, "sub-04") / "sub-04_T1w.nii.gz"
    whole = (_anat(study, "sub-01") / "sub-01_T1w.nii.gz").read_bytes()
    damaged.write_bytes(whole[: len(whole) // 2])
    plant_beside(damaged)
    for table in ("bids/participants.tsv", "cohort.tsv", "scans.tsv"):
        there = read_table(study / table)
        there["full_name"] = there["comment"] = PLACES["column"]
        write_table(study / table, there)
    return study


def _anat(study: Path, name: str) -> Path:
    folder = study / "bids" / name / "anat"
    folder.mkdir(parents=True, exist_ok=True)
    return folder


def test_the_name_is_planted(study: Path) -> None:
    found = hits([study])
    assert "cohort.tsv" in found
    assert "bids/sub-03/anat/sub-03_T1w.zip" in found
    for name in ("bids/sub-01/anat/sub-01_T1w.nii.gz", "bids/participants.tsv"):
        assert name in found
    headers = [p for p in study.rglob("*.nii.gz") if "tpl" not in p.name]
    assert set(hits([study])) >= {p.relative_to(study).as_posix() for p in headers}


@pytest.mark.slow
def test_a_planted_name_comes_out_nowhere(study: Path, harness: Harness) -> None:
    home = study.parent / "home"
    home.mkdir()
    environment = {"HOME": str(home), "USER": PLACES["user"], "LOGNAME": PLACES["user"]}
    known = list(study.rglob("*"))
    wrong: dict[str, object] = {}
    for name, words in COMMANDS.items():
        middle = {"at": KILLED_AT.get(name, 12), "what": "kill-main"}
        killed = harness.run(words, study, fault=middle, env=environment)
        assert killed.code != 0, name
        places = [study, home, harness.temporary]
        wrong |= {f"{name}, killed: {hit}": killed.code for hit in hits(places, known)}
        ended = harness.run(words, study, env=environment)
        assert (ended.code == 0) != (name in FAIL), ended.err
        wrong |= {f"{name}: {hit}": ended.code for hit in hits(places, known)}
        if PERSON.lower() in (ended.out + ended.err).lower():
            wrong[f"{name}: printed"] = (ended.out + ended.err)[-2000:]
    assert wrong == {}
