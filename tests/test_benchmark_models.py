"""The study of models, on tiny cohorts: every row once, and nothing done twice."""

from pathlib import Path

import pytest
import yaml
from benchmarks import models

from crosswarp.bids.tables import read_table, write_table
from crosswarp.documents import read_json
from tests.tiny_maps import write_tiny_cohort

TINY = {"like": "compact_jsm", "features": 4}
CHOICES = {
    "folds": 2,
    "seed": 0,
    "pretraining": {"model": {**TINY, "name": "any"}, "epochs": 1, "batch_size": 4},
    "reference": "plain",
    "stages": [
        {
            "name": "chosen",
            "roles": ["report"],
            "training": {"epochs": 1, "batch_size": 4, "selection": "last"},
            "baselines": ["svm_jsm"],
            "models": [{**TINY, "name": "plain"}],
        },
        {
            "name": "pretrained",
            "roles": ["report"],
            "training": {"epochs": 1, "batch_size": 4, "selection": "last"},
            "pretrained": True,
            "models": [{**TINY, "name": "own"}],
        },
    ],
}


@pytest.mark.slow
def test_a_study_of_two_cohorts(tmp_path: Path, monkeypatch) -> None:
    choices = tmp_path / "choices.yml"
    choices.write_text(yaml.safe_dump(CHOICES))
    monkeypatch.setattr(models, "CHOICES", choices)
    for seed, name in enumerate(("seed-a", "seed-b")):
        write_tiny_cohort(tmp_path / name, participants=8, seed=seed)
    study = tmp_path / "study"
    words = [f"choose={tmp_path / 'seed-a'}", f"report={tmp_path / 'seed-b'}"]
    models.main([str(study), *words, "stage=chosen"])
    assert set(read_table(study / "cells.tsv")["model"]) == {"plain", "svm_jsm"}
    models.main([str(study), *words])

    cells = read_table(study / "cells.tsv")
    found = cells.groupby(["role", "cohort", "model"])["fold"].apply(list).to_dict()
    assert found == {
        ("report", "seed-b", "own"): [0, 1],
        ("report", "seed-b", "plain"): [0, 1],
        ("report", "seed-b", "svm_jsm"): [0, 1],
    }
    assert cells["auc"].between(0, 1).all()
    assert (cells["tested"] == 4).all()
    seen = read_json(study / "pretrained/pretraining.json")["participants"]
    assert seen == [f"sub-seeda{n:02d}" for n in range(8)]
    used = read_json(study / "seed-b/pretrained/pretraining.json")["models"]
    assert used["own"]["tested"] == []
    compared = read_table(study / "all-report/comparisons.tsv")
    assert list(compared["model"]) == ["plain", "svm_jsm", "own"]
    assert set(compared["reference"]) == {"plain"}
    tested = read_table(study / "all-report/predictions.tsv")["participant_id"]
    assert tested.str.startswith("sub-1xseedb").all()

    done = {path: path.stat().st_mtime_ns for path in study.rglob("done.json")}
    assert len(done) == 6
    models.main([str(study), *words])
    assert {p: p.stat().st_mtime_ns for p in study.rglob("done.json")} == done


def test_the_participants_from_each_real_head_are_a_test_part(
    tmp_path: Path, monkeypatch
) -> None:
    """Who is tested has a head that nobody has who is trained on."""
    monkeypatch.setattr(models, "cross_validate", lambda *_: None)
    write_tiny_cohort(tmp_path / "seed-a", participants=8)
    table = tmp_path / "seed-a" / "cohort.tsv"
    heads = ["colin27", "colin27", "mni2009c", "mni2009c"] * 2
    write_table(table, read_table(table).assign(head=heads))
    cohort = models.Cohort("report", tmp_path / "seed-a")
    choices = {**CHOICES, "leave_one_out": "head"}
    models.train(tmp_path / "study", cohort, CHOICES["stages"][0], choices)
    made = read_table(tmp_path / "study/seed-a/folds.tsv")
    assert set(made["held_out"]) == {"head=colin27", "head=mni2009c"}
    people = read_table(table)["participant_id"]
    head = made["participant_id"].map(dict(zip(people, heads, strict=True)))
    assert ((made["split"] == "test") == ("head=" + head == made["held_out"])).all()
