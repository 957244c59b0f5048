"""Files of choices: paths count from the file, faults come together."""

from pathlib import Path

import pytest
import yaml
from pydantic import BaseModel, ConfigDict, Field

from crosswarp.errors import InputError
from crosswarp.training.choices import read_choices, write_choices

PATHS = ("one", "many", "named", "none")


class Inner(BaseModel):
    """A part of the choices."""

    model_config = ConfigDict(extra="forbid")

    size: int = 1


class Choices(BaseModel):
    """Some of each kind."""

    model_config = ConfigDict(extra="forbid")

    one: Path
    many: tuple[Path, ...] = ()
    named: dict[str, Path] = {}
    none: Path | None = None
    text: str = "a"
    inner: tuple[Inner, ...] = Field(default=(), max_length=2)


def written(folder: Path, **content: object) -> Path:
    path = folder / "choices.yaml"
    path.write_text(yaml.safe_dump(content))
    return path


def test_paths_count_from_the_file_and_move_with_it(tmp_path: Path) -> None:
    content = {"one": "a", "many": ["b", "../c"], "named": {"x": "d"}, "text": "e"}
    found = read_choices(written(tmp_path, **content), Choices, PATHS, "choices")
    assert found.one == tmp_path / "a"
    assert found.many == (tmp_path / "b", tmp_path / "../c")
    assert found.named == {"x": tmp_path / "d"}
    assert (found.none, found.text) == (None, "e")
    below = tmp_path / "run" / "choices.yaml"
    below.parent.mkdir()
    write_choices(below, found, PATHS)
    stored = yaml.safe_load(below.read_text())
    assert stored["one"] == "../a"
    assert stored["many"] == ["../b", "../../c"]
    assert stored["named"] == {"x": "../d"}
    assert (stored["none"], stored["text"]) == (None, "e")
    again = read_choices(below, Choices, PATHS, "choices")
    assert again.one.resolve() == found.one.resolve()


def test_faults_come_together_each_with_its_place(tmp_path: Path) -> None:
    path = written(tmp_path, texts="b", inner=[{"sizes": 2}, {"size": "x"}])
    with pytest.raises(InputError) as caught:
        read_choices(path, Choices, PATHS, "choices")
    first, *others = str(caught.value).splitlines()
    assert first == f"{path} has 4 fault(s):"
    assert set(others) == {
        "  one: missing",
        "  inner.0.sizes: unknown key; did you mean size?",
        "  inner.1.size: Input should be a valid integer, unable to parse string as an"
        " integer, got 'x'",
        "  texts: unknown key; did you mean text?",
    }


@pytest.mark.parametrize(
    ("text", "said"),
    [
        ("- a", "should hold settings by name"),
        ("one: [", "is not a YAML file"),
        ("zzzzzz: 1\none: a", "zzzzzz: unknown key; known: one, many"),
    ],
)
def test_what_is_no_such_file_is_refused(tmp_path: Path, text: str, said: str) -> None:
    path = tmp_path / "choices.yaml"
    with pytest.raises(InputError, match=r"no choices file at .*choices\.yaml"):
        read_choices(path, Choices, PATHS, "choices")
    path.write_text(text)
    with pytest.raises(InputError, match=said):
        read_choices(path, Choices, PATHS, "choices")


@pytest.mark.parametrize("home", ["~/data", "$HOME/data", "${HOME}/data"])
def test_a_path_may_start_at_home(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, home: str
) -> None:
    monkeypatch.setenv("HOME", str(tmp_path / "me"))
    path = written(tmp_path, one=home, many=[home, "~nobody-here/x"], named={"x": home})
    found = read_choices(path, Choices, PATHS, "choices")
    there = tmp_path / "me" / "data"
    assert (found.one, found.named["x"]) == (there, there)
    assert found.many == (there, tmp_path / "~nobody-here/x")
