"""Old names of commands: each answers, and one line says the new name."""

import json
from pathlib import Path

import pytest
from typer.testing import CliRunner, Result

from crosswarp.cli.main import app


def call(*words: object) -> Result:
    return CliRunner().invoke(app, [str(word) for word in words])


def is_told(result: Result, old: str, new: str) -> bool:
    line = f"crosswarp {old} is called crosswarp {new} now; the old name goes with the"
    first, *rest = result.stderr.splitlines()
    return first.startswith(line) and not rest


@pytest.mark.parametrize(
    ("old", "new", "words"),
    [
        ("train", "compare", ["no.yaml", "out"]),
        ("pretrain", "model pretrain", ["no.yaml", "out"]),
        ("export", "model export", ["no", "out"]),
    ],
)
def test_an_old_name_does_what_the_new_one_does(
    old: str, new: str, words: list[str], tmp_path: Path
) -> None:
    words = [words[0], str(tmp_path / "out")]
    before, now = call(old, *words), call(*new.split(), *words)
    assert is_told(before, old, new)
    assert str(before.exception) == str(now.exception)
    assert before.exception is not None


def test_models_are_listed(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("crosswarp.models.costs.catalogue", list)
    before, now = call("models", "--json"), call("model", "list", "--json")
    assert is_told(before, "models", "model list")
    assert json.loads(before.stdout) == json.loads(now.stdout) == []


def test_weights_are_listed(tmp_path: Path) -> None:
    words = ["list", "--folder", tmp_path]
    before, now = call("weights", *words), call("model", "weights", *words)
    assert is_told(before, "weights", "model weights")
    assert before.stdout == now.stdout
    assert f"folder: {tmp_path}" in now.stdout


def test_the_help_has_new_names_in_groups() -> None:
    lines = call("-h").stdout.splitlines()
    headings = [line.strip("╭─╮ ") for line in lines if line.startswith("╭")]
    assert headings == [
        "Options",
        "A whole study",
        "From scans to folds",
        "Comparison of models",
        "Use",
    ]
    names = [
        line.split()[1] for line in lines if line.startswith("│ ") and line[2:3] != " "
    ]
    assert {"init", "run", "model"} <= set(names)
    assert not {"train", "models", "pretrain", "export", "weights"} & set(names)
