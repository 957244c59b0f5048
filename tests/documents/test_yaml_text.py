"""YAML files from anybody: within bounds, and every fault in one line."""

from pathlib import Path

import pytest

from crosswarp.documents import read_settings, read_yaml
from crosswarp.documents.reading import DEPTH, YAML_BYTES
from crosswarp.documents.yaml_text import VALUES
from crosswarp.errors import InputError, MissingDerivativeError

BOMB = "a: &a [x, x, x, x, x, x, x, x, x]\n" + "".join(
    f"{name}: &{name} [{', '.join([f'*{before}'] * 9)}]\n"
    for before, name in zip("abcdefghi", "bcdefghij", strict=True)
)

FAULTS = {
    "int": ("a: !!int abc", "invalid literal for int"),
    "empty int": ("a: !!int ''", "index out of range"),
    "float": ("a: !!float x", "could not convert"),
    "truth": ("a: !!bool x", "'x'"),
    "deep": ("a: " + "[" * 100_000, f"more than {DEPTH} lists or mappings"),
    "deep block": ("- " * 5000, f"more than {DEPTH} lists or mappings"),
    "bomb": (BOMB, f"more than {VALUES} values"),
    "merged bomb": (
        "a: &a {"
        + ", ".join(f"k{n}: 1" for n in range(1000))
        + "}\nb: ["
        + "{<<: *a}, " * 60
        + "]",
        f"more than {VALUES} values",
    ),
    "in itself": ("a: &a [1, *a]", "*a lies in what it stands for"),
    "unknown alias": ("a: *b", "undefined alias"),
    "nan": ("a: .nan", "nan is no number"),
    "inf": ("a: 1.0e+999", "inf is no number"),
    "digits": ("a: " + "9" * 400, "a number of 400 digits"),
    "sixties": ("a: 1" + ":10" * 50_000, "a number of 150001 digits"),
    "tagged digits": ("a: !!int '" + "9" * 5000 + "'", "a number of 5000 digits"),
    "hexadecimal": ("a: 0x" + "f" * 290, "more than 300 digits"),
    "twice": ("a: 1\nb: 2\na: 3", "'a' is there twice"),
    "twice inside": ("a: {b: 1, b: 2}", "'b' is there twice"),
    "list as key": ("? [1]\n: 2", "a key must be text"),
    "object": ("a: !!python/object/apply:os.system [ls]", "constructor"),
    "bytes": ("a: !!binary eA==", "constructor"),
    "two documents": ("a: 1\n---\nb: 2", "single document"),
    "control": ("a: \x1b[31m", "control characters"),
}


@pytest.mark.parametrize("name", FAULTS)
def test_a_fault_is_one_line_that_names_the_file(tmp_path: Path, name: str) -> None:
    text, told = FAULTS[name]
    path = tmp_path / "experiment.yaml"
    path.write_text(text, encoding="utf-8")
    with pytest.raises(InputError) as caught:
        read_settings(path)
    line = str(caught.value)
    assert line.startswith(f"{path} is not a YAML file: ")
    assert told in line
    assert "\n" not in line
    assert len(line) < len(str(path)) + 300


def test_types_are_those_of_json(tmp_path: Path) -> None:
    path = tmp_path / "a.yaml"
    path.write_text(
        "\ufefftext: 2020-13-45\nday: 2020-01-02\nwhole: -3\nnumber: 1.5e+3\n"
        "truth: yes\nnothing: ~\nlist: [a, 1]\nmapping: {b: 2}\n",
        encoding="utf-8",
    )
    assert read_settings(path) == {
        "text": "2020-13-45",
        "day": "2020-01-02",
        "whole": -3,
        "number": 1500.0,
        "truth": True,
        "nothing": None,
        "list": ["a", 1],
        "mapping": {"b": 2},
    }


def test_aliases_and_merges_within_bounds_are_read(tmp_path: Path) -> None:
    path = tmp_path / "a.yaml"
    path.write_text(
        "base: &base {x: 1}\nouter: {inner: &inner {<<: *base, x: 2}}\n"
        "last: {<<: *inner, y: 3}\nsame: *base\n",
        encoding="utf-8",
    )
    assert read_yaml(path) == {
        "base": {"x": 1},
        "outer": {"inner": {"x": 2}},
        "last": {"x": 2, "y": 3},
        "same": {"x": 1},
    }


@pytest.mark.parametrize("text", ["", "- a", "text", "1: a"])
def test_settings_go_by_name(tmp_path: Path, text: str) -> None:
    path = tmp_path / "a.yaml"
    path.write_text(text, encoding="utf-8")
    with pytest.raises(InputError, match="should hold settings by name"):
        read_settings(path)


def test_large_and_missing_files(tmp_path: Path) -> None:
    path = tmp_path / "a.yaml"
    with pytest.raises(MissingDerivativeError, match="there is no"):
        read_settings(path)
    path.write_text("a: " + "x" * YAML_BYTES, encoding="utf-8")
    with pytest.raises(InputError, match=f"more than {YAML_BYTES} bytes"):
        read_settings(path)
    path.write_bytes(b"a: \xff")
    with pytest.raises(InputError, match="byte 3 is not UTF-8"):
        read_settings(path)
