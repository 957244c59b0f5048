"""Colours that every reader can tell from the paper."""

import pytest

from crosswarp.figures.style import BLUE, EDGE, FAINT, INK, MUTED, ORANGE, PALE

WHITE = "#ffffff"


def contrast(colour: str, ground: str) -> float:
    """Contrast ratio by WCAG 2."""
    light, dark = sorted((luminance(colour), luminance(ground)), reverse=True)
    return (light + 0.05) / (dark + 0.05)


def luminance(colour: str) -> float:
    parts = [int(colour[start : start + 2], 16) / 255 for start in (1, 3, 5)]
    linear = [
        p / 12.92 if p <= 0.04045 else ((p + 0.055) / 1.055) ** 2.4 for p in parts
    ]
    return 0.2126 * linear[0] + 0.7152 * linear[1] + 0.0722 * linear[2]


def test_contrast_is_wcags() -> None:
    assert contrast("#000000", WHITE) == pytest.approx(21)
    assert contrast("#767676", WHITE) == pytest.approx(4.54, abs=0.01)


@pytest.mark.parametrize("colour", [INK, MUTED, BLUE, ORANGE])
def test_text_can_be_read(colour: str) -> None:
    assert contrast(colour, WHITE) >= 4.5


@pytest.mark.parametrize(
    ("colour", "ground"),
    [(FAINT, WHITE), (FAINT, PALE), (EDGE, WHITE), (BLUE, PALE), (ORANGE, PALE)],
)
def test_lines_can_be_seen(colour: str, ground: str) -> None:
    assert contrast(colour, ground) >= 3
