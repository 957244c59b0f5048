"""Nothing is written but through `crosswarp.files`: whole, synced, its disk named."""

import ast
from collections.abc import Iterator
from pathlib import Path

import pytest

ROOT = Path(__file__).parents[1] / "src" / "crosswarp"

WHOLE = {"written_whole", "written_folder"}

WRITERS = {
    "write_text",
    "write_bytes",
    "to_csv",
    "to_json",
    "to_excel",
    "to_filename",
    "savefig",
    "savetxt",
    "savez",
    "save",
    "save_file",
    "open_memmap",
    "memmap",
    "mkdir",
    "makedirs",
    "touch",
    "symlink_to",
    "hardlink_to",
    "symlink",
    "link",
    "copy",
    "copy2",
    "copyfile",
    "copytree",
    "move",
    "rename",
    "mkdtemp",
    "mkstemp",
    "TemporaryFile",
    "NamedTemporaryFile",
    "TemporaryDirectory",
    "FileHandler",
    "CSVLogger",
    "TensorBoardLogger",
}

OWNERS = {"files.py", "links.py", "locks.py", "claims.py", "disks.py"}
"""Who may write: what the others use."""

INSIDE = "the caller gives a folder of `written_folder`, or a name of `written_whole`"
SCRATCH = "a temporary folder or file, deleted when the work ends"
LOGS = "a log that grows while the work goes on; nothing is read from it"

ALLOWED = {
    "baselines/smoothing.py:smoothed": SCRATCH,
    "bids/tables.py:table_text": "into memory",
    "readers/dicom/archive.py:": SCRATCH,
    "readers/dicom/frames.py:": SCRATCH,
    "readers/dicom/read.py:": SCRATCH,
    "evaluation/written.py:sizes_of": "into memory",
    "execution/": LOGS,
    "training/logs.py:": LOGS,
    "figures/svg.py:": "into memory",
    "inputs/store.py:_new_array": INSIDE,
    "models/export/card.py:write_cards": INSIDE,
    "models/own_weights.py:save_weights": INSIDE,
    "models/weights/fetch.py:_download": INSIDE,
    "report/group_maps.py:": INSIDE,
    "training/callbacks.py:StraightToFile": INSIDE,
    "viewer/api_views.py:zipped": "into memory, and from there to whoever asks",
    "viewer/uploads.py:receive": INSIDE,
}
"""Places that write otherwise, and why; their disks are named by their callers."""


def name_of(call: ast.AST) -> str:
    if not isinstance(call, ast.Call):
        return ""
    function = call.func
    if isinstance(function, ast.Attribute):
        return function.attr
    return function.id if isinstance(function, ast.Name) else ""


def opens_to_write(call: ast.Call) -> bool:
    words = [*call.args, *(k.value for k in call.keywords if k.arg in (None, "mode"))]
    values = [w.value for w in words if isinstance(w, ast.Constant)]
    modes = [v for v in values if isinstance(v, str) and set(v) <= set("rwaxbt+")]
    return any(set(mode) & set("wax+") for mode in modes)


def writers(
    node: ast.AST, place: tuple[str, ...] = (), whole: bool = False
) -> Iterator[tuple[str, str]]:
    """Give the place and the name of every call that writes outside of a block."""
    for child in ast.iter_child_nodes(node):
        inner, inside = place, whole
        if isinstance(child, ast.FunctionDef | ast.ClassDef | ast.AsyncFunctionDef):
            inner = (*place, child.name)
        if isinstance(child, ast.With):
            inside |= any(name_of(i.context_expr) in WHOLE for i in child.items)
        name = name_of(child)
        writes = name in WRITERS or (name == "open" and opens_to_write(child))
        if writes and not inside and not is_of_values(child):
            yield ".".join(place), name
        yield from writers(child, inner, inside)


def is_of_values(call: ast.Call) -> bool:
    """Whether it is the copy or the renaming of a table, an array or a module."""
    function = call.func
    if name_of(call) in ("copy", "move"):
        shutil = isinstance(function, ast.Attribute) and isinstance(
            function.value, ast.Name
        )
        return not (shutil and function.value.id == "shutil")
    return name_of(call) == "rename" and any(k.arg for k in call.keywords)


def found() -> dict[str, str]:
    calls = {}
    for path in sorted(ROOT.rglob("*.py")):
        module = path.relative_to(ROOT).as_posix()
        if module in OWNERS:
            continue
        for place, name in writers(ast.parse(path.read_text(encoding="utf-8"))):
            calls[f"{module}:{place}"] = name
    return calls


def test_no_module_writes_on_its_own() -> None:
    others = {
        place: name
        for place, name in found().items()
        if not place.startswith(tuple(ALLOWED))
    }
    assert others == {}


def test_what_is_allowed_is_still_there() -> None:
    places = tuple(found())
    gone = [key for key in ALLOWED if not any(p.startswith(key) for p in places)]
    assert gone == []


@pytest.mark.parametrize(
    "line",
    [
        "path.write_text('a')",
        "open(path, 'w')",
        "path.open('ab')",
        "open(path, mode='x')",
        "shutil.copy(a, b)",
        "os.rename(a, b)",
        "def f():\n  with other(): table.to_csv(path)",
    ],
)
def test_a_writer_is_seen(line: str) -> None:
    assert len(list(writers(ast.parse(line)))) == 1


@pytest.mark.parametrize(
    "line",
    [
        "with written_whole(p) as t: t.write_text('a')",
        "with a() as b, written_folder(p) as t:\n  with x: t.mkdir()",
        "open(path)",
        "path.open('rb')",
        "table.copy()",
        "table.rename(columns=a)",
    ],
)
def test_reading_and_whole_writing_pass(line: str) -> None:
    assert list(writers(ast.parse(line))) == []
