"""JSON files from anybody: within bounds, and every fault in one line."""

import ast
import json
import os
from pathlib import Path

import pytest
from pydantic import BaseModel

from crosswarp.documents import (
    object_in,
    object_of,
    path_from,
    read_as,
    read_bytes,
    read_json,
    read_object,
    read_record,
)
from crosswarp.documents.json_text import BRACKETS
from crosswarp.documents.reading import DEPTH, JSON_BYTES
from crosswarp.errors import InputError, MissingDerivativeError

SOURCE = Path(__file__).parents[2] / "src" / "crosswarp"

FAULTS = {
    "deep": ("[" * 100_000, f"more than {DEPTH} brackets lie in each other"),
    "deep objects": ('{"a":' * 100 + "1" + "}" * 100, "brackets lie in each other"),
    "many": ("[" + "[]," * BRACKETS + "1]", f"more than {BRACKETS} lists"),
    "digits": ('{"field": ' + "9" * 401 + "}", "a number of 401 digits"),
    "too large": ('{"a": 1e999}', "1e999 is no number"),
    "NaN": ('{"a": NaN}', "NaN is no number"),
    "Infinity": ('{"a": -Infinity}', "-Infinity is no number"),
    "twice": ('{"a": 1, "b": 2, "a": 3}', "'a' is there twice"),
    "half a character": ('{"a": "\\ud800"}', "surrogates"),
    "empty": ("", "Expecting value"),
    "cut off": ('{"a": [1, 2', "Expecting"),
    "more after it": ("{} x", "Extra data"),
    "control": ('{"a": "\x1b[31m"}', "Invalid control character"),
}


@pytest.mark.parametrize("name", FAULTS)
def test_a_fault_is_one_line_that_names_the_file(tmp_path: Path, name: str) -> None:
    text, told = FAULTS[name]
    path = tmp_path / "card.json"
    path.write_text(text, encoding="utf-8")
    with pytest.raises(InputError) as caught:
        read_json(path)
    line = str(caught.value)
    assert line.startswith(f"{path} is not a JSON file (")
    assert line.endswith("; delete it to have it made again")
    assert told in line
    assert "\n" not in line
    assert "\x1b" not in line
    assert len(line) < len(str(path)) + 300


def test_brackets_in_text_are_no_depth(tmp_path: Path) -> None:
    path = tmp_path / "a.json"
    value = {"a": "[" * 1000 + '"\\{'}
    path.write_text(json.dumps(value), encoding="utf-8")
    assert read_json(path) == value


def test_emoji_as_two_escapes_is_a_character(tmp_path: Path) -> None:
    path = tmp_path / "a.json"
    path.write_text('{"a": "\\ud83d\\ude00"}', encoding="utf-8")
    assert read_json(path) == {"a": "\U0001f600"}


def test_mark_of_byte_order_is_passed_over(tmp_path: Path) -> None:
    path = tmp_path / "a.json"
    path.write_bytes(b'\xef\xbb\xbf{"a": 1}')
    assert read_json(path) == {"a": 1}


def test_other_encodings_are_told(tmp_path: Path) -> None:
    path = tmp_path / "a.json"
    path.write_bytes('{"a": "é"}'.encode("latin-1"))
    with pytest.raises(InputError, match="byte 7 is not UTF-8 text; save it as UTF-8"):
        read_json(path)
    assert read_object(path) == {}


def test_large_file_is_not_read(tmp_path: Path) -> None:
    path = tmp_path / "a.json"
    with path.open("wb") as file:
        file.truncate(JSON_BYTES + 1)
    with pytest.raises(InputError, match=f"more than {JSON_BYTES} bytes"):
        read_json(path)


def test_what_is_no_regular_file_is_not_waited_for(tmp_path: Path) -> None:
    pipe = tmp_path / "pipe"
    os.mkfifo(pipe)
    for path in (pipe, Path("/dev/zero")):
        with pytest.raises(InputError, match="is not a regular file"):
            read_json(path)
    with pytest.raises(InputError, match="Is a directory"):
        read_json(tmp_path)
    with pytest.raises(InputError, match="name too long"):
        read_json(tmp_path / ("x" * 300))
    with pytest.raises(InputError, match="cannot be read"):
        read_json(tmp_path / "a\0b")


def test_missing_file_is_told(tmp_path: Path) -> None:
    with pytest.raises(MissingDerivativeError, match="there is no"):
        read_json(tmp_path / "none.json")
    with pytest.raises(MissingDerivativeError, match="there is no"):
        read_bytes(tmp_path / "none", 10)


def test_others_write_nan_and_keys_twice(tmp_path: Path) -> None:
    path = tmp_path / "T1w.json"
    path.write_text('{"a": NaN, "b": 1, "b": 2, "c": 1e999}', encoding="utf-8")
    assert read_object(path) == {"a": None, "b": 2, "c": None}


@pytest.mark.parametrize("text", ["null", "[1]", "x", "", '{"a": ' + "9" * 401 + "}"])
def test_what_is_no_object_says_nothing(tmp_path: Path, text: str) -> None:
    path = tmp_path / "T1w.json"
    path.write_text(text, encoding="utf-8")
    assert read_object(path) == {}
    assert object_in(path) is None
    with pytest.raises(InputError, match=r"T1w\.json"):
        read_record(path)


class Card(BaseModel):
    name: str
    epochs: int


def test_content_is_checked_by_its_class(tmp_path: Path) -> None:
    path = tmp_path / "card.json"
    path.write_text('{"name": "a", "epochs": 3}', encoding="utf-8")
    assert read_as(path, Card) == Card(name="a", epochs=3)
    path.write_text('{"name": [], "epochs": "x"}', encoding="utf-8")
    with pytest.raises(InputError) as caught:
        read_as(path, Card, "export it again")
    assert str(caught.value) == (
        f"{path} is not as it was written: name: Input should be a valid string;"
        " export it again"
    )


@pytest.mark.parametrize(
    "text", ["a\0b", "x" * 300, "a/" + "ü" * 200, "abc/" * 1100, "\ud800"]
)
def test_path_that_no_file_can_have(tmp_path: Path, text: str) -> None:
    with pytest.raises(InputError, match="no file can have the path"):
        path_from(tmp_path, text)


def test_nobody_else_parses_json_or_yaml() -> None:
    found = []
    for path in sorted(SOURCE.rglob("*.py")):
        if path.parent.name == "documents":
            continue
        for node in ast.walk(ast.parse(path.read_text(encoding="utf-8"))):
            if not isinstance(node, ast.Attribute | ast.ImportFrom):
                continue
            if isinstance(node, ast.ImportFrom):
                parses = node.module in ("json", "yaml")
            else:
                owner = node.value.id if isinstance(node.value, ast.Name) else ""
                parses = owner in ("json", "yaml") and "load" in node.attr.lower()
            if parses:
                found.append(f"{path.relative_to(SOURCE)}:{node.lineno}")
    assert found == []


def test_bytes_of_a_member_are_held_to_the_same_bounds() -> None:
    assert object_of(b'\xef\xbb\xbf{"a": NaN}') == {"a": None}
    assert object_of(b"[1]") is None
    assert object_of(b"\xff{}") is None
    assert object_of(b'{"a": "' + b"x" * JSON_BYTES + b'"}') is None
