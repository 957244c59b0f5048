"""Figures as text: the same picture gives the same bytes."""

import io
import re
from pathlib import Path

from matplotlib.figure import Figure

from crosswarp.figures.style import styled
from crosswarp.files import written_whole

_HASHED = re.compile(r'(?<=["#])[a-z][0-9a-f]{10}(?=["\)])')
"""Ids that matplotlib makes, where they are given or referred to."""

READER_FONT = "system-ui, -apple-system, 'Segoe UI', Roboto, Arial, sans-serif"
"""The reader's own font."""


def svg_text(figure: Figure, name: str) -> str:
    """Write a figure as one ``<svg>`` element, fit to stand alone or in a page.

    Args:
        figure: Any matplotlib figure.
        name: Put before every id, so that several figures fit in one page.

    Returns:
        No date, no XML declaration, text as text; raster parts are data URIs.
    """
    buffer = io.StringIO()
    with styled():
        figure.savefig(buffer, format="svg", metadata={"Date": None, "Creator": None})
    text = buffer.getvalue()
    text = text[text.index("<svg") :]
    text = re.sub(r"\s*<metadata>.*?</metadata>", "", text, flags=re.DOTALL)
    text = _numbered(text)
    text = re.sub(r'\bid="([^"]+)"', rf'id="{name}-\1"', text)
    text = re.sub(r"url\(#([^)]+)\)", rf"url(#{name}-\1)", text)
    text = re.sub(r'href="#([^"]+)"', rf'href="#{name}-\1"', text)
    return text.replace("'DejaVu Sans'", READER_FONT)


def _numbered(text: str) -> str:
    """Replace matplotlib's hashed ids by numbers, in the order in which they appear.

    The id of a clip path is a hash of where Python happened to keep it in memory.
    """
    numbers: dict[str, str] = {}

    def number(found: re.Match[str]) -> str:
        return numbers.setdefault(found.group(), f"part{len(numbers) + 1}")

    return _HASHED.sub(number, text)


def write_svg(path: Path, text: str) -> None:
    """Write a figure's text as a file of its own, whole or not at all."""
    with written_whole(path) as temporary:
        temporary.write_text(
            f'<?xml version="1.0" encoding="utf-8"?>\n{text}', encoding="utf-8"
        )
