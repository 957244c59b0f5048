"""The pages in a real browser: upload, progress, cancel, result, faults."""

import gzip
from collections.abc import Iterator
from pathlib import Path

import pytest
from playwright.sync_api import Browser, Page

from tests.viewer.browsing import (
    READY,
    broken_rules,
    needs_niivue,
    new_page,
    opened_browser,
    sideways,
)
from tests.viewer.conftest import Served, scan_bytes
from tests.viewer.quick import SLOW

pytestmark = [pytest.mark.browser, pytest.mark.slow]


@pytest.fixture(scope="module")
def browser() -> Iterator[Browser]:
    with opened_browser() as browser:
        yield browser


@pytest.fixture(scope="module")
def result(served: Served) -> str:
    """Address of the page of a scan that is done."""
    sent = served.send("sub-01_T1w.nii.gz", gzip.compress(scan_bytes()))
    job = served.ended(sent.json()["id"])
    assert job["state"] == "done", job
    return f"{served.address}/jobs/{job['id']}"


def write(folder: Path, name: str, content: bytes) -> Path:
    path = folder / name
    path.write_bytes(content)
    return path


def test_a_scan_is_sent_followed_and_shown_by_keyboard_alone(
    served: Served, browser: Browser, tmp_path: Path
) -> None:
    page, faults = new_page(browser)
    page.goto(served.address)
    assert broken_rules(page) == {}
    scan = write(tmp_path, "sub-02_T1w.nii.gz", gzip.compress(scan_bytes(1)))
    focus(page, "file")
    # What the key opens is the system's own window, which no page controls.
    page.set_input_files(":focus", scan)
    page.wait_for_url("**/jobs/*")
    page.get_by_role("heading", name="Progress").wait_for()
    page.get_by_role("heading", name="Answer", exact=True).wait_for()
    assert "Answer of compact_jsm" in page.inner_text("main")
    assert faults == []
    page.close()


def focus(page: Page, name: str) -> None:
    """Press the tabulator until an element has the focus."""
    for _ in range(60):
        if page.evaluate("document.activeElement.id") == name:
            return
        page.keyboard.press("Tab")
    raise AssertionError(name)


def test_a_running_job_is_cancelled(
    served: Served, browser: Browser, tmp_path: Path
) -> None:
    page, _ = new_page(browser, 390)
    page.goto(served.address)
    scan = write(tmp_path, f"{SLOW}_T1w.nii.gz", gzip.compress(scan_bytes()))
    page.set_input_files("#file", scan)
    page.get_by_text("Running: brain extraction. About").wait_for()
    assert broken_rules(page) == {}
    assert sideways(page) <= 0
    focus(page, "cancel")
    page.keyboard.press("Enter")
    page.get_by_text("Cancelled. The scan was deleted from the server.").wait_for()
    page.close()


@pytest.mark.parametrize(
    ("name", "content", "told"),
    [
        ("scan.nii.gz", b"#!/bin/sh\nrm -rf ~\n", "it looks like a script"),
        ("scan.nii.gz", gzip.compress(b"\0" * 500), "this is no NIfTI file"),
        ("scan.exe", b"MZ", "expected a NIfTI file"),
        ("scan.nii", b"\0" * 4_000_000, "this server takes at most 3 MB"),
    ],
    ids=["script", "zeros", "program", "large"],
)
def test_a_bad_file_is_refused_on_the_page(
    served: Served,
    browser: Browser,
    tmp_path: Path,
    name: str,
    content: bytes,
    told: str,
) -> None:
    page, _ = new_page(browser)
    page.goto(served.address)
    page.set_input_files("#file", write(tmp_path, name, content))
    page.locator("#fault").get_by_text(told).wait_for()
    assert page.locator("#sending").is_hidden()
    page.close()


@needs_niivue
def test_layers_crosshair_and_regions(result: str, browser: Browser) -> None:
    page, faults = new_page(browser, color_scheme="light")
    page.goto(result)
    page.wait_for_selector(READY)
    region = page.locator("#region")
    # The map is below 0 on the left, and above on the right.
    assert region.inner_text().startswith("left hippocampus (")
    value = page.locator("#layers tr", has_text="Log-Jacobian").locator("td").first
    assert value.inner_text() == "-0.300"
    page.select_option("#find", label="right thalamus")
    assert region.inner_text().startswith("right thalamus (")
    assert value.inner_text() == "0.300"
    x = float(page.input_value("#x"))
    page.locator("#gl").press("ArrowRight")
    assert float(page.input_value("#x")) == pytest.approx(x + 2, abs=1)
    page.get_by_role("button", name="Show the left amygdala").click()
    assert region.inner_text().startswith("left amygdala (")
    assert broken_rules(page) == {}
    assert faults == []
    page.close()


@needs_niivue
def test_layers_are_switched_and_coloured(result: str, browser: Browser) -> None:
    page, faults = new_page(browser)
    page.goto(result)
    page.wait_for_selector(READY)
    # Another picture with the overlay than without.
    shown = picture(page)
    box = page.locator("[data-layer=logjacobian]")
    box.uncheck()
    without = picture(page)
    assert without != shown
    box.check()
    assert picture(page) == shown
    page.select_option("#layout", label="3D")
    assert picture(page) != shown
    page.get_by_label("Colours of Log-Jacobian").select_option("viridis")
    threshold = page.get_by_label("Threshold of Log-Jacobian")
    threshold.focus()
    threshold.press("End")
    page.locator("[data-layer=regions]").check()
    assert broken_rules(page) == {}
    assert faults == []
    page.close()


def picture(page: Page) -> bytes:
    page.wait_for_timeout(300)
    return page.locator("#gl").screenshot()


@needs_niivue
def test_a_phone_in_the_dark(result: str, browser: Browser) -> None:
    page, faults = new_page(browser, 390, color_scheme="dark")
    page.goto(result)
    page.wait_for_selector(READY)
    assert sideways(page) <= 0
    assert broken_rules(page) == {}
    background = "getComputedStyle(document.body).backgroundColor"
    assert page.evaluate(background) == "rgb(20, 25, 31)"
    assert faults == []
    page.close()


def test_without_niivue_the_page_says_what_to_do(
    result: str, browser: Browser, monkeypatch: pytest.MonkeyPatch, tmp_path: Path
) -> None:
    monkeypatch.setattr("crosswarp.viewer.pages.NIIVUE", tmp_path / "not there")
    page, faults = new_page(browser)
    page.goto(result)
    assert "make install" in page.inner_text("#lacking")
    assert page.locator("canvas").count() == 0
    assert "Answer of compact_jsm" in page.inner_text("main")
    assert faults == []
    page.close()
