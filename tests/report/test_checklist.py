"""Reporting checklists: complete, and honest about what the run answers."""

from pathlib import Path

import pytest

from crosswarp.report.checklist import CHECKLISTS, checklist, read_listed
from crosswarp.report.facts import FACTS
from crosswarp.report.headings import HEADINGS
from crosswarp.report.run import Run

SIZES = {"tripod_ai": 27, "claim": 44}


@pytest.mark.parametrize("name", SIZES)
def test_every_item_of_the_guideline_is_there_in_order(name: str) -> None:
    items = [
        entry["item"] for entry in read_listed(CHECKLISTS / f"{name}.yml")["items"]
    ]
    numbers = [int(item.rstrip("abcdefg")) for item in items]
    assert sorted(set(numbers)) == list(range(1, SIZES[name] + 1))
    assert numbers == sorted(numbers)
    assert len(items) == len(set(items))


@pytest.mark.parametrize("name", SIZES)
def test_sections_and_facts_exist(name: str) -> None:
    for entry in read_listed(CHECKLISTS / f"{name}.yml")["items"]:
        if "section" in entry:
            assert entry["section"] in HEADINGS
            assert entry["left"]
            assert entry["fact"] in FACTS
        else:
            assert set(entry) == {"item", "topic"}


def test_what_is_not_in_the_run_is_left_to_the_authors(run: Path) -> None:
    items = {row[0]: row for row in checklist(Run(run), "claim").rows}
    assert "31" not in items
    assert items["20"][2:] == [
        "2 folds by participant, the same for every model",
        "Participants and folds",
        "\u2013",
    ]
    (run / "metrics.json").unlink()
    table = checklist(Run(run), "claim")
    assert "37" in items
    assert "37" not in {row[0] for row in table.rows}
    assert "37 (Performance and its uncertainty)" in table.note


def test_a_run_with_attribution_answers_more(reported: Path) -> None:
    assert "31" in {row[0] for row in checklist(Run(reported), "claim").rows}
