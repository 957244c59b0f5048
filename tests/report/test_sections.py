"""The list of sections: complete, and open to a new part."""

import pkgutil
from pathlib import Path

import pytest

from crosswarp.report import assemble, figures, tables, texts
from crosswarp.report.headings import HEADINGS
from crosswarp.report.parts import Text
from crosswarp.report.run import Run
from crosswarp.report.sections import SECTIONS, ListedPart, ListedSection


def test_every_heading_has_its_section() -> None:
    assert [section.id for section in SECTIONS] == list(HEADINGS)


def test_every_module_of_a_part_is_shown_once() -> None:
    there = [
        f"{package.__name__}.{module.name}"
        for package in (figures, tables, texts)
        for module in pkgutil.iter_modules(package.__path__)
    ]
    shown = [part.make.__module__ for section in SECTIONS for part in section.parts]
    assert sorted(shown) == sorted(there)


def test_a_new_part_is_one_function_and_one_line(
    monkeypatch: pytest.MonkeyPatch, tmp_path: Path
) -> None:
    def write(run: Run) -> Text:
        return Text([f"A part of {run.folder.name}."])

    more = ListedSection("flags", (ListedPart("mine", write),))
    monkeypatch.setattr(assemble, "SECTIONS", (*SECTIONS, more))
    *_, last = assemble._sections(Run(tmp_path / "run"))
    assert [part.part for part in last.parts] == [Text(["A part of run."])]
    assert last.title == HEADINGS["flags"]
