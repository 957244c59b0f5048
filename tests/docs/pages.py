"""What the pages show: code blocks, commands and links."""

import re
import shlex
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path

ROOT = Path(__file__).parents[2]
PAGES = [
    ROOT / "README.md",
    ROOT / "CONTRIBUTING.md",
    *sorted((ROOT / "docs").rglob("*.md")),
]
SHELLS = ("console", "sh", "bash", "")
RUNS = "<!-- runs -->"
"""Stands before a block that the tests run."""

FENCE = re.compile(r"^( *)```(\w*)\n(.*?)^\1```$", re.DOTALL | re.MULTILINE)
SPAN = re.compile(r"(?<!`)`(crosswarp [^`]+)`(?!`)")


@dataclass(frozen=True)
class Block:
    """A fenced block of code on a page.

    Attributes:
        page: Path of the page, from the root of the repository.
        line: Line of the page on which the block starts, from 1.
        language: Word behind the fence, or an empty string.
        text: The code, without the indentation of the block.
        runs: Whether a comment before it says that the tests run it.
    """

    page: str
    line: int
    language: str
    text: str
    runs: bool


def blocks(path: Path) -> list[Block]:
    """Find the fenced blocks of a page."""
    text = path.read_text(encoding="utf-8")
    return [
        Block(
            path.relative_to(ROOT).as_posix(),
            text[: found.start()].count("\n") + 1,
            found[2],
            re.sub(rf"^{found[1]}", "", found[3], flags=re.MULTILINE),
            text[: found.start()].rstrip().endswith(RUNS),
        )
        for found in FENCE.finditer(text)
    ]


def commands_in(text: str) -> Iterator[list[str]]:
    """Yield the calls of crosswarp in lines of shell, each as its words.

    Comments, prompts, redirections and other programs are left out.
    """
    for line in text.replace("\\\n", " ").splitlines():
        words = shlex.split(line.removeprefix("$ "), comments=True)
        call: list[str] = []
        for word in [*words, "&&"]:
            if word in ("&&", "||", "|", ";", "&", ">"):
                if call[:1] == ["crosswarp"]:
                    yield call[1:]
                call = []
            else:
                call.append(word)


def spans(path: Path) -> list[str]:
    """Find calls of crosswarp within sentences."""
    text = FENCE.sub("", path.read_text(encoding="utf-8"))
    return [re.sub(r"\s+", " ", found) for found in SPAN.findall(text)]
