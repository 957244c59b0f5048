"""Chromium for the pages of the server, with WebGL drawn in software."""

import os
import shutil
from collections.abc import Iterator
from contextlib import contextmanager
from typing import Any

import pytest
from axe_playwright_python.sync_playwright import Axe
from playwright.sync_api import Browser, Page, sync_playwright

from crosswarp.viewer.pages import NIIVUE

PROGRAMS = ("chromium", "chromium-browser", "google-chrome", "google-chrome-stable")
TAGS = ["wcag2a", "wcag2aa", "wcag21a", "wcag21aa", "wcag22aa", "best-practice"]
READY = "#viewer[data-ready]"
PATIENCE_MS = 120_000

needs_niivue = pytest.mark.skipif(
    not NIIVUE.is_file(),
    reason="NiiVue is not there: python -m scripts.niivue could not fetch it",
)


@contextmanager
def opened_browser() -> Iterator[Browser]:
    found = [path for name in PROGRAMS if (path := shutil.which(name))]
    if not found:
        pytest.skip(f"no browser: none of {', '.join(PROGRAMS)} is installed")
    arguments = ["--enable-unsafe-swiftshader"]
    # Chromium's sandbox does not start for root, as which a container runs.
    arguments += ["--no-sandbox"] if os.geteuid() == 0 else []
    with sync_playwright() as playwright:
        browser = playwright.chromium.launch(executable_path=found[0], args=arguments)
        yield browser
        browser.close()


def new_page(browser: Browser, width: int = 1000, **how: Any) -> tuple[Page, list[str]]:
    """Open a page, and note what goes wrong in it."""
    page = browser.new_page(viewport={"width": width, "height": 844}, **how)
    page.set_default_timeout(PATIENCE_MS)
    faults: list[str] = []
    page.on(
        "console",
        lambda message: (
            faults.append(message.text) if message.type == "error" else None
        ),
    )
    page.on("pageerror", lambda error: faults.append(str(error)))
    return page, faults


def broken_rules(page: Page) -> dict[str, list[str]]:
    """Ask axe-core for the rules of accessibility that the page breaks."""
    found = Axe().run(page, options={"runOnly": {"type": "tag", "values": TAGS}})
    return {
        rule["id"]: [node["html"][:120] for node in rule["nodes"][:3]]
        for rule in found.response["violations"]
    }


def sideways(page: Page) -> int:
    """By how many pixels the page is wider than the window."""
    script = "document.documentElement.scrollWidth - window.innerWidth"
    return int(page.evaluate(script))
