"""Commands on the pages are ones that the program has."""

import shutil
from pathlib import Path
from typing import Any

import numpy as np
import pytest
import typer
from typer.testing import CliRunner

from crosswarp.cli.main import app
from tests.docs.pages import PAGES, SHELLS, Block, blocks, commands_in, spans
from tests.heads import write_head

COMMAND = typer.main.get_command(app)
BLOCKS = [block for page in PAGES for block in blocks(page)]
SHELL = [block for block in BLOCKS if block.language in SHELLS]
NAMES = {"ids": lambda block: f"{block.page}:{block.line}"}


def found(words: list[str]) -> tuple[Any, list[str]]:
    """Find the command that words call, and the words left for it."""
    command, rest = COMMAND, list(words)
    while rest and rest[0] in getattr(command, "commands", {}):
        command, rest = command.commands[rest[0]], rest[1:]
    return command, rest


def fault(words: list[str]) -> str | None:
    """Say what the command line has against a call; nothing is run."""
    command, rest = found(words)
    if hasattr(command, "commands") and rest[:1] != ["--version"]:
        return None if rest in ([], ["-h"], ["--help"]) else f"no command {rest[0]!r}"
    try:
        command.make_context("crosswarp", rest)
    except typer.Exit:
        return None
    except Exception as error:  # noqa: BLE001 - typer's usage errors are private
        return str(error)
    return None


def span_fault(text: str) -> str | None:
    """Say which word or option of a call within a sentence does not exist."""
    command, rest = found(text.split()[1:])
    if hasattr(command, "commands"):
        known = text.split()[-1] in command.commands or rest in ([], ["-h"], ["--help"])
        return None if known or command is not COMMAND else f"no command {rest[0]!r}"
    options = {name for each in command.params for name in each.opts}
    options |= {"-h", "--help"}
    given = [word.partition("=")[0] for word in rest if word.startswith("-")]
    unknown = [word for word in given if word not in options]
    return f"no option {', '.join(unknown)}" if unknown else None


def test_every_command_of_a_block_can_be_typed() -> None:
    calls = [(block, call) for block in SHELL for call in commands_in(block.text)]
    assert len(calls) > 30
    faults = {
        f"{block.page}:{block.line} crosswarp {' '.join(call)}": found
        for block, call in calls
        if (found := fault(call))
    }
    assert faults == {}


def test_every_command_within_a_sentence_exists() -> None:
    named = [(page.name, span) for page in PAGES for span in spans(page)]
    assert len(named) > 40
    faults = {f"{name}: {s}": found for name, s in named if (found := span_fault(s))}
    assert faults == {}


@pytest.fixture(scope="module")
def place(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A folder with a small BIDS data set, in which the pages' commands run."""
    folder = tmp_path_factory.mktemp("docs")
    rows = ["participant_id\tage\tsex\tdiagnosis"]
    head = write_head(folder / "head.nii.gz", np.ones((8, 8, 8), np.int16), np.eye(4))
    for number in range(1, 41):
        scan = (
            folder
            / "BIDS"
            / f"sub-{number:02}"
            / "anat"
            / f"sub-{number:02}_T1w.nii.gz"
        )
        scan.parent.mkdir(parents=True)
        shutil.copy(head, scan)
        rows.append(
            f"sub-{number:02}\t{60 + number % 20}\tF\t{'AD' if number % 2 else 'CN'}"
        )
    text = "\n".join(rows) + "\n"
    (folder / "BIDS" / "participants.tsv").write_text(text, encoding="utf-8")
    return folder


@pytest.mark.parametrize("block", [b for b in SHELL if b.runs], **NAMES)
def test_a_block_runs(
    block: Block, place: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.chdir(place)
    calls = list(commands_in(block.text))
    assert calls
    for call in calls:
        done = CliRunner().invoke(app, call)
        assert done.exit_code == 0, (call, done.output, done.exception)


@pytest.mark.parametrize(
    "block", [b for b in BLOCKS if b.language == "python"], **NAMES
)
def test_a_block_of_python_runs(
    block: Block, place: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.chdir(place)
    exec(
        compile(block.text, f"{block.page}:{block.line}", "exec"), {"__name__": "page"}
    )


@pytest.mark.parametrize(
    ("line", "told"),
    [
        ("crosswarp foldz a b", "no command 'foldz'"),
        ("crosswarp folds cohort.tsv out.tsv --fold 5", "--fold"),
        ("crosswarp folds cohort.tsv", "out"),
        ("crosswarp folds cohort.tsv out.tsv --folds five", "valid integer"),
    ],
)
def test_a_stale_command_is_seen(line: str, told: str) -> None:
    (call,) = commands_in(line)
    assert told in str(fault(call))


def test_a_stale_command_within_a_sentence_is_seen() -> None:
    assert span_fault("crosswarp foldz") == "no command 'foldz'"
    assert span_fault("crosswarp folds --repeat") == "no option --repeat"
    assert span_fault("crosswarp weights list --folder X") is None


def test_calls_are_taken_out_of_lines_of_shell() -> None:
    text = "$ crosswarp a 'b c'  # why\nmake && crosswarp d \\\n  --e > f | g\n"
    assert list(commands_in(text)) == [["a", "b c"], ["d", "--e"]]
