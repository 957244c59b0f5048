"""Names of files of the contract are spelled in `study` and `bids` only."""

import ast
import re
from collections.abc import Iterator
from pathlib import Path

import pytest

from crosswarp.bids import ledger, left_out, names, people, shared_sessions
from crosswarp.study import names as of_study

SOURCE = Path(__file__).parents[2] / "src" / "crosswarp"
OWNERS = ("study", "bids")

OF_BIDS = (
    *(ledger.LEDGER, left_out.LEFT_OUT, names.QC_PAGE),
    *(people.PARTICIPANTS, people.DICTIONARY, shared_sessions.SESSIONS),
)

FOLDER_OF_A_FOLD = re.compile(r"repeat-(\d|\*|$)|_fold-")


def contract() -> set[str]:
    """All names of files; those of folders are words like any other."""
    found = [value for name, value in vars(of_study).items() if name.isupper()]
    return {name for name in [*found, *OF_BIDS] if "." in name}


def texts(source: str) -> Iterator[str]:
    """All strings of a module, parts of f-strings too, but for its docstrings."""
    tree = ast.parse(source)
    alone = {
        id(node.value) for node in ast.walk(tree) if isinstance(node, ast.Expr)
    }  # docstrings, of constants too
    for node in ast.walk(tree):
        is_text = isinstance(node, ast.Constant) and isinstance(node.value, str)
        if is_text and id(node) not in alone:
            yield node.value


def spelled(source: str) -> set[str]:
    """Name what of the contract a module spells."""
    found = set()
    for text in texts(source):
        found |= {
            name
            for name in contract()
            if re.search(rf"(?<![\w-]){re.escape(name)}(?!\w)", text)
        }
        found |= {text for _ in [0] if FOLDER_OF_A_FOLD.search(text)}
    return found


@pytest.mark.parametrize(
    ("source", "expected"),
    [
        ('"""About metrics.json."""\nX = 1\n"""Of run.json."""\n', set()),
        ('path = run / "metrics.json"', {"metrics.json"}),
        ('msg = f"no power.json in {run}"', {"power.json"}),
        ('place = f"{ATTRIBUTION}/regions.tsv"', {"regions.tsv"}),
        ('end = "_prediction.json"', {"_prediction.json"}),
        ('name = "my-folds.tsv"', set()),
        ('name = f"repeat-{repeat}_fold-{fold}"', {"repeat-", "_fold-"}),
        ('found = run.glob("repeat-*")', {"repeat-*"}),
    ],
)
def test_what_is_spelled_is_found(source: str, expected: set[str]) -> None:
    assert spelled(source) == expected


def test_the_contract_has_the_files_of_every_room() -> None:
    known = contract()
    assert len(known) > 40
    assert {"run.json", "metrics.json", "bundle.json", "ledger.tsv"} <= known


def test_no_name_of_the_contract_is_spelled_elsewhere() -> None:
    found = {
        path.relative_to(SOURCE).as_posix(): names
        for path in sorted(SOURCE.rglob("*.py"))
        if path.relative_to(SOURCE).parts[0] not in OWNERS
        and (names := spelled(path.read_text(encoding="utf-8")))
    }
    assert found == {}


def test_every_room_may_read_the_names() -> None:
    """It imports nothing of ours, so that no import becomes a circle."""
    tree = ast.parse(Path(of_study.__file__).read_text(encoding="utf-8"))
    imported = [
        node for node in ast.walk(tree) if isinstance(node, ast.Import | ast.ImportFrom)
    ]
    assert [ast.unparse(node) for node in imported] == ["from typing import Final"]


def test_no_name_stands_twice() -> None:
    values = [value for name, value in vars(of_study).items() if name.isupper()]
    assert sorted(values) == sorted(set(values))
