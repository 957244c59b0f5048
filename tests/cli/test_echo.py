"""What comes from outside is shown in a terminal, never carried out."""

import ast
from pathlib import Path

import pytest

from crosswarp.cli.echo import echo
from crosswarp.cli.progress import Bars

SOURCE = Path(__file__).parents[2] / "src" / "crosswarp"


def test_codes_are_printed_as_escapes(capsys: pytest.CaptureFixture[str]) -> None:
    echo("a\x1b[31mred\x07\nb\u202egnp.exe\tc")
    assert capsys.readouterr().out == "a\\x1b[31mred\\x07\nb\\u202egnp.exe\\tc\n"
    echo("ünï 😀", err=True)
    assert capsys.readouterr().err == "ünï 😀\n"


def test_progress_shows_names_as_they_are(
    capsys: pytest.CaptureFixture[str], monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr("crosswarp.cli.progress.LINE_EVERY_SECONDS", 0.0)
    with Bars() as bars:
        bars.stage("read\x1b[2J", 1)
        bars.advance("sub-\x1b]0;title\x07[red]x")
        bars.done()
        bars.say("in out\x1b[1m")
    told = capsys.readouterr()
    assert "\x1b" not in told.out + told.err
    assert "sub-\\x1b]0;title\\x07[red]x" in told.err


def test_nothing_else_prints() -> None:
    found = []
    for path in sorted(SOURCE.rglob("*.py")):
        if path.name == "echo.py":
            continue
        for node in ast.walk(ast.parse(path.read_text(encoding="utf-8"))):
            call = node.func if isinstance(node, ast.Call) else None
            if isinstance(call, ast.Name) and call.id == "print":
                found.append(f"{path.name}:{node.lineno}")
            if isinstance(call, ast.Attribute) and call.attr in ("echo", "secho"):
                found.append(f"{path.name}:{node.lineno}")
    assert found == []
