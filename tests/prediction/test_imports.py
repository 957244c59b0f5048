"""What a prediction loads: read from the sources, since loading it takes seconds."""

import ast
from collections.abc import Iterator
from pathlib import Path

import crosswarp

ROOT = Path(crosswarp.__file__).parent

STARTS = ("prediction/predict.py", "report/one_scan/page.py", "cli/predict.py")


def loaded(start: Path) -> set[str]:
    """All modules that a file loads before a function of it is called."""
    seen: set[Path] = set()
    names: set[str] = set()
    waiting = [start]
    while waiting:
        path = waiting.pop()
        if path in seen:
            continue
        seen.add(path)
        found = set(imported(ast.parse(path.read_text(encoding="utf-8")).body))
        names |= found
        waiting += [file for name in found for file in files_of(name)]
    return names


def imported(body: list[ast.stmt]) -> Iterator[str]:
    for statement in body:
        if isinstance(statement, ast.Import):
            yield from (alias.name for alias in statement.names)
        elif isinstance(statement, ast.ImportFrom):
            yield str(statement.module)
            yield from (f"{statement.module}.{a.name}" for a in statement.names)
        elif isinstance(statement, ast.Try | ast.With):
            yield from imported(statement.body)


def files_of(name: str) -> Iterator[Path]:
    """The files of a module of ours, those of its parents with it."""
    parts = name.split(".")
    if parts[0] != "crosswarp":
        return
    for end in range(1, len(parts) + 1):
        place = ROOT.joinpath(*parts[1:end])
        for path in (place.with_suffix(".py"), place / "__init__.py"):
            if path.is_file():
                yield path


def test_a_prediction_loads_nothing_that_only_training_and_statistics_need() -> None:
    names = {name for start in STARTS for name in loaded(ROOT / start)}
    assert {"torch", "crosswarp.models.bundle", "matplotlib.figure"} <= names
    heavy = ("scipy.stats", "scipy.optimize", "sklearn", "lightning", "torchmetrics")
    assert {n for n in names if n.startswith(heavy)} == set()
