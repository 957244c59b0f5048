"""The page in a real browser: on a desk, on a phone, on paper, and read aloud."""

import os
import re
import shutil
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest
from axe_playwright_python.sync_playwright import Axe
from playwright.sync_api import Browser, Page, sync_playwright

from crosswarp.report.sections import SECTIONS

pytestmark = pytest.mark.browser

PROGRAMS = ("chromium", "chromium-browser", "google-chrome", "google-chrome-stable")

PHONE, DESK = 390, 1000
"""CSS pixels."""

A4_TEXT = round((210 - 2 * 16) / 25.4 * 96)
"""Width of the text on paper, in CSS pixels; the margins are in ``style.css``."""

SMALLEST_TEXT = 11
"""CSS pixels, in figures on a phone."""


@pytest.fixture(scope="module")
def browser() -> Iterator[Browser]:
    found = [path for name in PROGRAMS if (path := shutil.which(name))]
    if not found:
        pytest.skip(f"no browser: none of {', '.join(PROGRAMS)} is installed")
    # Chromium's sandbox does not start for root, as which a container runs.
    arguments = ["--no-sandbox"] if os.geteuid() == 0 else []
    with sync_playwright() as playwright:
        opened = playwright.chromium.launch(executable_path=found[0], args=arguments)
        yield opened
        opened.close()


@pytest.fixture(params=[PHONE, DESK], ids=["phone", "desk"])
def opened(
    request: pytest.FixtureRequest, browser: Browser, reported: Path
) -> Iterator[tuple[Page, list[str], list[str]]]:
    """The page, what the console said, and what was asked of anyone."""
    page = browser.new_page(viewport={"width": request.param, "height": 844})
    said: list[str] = []
    asked: list[str] = []
    page.on("console", lambda message: said.append(message.text))
    page.on("pageerror", lambda error: said.append(str(error)))
    page.on("request", lambda sent: asked.append(sent.url))
    page.goto((reported / "report.html").as_uri(), wait_until="networkidle")
    yield page, said, asked
    page.close()


def evaluated(page: Page, script: str) -> Any:
    return page.evaluate(script)


def test_nothing_goes_wrong_and_nothing_is_asked_of_the_network(
    opened: tuple[Page, list[str], list[str]], reported: Path
) -> None:
    _, said, asked = opened
    assert said == []
    page = (reported / "report.html").as_uri()
    assert [url for url in asked if not url.startswith("data:")] == [page]


def test_page_never_scrolls_sideways(
    opened: tuple[Page, list[str], list[str]],
) -> None:
    page, *_ = opened
    width = evaluated(page, "window.innerWidth")
    assert evaluated(page, "document.documentElement.scrollWidth") <= width
    # Whatever is wider than the screen lies in a box of its own that scrolls.
    outside = """width => [...document.querySelectorAll("body *")]
        .filter(one => !one.closest(".wide, .skip"))
        .filter(one => one.getBoundingClientRect().right > width + 0.5)
        .map(one => one.outerHTML.slice(0, 80))"""
    assert page.evaluate(outside, width) == []
    boxes = """[...document.querySelectorAll(".wide")].map(
        box => [getComputedStyle(box).overflowX, box.tabIndex])"""
    assert {tuple(box) for box in evaluated(page, boxes)} == {("auto", 0)}


def test_rows_are_rows(opened: tuple[Page, list[str], list[str]]) -> None:
    """No cell is squeezed until its words run down the page letter by letter."""
    page, *_ = opened
    heights = """[...document.querySelectorAll("table:not(.prose) tbody tr")].map(
        row => row.getBoundingClientRect().height)"""
    assert max(evaluated(page, heights)) < 80


def test_every_section_is_there_and_its_link_leads_to_it(
    opened: tuple[Page, list[str], list[str]],
) -> None:
    page, *_ = opened
    for section in SECTIONS:
        heading = page.get_by_role("heading", name=section.title, exact=True)
        assert heading.is_visible()
        page.get_by_role("link", name=section.title, exact=True).click()
        # The last sections cannot be scrolled to the top of the window.
        box = heading.bounding_box()
        assert box is not None
        assert -1 < box["y"] < 844


def test_every_figure_says_what_it_shows(
    opened: tuple[Page, list[str], list[str]], reported: Path
) -> None:
    page, *_ = opened
    figures = page.get_by_role("img").all()
    assert len(figures) == len(list((reported / "figures").iterdir()))
    spoken = [figure.get_attribute("aria-label") or "" for figure in figures]
    assert min(len(text) for text in spoken) > 60
    assert len(set(spoken)) == len(spoken)
    unnamed = """[...document.querySelectorAll("img, svg")].filter(
        one => !one.matches("[role=img][aria-label]")).length"""
    assert evaluated(page, unnamed) == 0


def test_accessibility_rules_hold(opened: tuple[Page, list[str], list[str]]) -> None:
    """WCAG 2.2 A and AA, as far as axe-core can tell: contrast, names, structure."""
    page, *_ = opened
    tags = ["wcag2a", "wcag2aa", "wcag21a", "wcag21aa", "wcag22aa", "best-practice"]
    found = Axe().run(page, options={"runOnly": {"type": "tag", "values": tags}})
    broken = {
        rule["id"]: [node["html"][:120] for node in rule["nodes"][:3]]
        for rule in found.response["violations"]
    }
    assert broken == {}
    assert "color-contrast" in {rule["id"] for rule in found.response["passes"]}


def test_text_in_figures_is_large_and_dark_enough(
    opened: tuple[Page, list[str], list[str]],
) -> None:
    page, *_ = opened
    texts = evaluated(
        page,
        """[...document.querySelectorAll("svg text")].map(text => {
            const svg = text.ownerSVGElement, style = getComputedStyle(text);
            const scale = svg.getBoundingClientRect().width / svg.viewBox.baseVal.width;
            const colour = style.fill.match(/\\d+/g).map(Number);
            return [parseFloat(style.fontSize) * scale, colour, text.textContent];
        })""",
    )
    assert len(texts) > 100
    assert min(size for size, _, _ in texts) >= SMALLEST_TEXT
    assert min(contrast_on_white(colour) for _, colour, _ in texts) >= 4.5


def contrast_on_white(colour: list[int]) -> float:
    """Contrast ratio by WCAG 2; the colour in 0 to 255."""
    linear = [
        c / 12.92 if c <= 0.04045 else ((c + 0.055) / 1.055) ** 2.4
        for c in (part / 255 for part in colour[:3])
    ]
    luminance = 0.2126 * linear[0] + 0.7152 * linear[1] + 0.0722 * linear[2]
    return 1.05 / (luminance + 0.05)


def test_it_can_be_printed(browser: Browser, reported: Path) -> None:
    page = browser.new_page(viewport={"width": A4_TEXT, "height": 1000})
    page.goto((reported / "report.html").as_uri())
    page.emulate_media(media="print")
    # Nothing scrolls on paper: what is too wide would be cut off.
    cut = """width => [...document.querySelectorAll("main *")].filter(one =>
        one.getBoundingClientRect().right > width + 1
    ).map(one => one.outerHTML.slice(0, 80))"""
    assert page.evaluate(cut, A4_TEXT) == []
    pdf = page.pdf(prefer_css_page_size=True)
    page.close()
    assert pdf.startswith(b"%PDF")
    pages = max(int(count) for count in re.findall(rb"/Count (\d+)", pdf))
    assert 10 < pages < 60
