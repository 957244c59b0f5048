"""Pages of the documentation that are made and not written: the reference, notebooks.

MkDocs calls these functions (``hooks`` in ``mkdocs.yml``). Commands are read from the
command line itself, so that the page cannot differ from what ``--help`` says.
"""

import ast
import json
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import typer
from mkdocs.config.defaults import MkDocsConfig
from mkdocs.structure.files import File, Files

SOURCE = Path(__file__).parents[1] / "src"
TUTORIALS = "tutorials"


def on_config(config: MkDocsConfig) -> MkDocsConfig:
    """Add the notebooks to the navigation.

    Args:
        config: Configuration of MkDocs, as read from ``mkdocs.yml``.
    """
    for section in config.nav or []:
        if "Tutorials" in section:
            section["Tutorials"] += [
                {title_of(path): f"{TUTORIALS}/{path.stem}.md"}
                for path in notebooks(Path(config.docs_dir))
            ]
    return config


def on_files(files: Files, config: MkDocsConfig) -> Files:
    """Add the pages that are made to those that are written.

    Args:
        files: Files of the documentation, to which pages are added.
        config: Configuration of MkDocs, as read from ``mkdocs.yml``.
    """
    made = {
        "reference/commands.md": commands_page(),
        "reference/api.md": api_page(),
        "reference/experiment.md": experiment_page(),
        "reference/modules.md": modules_page(),
    }
    for path in notebooks(Path(config.docs_dir)):
        made[f"{TUTORIALS}/{path.stem}.md"] = notebook_page(path)
    for name, content in made.items():
        files.append(File.generated(config, name, content=content))
    return files


def commands_page() -> str:
    """Describe all commands with their arguments and options."""
    from crosswarp.cli.main import app

    lines = ["# Commands", "", "This page is generated from the help of the commands."]
    for words, command in _walk("crosswarp", typer.main.get_command(app)):
        lines += ["", f"## `{words}`", "", *_described(words, command)]
    return "\n".join(lines) + "\n"


def _walk(words: str, command: Any) -> Iterator[tuple[str, Any]]:  # noqa: ANN401
    """Walk over the commands; their classes are no part of typer's interface."""
    yield words, command
    for name, each in getattr(command, "commands", {}).items():
        if not each.hidden:
            yield from _walk(f"{words} {name}", each)


def _described(words: str, command: Any) -> list[str]:  # noqa: ANN401
    context = command.make_context(words, [], resilient_parsing=True)
    usage = command.get_usage(context).removeprefix("Usage: ")
    records = [option.get_help_record(context) for option in command.params]
    rows = [
        f"| `{_cell(names)}` | {_plain(_cell(told))} |"
        for names, told in filter(None, records)
    ]
    lines = [command.help or "", "", "```text", usage, "```", ""]
    return lines + (["| name | meaning |", "| --- | --- |", *rows] if rows else [])


def _cell(text: str) -> str:
    return " ".join(text.split()).replace("|", "\\|")


def _plain(text: str) -> str:
    """Keep Markdown from reading ``*`` and ``<`` of a help text as markup."""
    return text.replace("<", "&lt;").replace("*", "\\*").replace("_", "\\_")


def api_page() -> str:
    """List the public names of the package with their docstrings."""
    import crosswarp

    head = "# Python API\n\nThis page is generated from the docstrings.\n"
    names = [n for n in getattr(crosswarp, "__all__", []) if not n.startswith("__")]
    found = [(name, getattr(crosswarp, name)) for name in names]
    parts = [
        f"\n::: {each.__module__}.{each.__qualname__}\n"
        for _, each in sorted(found, key=lambda pair: pair[0].lower())
    ]
    return head + "".join(parts or ["\n::: crosswarp\n"])


def experiment_page() -> str:
    """List the keys of an experiment file, from the classes that check it."""
    from crosswarp.training.experiment import Comparison, Experiment

    lines = [
        "# Experiment file",
        "",
        "This page is generated from the classes that check an experiment file.",
        "How to use one is in [Training](../how-to/training.md).",
        "",
        f"::: {Experiment.__module__}.{Experiment.__name__}",
        "",
        "Keys that an experiment file shares with a study file:",
        "",
        f"::: {Comparison.__module__}.{Comparison.__name__}",
        "",
        "::: crosswarp.training.settings",
    ]
    return "\n".join(lines) + "\n"


def modules_page() -> str:
    """List all modules, each with the first line of its docstring."""
    lines = [
        "# Modules",
        "",
        "This page is generated from the docstrings. It is a map of the code for",
        "contributors; what users call is in the [Python API](api.md).",
    ]
    root = SOURCE / "crosswarp"
    folders = [root, *sorted(each for each in root.rglob("*") if each.is_dir())]
    for folder in folders:
        modules = sorted(folder.glob("[!_]*.py"))
        if modules:
            lines += ["", f"## `{_module(folder)}`", "", "| module | what it is |"]
            lines += ["| --- | --- |", *map(_module_row, modules)]
    return "\n".join(lines) + "\n"


def _module(path: Path) -> str:
    return ".".join(path.relative_to(SOURCE).with_suffix("").parts)


def _module_row(path: Path) -> str:
    docstring = ast.get_docstring(ast.parse(path.read_text(encoding="utf-8"))) or ""
    return f"| `{path.stem}` | {_cell(docstring.partition(chr(10))[0])} |"


def notebooks(docs: Path) -> list[Path]:
    """Find the notebooks among the tutorials, in the order of their names."""
    return sorted((docs / TUTORIALS).glob("*.ipynb"))


def title_of(notebook: Path) -> str:
    """Take the title of a notebook from its first heading."""
    for cell in json.loads(notebook.read_text(encoding="utf-8"))["cells"]:
        for line in _text(cell["source"]).splitlines():
            if cell["cell_type"] == "markdown" and line.startswith("# "):
                return line.removeprefix("# ").strip()
    return notebook.stem


def notebook_page(notebook: Path) -> str:
    """Turn an executed notebook into Markdown, with its outputs.

    Args:
        notebook: A file of format 4; nothing in it is run here.
    """
    parts = []
    for cell in json.loads(notebook.read_text(encoding="utf-8"))["cells"]:
        source = _text(cell["source"])
        if cell["cell_type"] == "markdown":
            parts.append(source)
        elif cell["cell_type"] == "code" and source:
            parts.append(f"```python\n{source}\n```")
            parts += [_output(each) for each in cell.get("outputs", [])]
    return "\n\n".join(part for part in parts if part) + "\n"


def _text(lines: str | list[str]) -> str:
    return lines if isinstance(lines, str) else "".join(lines)


def _output(output: dict[str, Any]) -> str:
    """Show a picture or a table if there is one, or else the text."""
    data = output.get("data", {})
    if "image/png" in data:
        coded = _text(data["image/png"]).replace("\n", "")
        return (
            f'<img alt="Output of the cell above" src="data:image/png;base64,{coded}">'
        )
    if "text/html" in data:
        return f"<div>{_text(data['text/html'])}</div>"
    told = _text(output.get("text", "")) or _text(data.get("text/plain", ""))
    return f"```text\n{told.rstrip()}\n```" if told.strip() else ""
