"""A reporting guideline, as far as a run answers it."""

from pathlib import Path
from typing import Any, Final

from crosswarp.documents import read_yaml
from crosswarp.report.facts import facts_of
from crosswarp.report.headings import HEADINGS
from crosswarp.report.parts import Table
from crosswarp.report.run import Run
from crosswarp.report.wording import ABSENT

CHECKLISTS: Final = Path(__file__).with_name("checklists")


def read_listed(path: Path) -> Any:  # noqa: ANN401 - what a YAML file holds
    """Read one of the files that this package brings."""
    return read_yaml(path)


def checklist(run: Run, name: str) -> Table:
    """List the items that the run fills, and what is left to the authors.

    Args:
        run: What it can tell of itself decides what is filled.
        name: Of a file in ``checklists``.
    """
    found = read_listed(CHECKLISTS / f"{name}.yml")
    facts = facts_of(run)
    answered, open_items = [], []
    for entry in found["items"]:
        fact = facts.get(entry.get("fact", ""))
        if fact is not None:
            left = ABSENT if entry["left"] == "nothing" else entry["left"]
            see = HEADINGS[entry["section"]]
            answered.append([entry["item"], entry["topic"], fact, see, left])
        else:
            open_items.append(f"{entry['item']} ({entry['topic']})")
    return Table(
        f"{found['name']} ({found['version']}): items that this run fills",
        ["Item", "Topic", "This run", "More under", "Left to the authors"],
        answered,
        f"Topics in our words; the guideline is {found['reference']}. Not filled by"
        f" this run, so for the authors alone: {'; '.join(open_items)}.",
        is_prose=True,
    )
