"""The public names: loaded late, documented, and none is that of a room."""

import inspect
import re
import subprocess
import sys
from pathlib import Path

import pytest

import crosswarp

ROOT = Path(__file__).parents[2]
HEAVY = ("torch", "pandas", "nibabel", "numpy", "scipy", "matplotlib", "ants")


def test_import_loads_no_library() -> None:
    program = (
        f"import sys, crosswarp; dir(crosswarp); crosswarp.__version__;"
        f"print(*(m for m in {HEAVY} if m in sys.modules))"
    )
    done = subprocess.run(
        [sys.executable, "-c", program], capture_output=True, text=True, check=False
    )
    assert (done.returncode, done.stdout, done.stderr) == (0, "\n", "")


def test_the_documentation_lists_the_names() -> None:
    page = (ROOT / "docs" / "explanation" / "design.md").read_text(encoding="utf-8")
    section = page.partition("## Python API")[2].partition("\n## ")[0]
    listed = re.findall(r"^\| `(\w+)` \|", section, re.MULTILINE)
    assert sorted(listed) == sorted(crosswarp.__all__)


@pytest.mark.parametrize("name", crosswarp.__all__)
def test_a_name_is_a_documented_function_and_no_room(name: str) -> None:
    function = getattr(crosswarp, name)
    assert inspect.isfunction(function)
    for part in ("Args:", "Returns:", "Raises:", "Examples:", ">>> "):
        assert part in inspect.getdoc(function), f"{name} lacks {part}"
    # Importing a room would put the module in the function's place.
    room = ROOT / "src" / "crosswarp" / name
    assert not room.exists()
    assert not room.with_suffix(".py").exists()


def test_version_and_unknown_names() -> None:
    assert re.fullmatch(r"\d+\.\d+\.\d+.*", crosswarp.__version__)
    assert {"__version__", *crosswarp.__all__} <= set(dir(crosswarp))
    with pytest.raises(AttributeError, match="has no attribute 'preproces'"):
        _ = crosswarp.preproces
