"""folds, compare and models, as a person calls them."""

import json
import sys
from pathlib import Path

import pytest
import typer
import yaml
from typer.testing import CliRunner

from crosswarp.bids.tables import read_table
from crosswarp.cli.compare import compare
from crosswarp.cli.folds import folds
from crosswarp.cli.models import models
from crosswarp.models.catalogue import CATALOGUE
from tests.tiny_maps import write_tiny_cohort

TINY = {"like": "compact_jsm", "name": "jsm", "features": 8}


def call(*words: object) -> str:
    app = typer.Typer()
    for command in (folds, compare, models):
        app.command()(command)
    result = CliRunner().invoke(app, [str(word) for word in words])
    if result.exception is not None:
        raise result.exception
    return result.output


@pytest.fixture
def experiment(tmp_path: Path) -> Path:
    write_tiny_cohort(tmp_path, participants=12)
    call("folds", tmp_path / "cohort.tsv", tmp_path / "folds.tsv", "--folds", 2)
    choices = {
        "name": "tiny",
        "cohort": "cohort.tsv",
        "derivatives": "derivatives",
        "folds": "folds.tsv",
        "models": [TINY],
        "training": {"epochs": 1},
    }
    path = tmp_path / "experiment.yaml"
    path.write_text(yaml.safe_dump(choices))
    return path


def test_folds_says_what_it_made(tmp_path: Path) -> None:
    write_tiny_cohort(tmp_path, participants=12)
    out = tmp_path / "folds.tsv"
    said = call("folds", tmp_path / "cohort.tsv", out, "--folds", 3, "--repeats", 2)
    first, balance = said.splitlines()
    assert first == f"12 participants, 2 x 3 folds in {out}"
    assert balance.startswith(f"balance in {tmp_path / 'folds_balance.tsv'}: largest")
    assert len(read_table(out)) == 12 * 6


def test_one_model_and_then_two(experiment: Path) -> None:
    run = experiment.parent / "run"
    assert "cells: 2" in call("compare", experiment, run, "--check")
    assert not run.exists()
    said = call("compare", experiment, run, "--log-json", "--workers", 1)
    events = [json.loads(line) for line in said.splitlines()]
    news = [event["text"] for event in events if event["event"] == "news"]
    assert len(news) == 2
    assert all(text.startswith("epoch 1 of 1, validation AUC ") for text in news)
    assert f"predictions of jsm in {run}" in events[-1]["text"]
    both = {**yaml.safe_load(experiment.read_text()), "models": [TINY, "compact_t1w"]}
    experiment.write_text(yaml.safe_dump(both))
    assert "cells: 4" in call("compare", experiment, run, "--check")
    assert "of jsm, compact_t1w in" in call("compare", experiment, run, "--quiet")
    names = read_table(run / "predictions.tsv")["model"]
    assert set(names) == {"jsm", "compact_t1w"}


@pytest.fixture
def few(monkeypatch: pytest.MonkeyPatch) -> list[str]:
    """Two networks: to describe all takes a minute, as `tests/models/test_costs.py`."""
    names = [next(iter(CATALOGUE)), "compact_jsm"]
    for module in ("catalogue", "costs"):
        chosen = {name: CATALOGUE[name] for name in names}
        monkeypatch.setattr(f"crosswarp.models.{module}.CATALOGUE", chosen)
    return names


@pytest.mark.slow
def test_models_as_json(few: list[str]) -> None:
    entries = json.loads(call("models", "--json"))
    assert [entry["name"] for entry in entries] == few
    paper = next(e for e in entries if e["name"] == "paper_cross_attention")
    assert paper["parameters"] == 1_563_394
    assert paper["tokens"] == paper["at_1_mm"]["tokens"] == 2
    assert paper["at_2_mm"] is None
    assert paper["smallest_extent"] == 146


@pytest.mark.slow
def test_models_as_a_table(few: list[str]) -> None:
    table = call("models").splitlines()
    assert len(table) == len(few) + 2
    assert table[-1].startswith("Without a network, as baselines: svm_t1w, svm_jsm,")
    assert "1,563,394" in table[1]
    assert table[1].split()[-4:] == ["-", "-", "1", "mm"]


@pytest.mark.slow
def test_encoders_as_a_table(monkeypatch) -> None:
    table = call("models", "--encoders").splitlines()
    swin = next(row for row in table if row.startswith("swin_unetr"))
    assert swin.split()[1:] == [
        "8,063,540", "33", "392", "237.49", "27", "17.84", "1", "mm"
    ]  # fmt: skip
    assert table[-1].endswith("not used here: 62,186,708 parameters")
    monkeypatch.setitem(sys.modules, "monai.networks.nets", None)
    *_, last = call("models", "--encoders").splitlines()
    assert last.startswith("With pip install 'crosswarp[monai]': resnet10, resnet18,")


@pytest.mark.parametrize(
    "name",
    [
        "paper.yaml",
        "paper-own-registration.yaml",
        "paper-progression.yaml",
        "compact.yaml",
    ],
)
def test_example_experiments_can_be_read(name: str, tmp_path: Path) -> None:
    from crosswarp.training.experiment import read_experiment

    source = Path(__file__).parents[2] / "configs" / name
    path = tmp_path / "configs" / name
    path.parent.mkdir()
    path.write_text(source.read_text())
    for place in ("cohort", "cohort-progression", "folds", "folds-progression"):
        (tmp_path / f"{place}.tsv").mkdir()
    for place in ("derivatives", "derivatives-ants"):
        (tmp_path / place).mkdir()
    assert len(read_experiment(path).models) > 1
