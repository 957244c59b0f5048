"""The site is built strictly, without a network, and refers to nothing outside."""

import json
import re
import socket
from pathlib import Path

import pytest

pytest.importorskip("mkdocs")
from mkdocs.commands.build import build
from mkdocs.config import load_config
from scripts import docs_hooks

from tests.docs.pages import ROOT

LOADED = re.compile(r"""<(?:script|link|img|iframe)\b[^>]*(?:src|href)="(https?:)?//""")


@pytest.fixture(scope="module")
def site(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """Build the whole site as ``mkdocs build --strict`` does; a warning is an error."""
    out = tmp_path_factory.mktemp("site")
    with pytest.MonkeyPatch.context() as patched:

        def refused(*_: object) -> None:
            msg = "the documentation must be built without a network"
            raise AssertionError(msg)

        patched.setattr(socket.socket, "connect", refused)
        config = load_config(str(ROOT / "mkdocs.yml"), site_dir=str(out), strict=True)
        build(config)
    return out


@pytest.mark.slow
def test_pages_load_nothing_from_elsewhere(site: Path) -> None:
    pages = list(site.rglob("*.html"))
    assert len(pages) > 20
    texts = {page.name: page.read_text(encoding="utf-8") for page in pages}
    assert [name for name, text in texts.items() if LOADED.search(text)] == []


@pytest.mark.slow
def test_the_reference_has_all_commands_and_keys(site: Path) -> None:
    commands = (site / "reference" / "commands.html").read_text(encoding="utf-8")
    for words in ("crosswarp preprocess", "crosswarp model list", "--log-json"):
        assert words in commands
    keys = (site / "reference" / "experiment.html").read_text(encoding="utf-8")
    assert "scans_per_participant" in keys
    assert "learning_rate" in keys


def test_all_options_are_in_the_reference() -> None:
    page = docs_hooks.commands_page()
    assert page.count("## `crosswarp") > 15
    assert "Write progress as JSON lines to standard output." in page


def test_every_module_is_in_the_reference() -> None:
    page = docs_hooks.modules_page()
    for module in ("crosswarp.training", "crosswarp.cli", "crosswarp.models.fusion"):
        assert f"## `{module}`" in page
    assert re.search(r"\| `\w+` \|  \|", page) is None, "a module without a docstring"


def test_a_notebook_becomes_a_page(tmp_path: Path) -> None:
    outputs = [
        {"output_type": "stream", "name": "stdout", "text": ["one\n", "two\n"]},
        {"output_type": "display_data", "data": {"image/png": "QUJD\n"}},
        {"output_type": "execute_result", "data": {"text/html": "<b>x</b>"}},
        {"output_type": "execute_result", "data": {"text/plain": ["3"]}},
        {"output_type": "display_data", "data": {}},
    ]
    cells = [
        {"cell_type": "markdown", "source": ["# A title\n", "And text."]},
        {"cell_type": "code", "source": "1 + 2", "outputs": outputs},
        {"cell_type": "code", "source": "", "outputs": []},
    ]
    folder = tmp_path / "tutorials"
    folder.mkdir()
    path = folder / "first.ipynb"
    path.write_text(json.dumps({"cells": cells, "nbformat": 4}), encoding="utf-8")
    assert docs_hooks.notebooks(tmp_path) == [path]
    assert docs_hooks.title_of(path) == "A title"
    page = docs_hooks.notebook_page(path)
    assert page.startswith("# A title\nAnd text.\n\n```python\n1 + 2\n```")
    for part in ("one\ntwo", "base64,QUJD", "<div><b>x</b></div>", "```text\n3\n```"):
        assert part in page
    cells[0]["source"] = "no heading"
    path.write_text(json.dumps({"cells": cells}), encoding="utf-8")
    assert docs_hooks.title_of(path) == "first"
