"""A reporting guideline, as far as a run answers it."""

from pathlib import Path
from typing import Any, Final

import yaml

from crosswarp.errors import CrosswarpError
from crosswarp.report.parts import Table
from crosswarp.report.run import Run
from crosswarp.report.wording import ABSENT

CHECKLISTS: Final = Path(__file__).with_name("checklists")
SECTIONS: Final = Path(__file__).with_name("sections.yml")


def read_listed(path: Path) -> Any:  # noqa: ANN401 - what a YAML file holds
    """Read one of the files that this package brings."""
    return yaml.safe_load(path.read_text(encoding="utf-8"))


def checklist(run: Run, name: str) -> Table:
    """List the items that the page answers, and what is left to the authors.

    Args:
        run: Which inputs are there decides what is answered.
        name: Of a file in ``checklists``.
    """
    found = read_listed(CHECKLISTS / f"{name}.yml")
    titles = {entry["id"]: entry["title"] for entry in read_listed(SECTIONS)}
    answered, open_items = [], []
    for entry in found["items"]:
        if "section" in entry and _has(run, entry["needs"]):
            left = ABSENT if entry["left"] == "nothing" else entry["left"]
            row = [entry["item"], entry["topic"], titles[entry["section"]], left]
            answered.append(row)
        else:
            open_items.append(f"{entry['item']} ({entry['topic']})")
    return Table(
        f"{found['name']} ({found['version']}): items that this page answers",
        ["Item", "Topic", "Answered under", "Left to the authors"],
        answered,
        f"Topics in our words; the guideline is {found['reference']}. Not answered by"
        f" this run, so for the authors alone: {'; '.join(open_items)}.",
        is_prose=True,
    )


def _has(run: Run, needs: list[str]) -> bool:
    try:
        for name in needs:
            getattr(run, name)
    except CrosswarpError:
        return False
    return True
