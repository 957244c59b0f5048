"""The tutorials run from their first cell to their last, and are kept with outputs."""

import os
import re
import subprocess
import sys
from pathlib import Path

import nbformat
import pytest

ROOT = Path(__file__).parents[2]
NOTEBOOKS = sorted((ROOT / "docs" / "tutorials").glob("*.ipynb"))
LARGEST = 400_000
"""Bytes of a notebook with its outputs."""

MACHINE = re.compile(r"/(tmp|home|root|work|Users|var)/")
"""Start of a path of the machine that a notebook was executed on."""


def kinds(cell: nbformat.NotebookNode) -> list[str]:
    return [output.output_type for output in cell.outputs]


def code_cells(notebook: nbformat.NotebookNode) -> list[nbformat.NotebookNode]:
    return [cell for cell in notebook.cells if cell.cell_type == "code"]


@pytest.fixture(params=NOTEBOOKS, ids=lambda path: path.name)
def path(request: pytest.FixtureRequest) -> Path:
    return request.param


def test_it_is_kept_with_small_outputs_and_no_path_of_a_machine(path: Path) -> None:
    assert path.stat().st_size < LARGEST
    for cell in code_cells(nbformat.read(path, 4)):
        assert cell.execution_count, cell.source
        assert "error" not in kinds(cell)
        for output in cell.outputs:
            texts = [output.get("text", ""), *output.get("data", {}).values()]
            assert not MACHINE.search(" ".join(map(str, texts)))


@pytest.mark.slow
def test_it_runs_to_its_end(path: Path, tmp_path: Path) -> None:
    paths = os.pathsep.join([str(Path(sys.executable).parent), os.environ["PATH"]])
    words = ["-m", "tests.tutorials.execute", path, tmp_path / path.name, "1"]
    done = subprocess.run(
        [sys.executable, *words],
        cwd=ROOT,
        env={**os.environ, "PATH": paths, "PYTHONPATH": str(ROOT / "src")},
        capture_output=True,
        text=True,
        check=False,
    )
    assert done.returncode == 0, done.stderr
    executed = code_cells(nbformat.read(tmp_path / path.name, 4))
    for cell, before in zip(executed, code_cells(nbformat.read(path, 4)), strict=True):
        assert kinds(cell) == kinds(before), cell.source
