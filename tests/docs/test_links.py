"""Paths and links on the pages, and pages that the code names, are there."""

import re
import subprocess
from pathlib import Path

import pytest
import yaml

from tests.docs.pages import FENCE, ROOT

LINK = re.compile(r"\]\(([^)\s]+)\)")
HEADING = re.compile(r"^#+ (.+)$", re.MULTILINE)
NAMED = re.compile(r"(?<![\w/.])docs/[\w/-]+\.(?:md|svg|png|ipynb)\b")


def anchors(page: Path) -> set[str]:
    """Headings of a page, spelled as GitHub and MkDocs link to them."""
    text = FENCE.sub("", page.read_text(encoding="utf-8"))
    words = [re.sub(r"[^\w\s-]", "", h.lower()) for h in HEADING.findall(text)]
    return {re.sub(r"\s", "-", word.strip()) for word in words}


def broken(page: Path) -> list[str]:
    """Links of a page to files or headings that are not there."""
    faults = []
    for link in LINK.findall(FENCE.sub("", page.read_text(encoding="utf-8"))):
        target, _, anchor = link.partition("#")
        if "://" in link or link.startswith("mailto:"):
            continue
        file = page.parent / target if target else page
        if not file.exists() or (anchor and anchor not in anchors(file)):
            faults.append(link)
    return faults


@pytest.mark.parametrize("name", ["README.md", "CONTRIBUTING.md", "CHANGELOG.md"])
def test_links_of_the_front_pages_lead_somewhere(name: str) -> None:
    """MkDocs checks those within docs (test_site.py), but not these."""
    assert broken(ROOT / name) == []


def test_a_broken_link_is_seen(tmp_path: Path) -> None:
    page = tmp_path / "page.md"
    page.write_text("# One `two`, three\n[a](#one-two-three) [b](#four) [c](gone.md)")
    assert broken(page) == ["#four", "gone.md"]


def test_pages_that_code_and_comments_name_exist() -> None:
    listed = subprocess.run(
        ["git", "ls-files", "-z", "src", "tests", "benchmarks", "configs", "scripts"],
        cwd=ROOT,
        capture_output=True,
        text=True,
        check=False,
    )
    if listed.returncode != 0:
        pytest.skip("not a git clone")
    files = [ROOT / name for name in listed.stdout.split("\0") if name]
    named = {
        page: path.name
        for path in files
        if path.is_file() and path.suffix in (".py", ".yaml", ".yml", ".toml", "")
        for page in NAMED.findall(path.read_text(encoding="utf-8", errors="ignore"))
    }
    assert len(named) > 5
    assert {p: name for p, name in named.items() if not (ROOT / p).is_file()} == {}


def test_the_navigation_has_the_four_kinds_and_what_was_measured() -> None:
    config = yaml.safe_load((ROOT / "mkdocs.yml").read_text(encoding="utf-8"))
    sections = [next(iter(section)) for section in config["nav"]]
    assert sections == [
        "Home",
        "Tutorials",
        "How-to guides",
        "Reference",
        "Explanation",
        "Measured",
    ]
