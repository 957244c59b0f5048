"""Figures as text: the same picture gives the same bytes."""

import io
import re
from pathlib import Path
from xml.sax.saxutils import quoteattr

from matplotlib.figure import Figure

from crosswarp.figures.style import styled
from crosswarp.files import written_whole

_REFERENCE = re.compile(r'(\bid="|url\(#|href="#)([^")]+)')
"""Where an id is given or referred to."""

_HASHED = re.compile(r"[0-9a-f]{10}$")
"""How ids end that matplotlib hashes."""

READER_FONT = "system-ui, -apple-system, 'Segoe UI', Roboto, Arial, sans-serif"
"""The reader's own font."""


def svg_text(figure: Figure, name: str, alternative: str = "") -> str:
    """Write a figure as one ``<svg>`` element, fit to stand alone or in a page.

    Args:
        figure: Any matplotlib figure.
        name: Put before every id, so that several figures fit in one page.
        alternative: What it shows, for who cannot see it.

    Returns:
        No date, no XML declaration, text as text; raster parts are data URIs.
    """
    buffer = io.StringIO()
    with styled():
        figure.savefig(buffer, format="svg", metadata={"Date": None, "Creator": None})
    text = buffer.getvalue()
    text = text[text.index("<svg") :]
    text = re.sub(r"\s*<metadata>.*?</metadata>", "", text, flags=re.DOTALL)
    spoken = f'<svg role="img" aria-label={quoteattr(alternative)}'
    text = text.replace("<svg", spoken if alternative else "<svg", 1)
    return _renamed(text, name).replace("'DejaVu Sans'", READER_FONT)


def _renamed(text: str, name: str) -> str:
    """Put a name before every id, and number those that matplotlib hashes.

    It hashes where Python happened to keep a clip path in memory, and coordinates with
    all their digits: neither is the same in the next run. Two equal rasters have one
    hash; the second gets a number of its own, since nothing refers to either.
    """
    numbers: dict[str, int] = {}
    given: set[str] = set()

    def rename(match: re.Match[str]) -> str:
        opening, old = match.groups()
        if not _HASHED.search(old):
            return f"{opening}{name}-{old}"
        key = old
        while opening.startswith("id") and key in given:
            key += "+"
        if opening.startswith("id"):
            given.add(key)
        return f"{opening}{name}-shape-{numbers.setdefault(key, len(numbers) + 1)}"

    return _REFERENCE.sub(rename, text)


def write_svg(path: Path, text: str) -> None:
    """Write a figure's text as a file of its own, whole or not at all."""
    with written_whole(path) as temporary:
        temporary.write_text(
            f'<?xml version="1.0" encoding="utf-8"?>\n{text}', encoding="utf-8"
        )
