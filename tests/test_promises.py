"""Tests that docs/explanation/promises.md names exist, and both pages can be found."""

import re
from pathlib import Path

ROOT = Path(__file__).parents[1]
PROMISES = (ROOT / "docs" / "explanation" / "promises.md").read_text(encoding="utf-8")


def test_every_test_that_is_named_exists() -> None:
    named = set(re.findall(r"`(tests/[\w/.]+)`", PROMISES))
    assert len(named) > 10
    assert {name for name in named if not (ROOT / name).is_file()} == set()


def test_every_promise_has_a_test() -> None:
    promised, _, measured = PROMISES.partition("## What the long runs found")
    assert measured
    rows = [line for line in promised.splitlines() if line.startswith("| ")]
    promises = [r for r in rows if not r.startswith(("| promise", "| ---"))]
    assert len(promises) > 10
    assert [row for row in promises if "`tests/" not in row] == []


def test_the_readme_leads_to_both_pages() -> None:
    readme = (ROOT / "README.md").read_text(encoding="utf-8")
    assert "(docs/explanation/promises.md)" in readme
    assert "(docs/explanation/privacy.md)" in readme
