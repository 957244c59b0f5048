"""Plain English: commands explain themselves, and retired words stay away."""

import re
import subprocess
from pathlib import Path

import click
import pytest
import typer

from crosswarp.cli.main import app
from tests.english import commands, fragments, help_faults, prose, retired, text_of

ROOT = Path(__file__).parents[1]
COMMANDS = dict(commands(typer.main.get_command(app)))
WRITTEN = (".py", ".md", ".j2", ".html", ".yaml")


def files(*places: str) -> list[Path]:
    """List the tracked texts of folders, or skip outside of a clone."""
    listed = subprocess.run(
        ["git", "ls-files", "-z", *places],
        cwd=ROOT,
        capture_output=True,
        text=True,
        check=False,
    )
    if listed.returncode != 0:
        pytest.skip("not a git clone")
    paths = [ROOT / name for name in listed.stdout.split("\0") if name]
    return [path for path in paths if path.suffix in WRITTEN and path.is_file()]


def named(path: Path) -> str:
    return path.relative_to(ROOT).as_posix()


@pytest.mark.parametrize("words", COMMANDS)
def test_every_command_and_option_has_a_help_sentence(words: str) -> None:
    command = COMMANDS[words]
    summary = (command.help or "").split("\n\n")[0]
    faults = {words: help_faults(summary)}
    for option in command.params:
        faults["/".join(option.opts)] = help_faults(getattr(option, "help", None))
    assert {name: found for name, found in faults.items() if found} == {}


def test_no_entry_of_a_docstring_is_a_fragment() -> None:
    found = {
        named(path): entries
        for path in files("src")
        if path.suffix == ".py"
        and (entries := fragments(path.read_text(encoding="utf-8")))
    }
    assert found == {}


def test_retired_words_stay_away() -> None:
    texts = files("src", "docs", "configs", "README.md", "CONTRIBUTING.md")
    found = {named(path): words for path in texts if (words := retired(text_of(path)))}
    assert found == {}


def test_jsm_is_spelled_out_at_its_first_use_on_every_page() -> None:
    short = re.compile(r"\bJSM\b")
    late = [
        named(path)
        for path in files("docs", "README.md")
        if path.suffix == ".md"
        and (first := short.search(text := path.read_text(encoding="utf-8")))
        and not re.search(r"Jacobian\s+determinant\s+map", text[: first.end() + 80])
    ]
    assert late == []


@pytest.mark.parametrize(
    ("text", "fault"),
    [
        (None, "has no help"),
        ("Of everything drawn.", "starts with 'Of', neither noun nor verb"),
        ("Which; all of them.", "starts with 'Which', neither noun nor verb"),
        ("dask: a file.", "starts with a small letter"),
        ("Seed.", "is one word"),
        ("Random seed", "does not end with a full stop"),
    ],
)
def test_a_faulty_help_is_seen(text: str | None, fault: str) -> None:
    assert help_faults(text) == [fault]


def test_groups_of_commands_are_walked_to_their_ends() -> None:
    inner = click.Group("inner", commands={"leaf": click.Command("leaf")})
    root = click.Group("root", commands={"inner": inner})
    words = [name for name, _ in commands(root)]
    assert words == ["crosswarp", "crosswarp inner", "crosswarp inner leaf"]


SOURCE = '''
def align(scan, way, grid):
    """Align a scan.

    Args:
        scan: Whose.
        way: As in the paper that
            describes it.
        grid: The grid.

    Returns:
        The map.

    Raises:
        InputError: Never.
    """
    say("never deals  \\n anew")  # beware of it
    deal = f"{scan} trained again"
'''


def test_fragments_of_a_docstring_are_seen() -> None:
    assert fragments(SOURCE) == ["scan: Whose.", "grid: The grid.", "Returns: The map."]


def test_retired_words_are_seen_in_strings_and_comments_not_in_names() -> None:
    found = " | ".join(retired(prose(SOURCE)))
    assert all(word in found for word in ("Whose.", "deals", "beware", "trained again"))
    assert retired(prose("deal = dealt(beware)")) == []
    assert retired("an ideal dealer of great words") == []
