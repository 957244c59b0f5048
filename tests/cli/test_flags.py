"""Messages of the library speak of arguments; what a command prints, of options."""

import ast
import re
from pathlib import Path

import typer.main

from crosswarp.cli.echo import echo
from crosswarp.cli.flags import FLAGS
from crosswarp.cli.main import app

SOURCE = Path(__file__).parents[2] / "src" / "crosswarp"

OPTION = re.compile(r"(?<![\w-])--[a-z][a-z-]+")

OTHERS = {"--no-deps", "--force-reinstall", "--upgrade"}
"""Options of pip, which messages name to install a package."""

ROOMS_TO_COME = (
    "archives",
    "execution/slurm",  # of Slurm and of Dask
    "bids/labels.py",
    "bids/options.py",
    "power",
    "running/new_file.py",  # of `crosswarp init` alone
)
"""Reached by commands alone so far; their messages still name options."""


def messages(path: Path) -> list[str]:
    """Texts of a module, without its docstrings."""
    tree = ast.parse(path.read_text(encoding="utf-8"))
    documented = (ast.Module, ast.ClassDef, ast.FunctionDef)
    docs = {
        ast.get_docstring(n, clean=False)
        for n in ast.walk(tree)
        if isinstance(n, documented)
    }
    found = [n.value for n in ast.walk(tree) if isinstance(n, ast.Constant)]
    return [text for text in found if isinstance(text, str) and text not in docs]


def test_the_library_names_no_option() -> None:
    named = {}
    for path in sorted(SOURCE.rglob("*.py")):
        place = path.relative_to(SOURCE).as_posix()
        if place.startswith(("cli/", *ROOMS_TO_COME)):
            continue
        texts = " ".join(messages(path))
        if options := set(OPTION.findall(texts)) - OTHERS:
            named[place] = options
    assert named == {}


def test_every_argument_has_an_option_that_is_there() -> None:
    group = typer.main.get_command(app)
    commands = dict(group.commands)
    commands |= commands["model"].commands
    known = {
        option
        for command in commands.values()
        for parameter in command.params
        for option in parameter.opts
    }
    assert set(FLAGS.values()) <= known


def test_what_is_printed_names_options(capsys) -> None:
    echo("give `redo=True`, `brain_mask='given'` or `mapping={'a b': 'AD'}`; `other`")
    assert capsys.readouterr().out == (
        "give --redo, --skull-stripped or --map 'a b=AD'; `other`\n"
    )
