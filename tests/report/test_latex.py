"""Tables as LaTeX: what a compiler would stumble over."""

import re
import shutil
import subprocess
from pathlib import Path

import pytest

from crosswarp.bids.cohort import VIRTUAL_NOTICE
from crosswarp.report.latex import escaped, latex_table
from crosswarp.report.parts import Table

TABLES = ["comparison", "tests", "cohort", "metrics", "metrics_overall"]

COMMAND = re.compile(r"\\(?:[A-Za-z]+|[&%$#_{}\\])")


def check(text: str) -> list[list[str]]:
    """Read a table as LaTeX would, and return its cells.

    Environments and braces must close in order, maths must end, nothing special may
    stand unescaped, and every row must have as many cells as columns.
    """
    body = re.sub(r"(?<!\\)%.*", "", text)
    opened: list[str] = []
    for kind, name in re.findall(r"\\(begin|end)\{(\w+)\}", body):
        if kind == "begin":
            opened.append(name)
        else:
            assert opened.pop() == name
    assert opened == []
    plain = COMMAND.sub("", body)
    depth = 0
    for character in plain:
        depth += {"{": 1, "}": -1}.get(character, 0)
        assert depth >= 0
    assert depth == 0
    assert not set(plain) & set("#_^\\")
    assert plain.count("$") % 2 == 0
    assert plain.isascii()
    (sides,) = re.findall(r"\\begin\{tabular\}\{([lr]+)\}", body)
    inside = body[body.index(r"\toprule") : body.index(r"\bottomrule")]
    rows = [
        re.split(r"(?<!\\)&", line.removesuffix(r"\\"))
        for line in inside.splitlines()
        if line.endswith(r"\\")
    ]
    assert {len(row) for row in rows} == {len(sides)}
    return [[cell.strip() for cell in row] for row in rows]


def test_everything_special_is_written_as_itself() -> None:
    table = Table(
        r"50 % of {a} \ b",
        ["Model_1", "p", "#"],
        [["a&b", "< 0.001", "~^"], ["c$d", "\u22121.0 ± 0.5", "\u2013"]],
        "A note: 95\u00a0%.",
    )
    header, first, second = check(latex_table(table, "a_name", None))
    assert header == [r"Model\_1", "p", r"\#"]
    assert first == [r"a\&b", "$<$ 0.001", r"\textasciitilde{}\textasciicircum{}"]
    assert second == [r"c\$d", r"$-$1.0 $\pm$ 0.5", "--"]
    assert r"\label{tab:a-name}" in latex_table(table, "a_name", None)
    assert escaped("95\u00a0%") == r"95~\%"


def test_cell_that_begins_with_a_bracket_is_no_option() -> None:
    text = latex_table(Table("t", ["a"], [["[1, 2]"]]), "t", None)
    assert r"{[}1, 2]" in text


@pytest.mark.parametrize("name", TABLES)
def test_tables_of_a_run_are_sound_and_say_that_people_are_virtual(
    reported: Path, name: str
) -> None:
    text = (reported / "tables" / f"{name}.tex").read_text(encoding="utf-8")
    rows = check(text)
    written = (reported / "tables" / f"{name}.tsv").read_text(encoding="utf-8")
    assert len(rows) == len(written.splitlines())
    assert VIRTUAL_NOTICE in text
    assert r"\usepackage{booktabs}" in text


def test_a_long_heading_is_broken() -> None:
    text = latex_table(Table("t", ["a", "Over all folds [95\u00a0%]"], []), "t", None)
    assert r"a & \shortstack[r]{Over all folds\\{[}95~\%]} \\" in text


def test_latex_itself_accepts_them(reported: Path, tmp_path: Path) -> None:
    program = shutil.which("pdflatex")
    if program is None:
        pytest.skip("no pdflatex is installed")
    for name in TABLES:
        shutil.copy(reported / "tables" / f"{name}.tex", tmp_path)
    paper = tmp_path / "paper.tex"
    body = "".join(rf"\input{{{name}}}" for name in TABLES)
    paper.write_text(
        r"\documentclass{article}\usepackage{booktabs}\usepackage{graphicx}"
        rf"\begin{{document}}{body}\end{{document}}"
    )
    command = [program, "-interaction=nonstopmode", "-halt-on-error", paper.name]
    done = subprocess.run(command, cwd=tmp_path, capture_output=True, check=False)
    log = done.stdout.decode(errors="replace")
    assert done.returncode == 0, log[-1000:]
    assert "Overfull" not in log
    assert paper.with_suffix(".pdf").is_file()
