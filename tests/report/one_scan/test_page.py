"""The page of one scan, as a reader gets it."""

import shutil
from html.parser import HTMLParser
from pathlib import Path

import pytest

from crosswarp.bids.cohort import VIRTUAL_NOTICE
from crosswarp.report.one_scan.page import page_of, write_scan_page
from tests.report.one_scan.conftest import Asked, answer, write_bundle


class Words(HTMLParser):
    """Text of a page, and the addresses that it would ask for."""

    def __init__(self, page: str) -> None:
        super().__init__()
        self.text: list[str] = []
        self.ids: list[str] = []
        self.asked: list[str] = []
        self.feed(page)

    def handle_starttag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        known = dict(attrs)
        self.ids.append(str(known.get("id")))
        if tag in ("script", "img", "link", "iframe"):
            self.asked.append(tag)

    def handle_data(self, data: str) -> None:
        self.text.append(data)


def read(path: Path) -> tuple[Words, str]:
    words = Words(path.read_text("utf-8"))
    return words, " ".join(" ".join(words.text).split())


def test_the_answer_stands_before_those_to_held_out_scans(asked: Asked) -> None:
    said = answer(model="one")
    path = write_scan_page(asked.bundle, asked.out, said)
    assert path == page_of(asked.out, said)
    assert path.name == said.file.replace(".json", ".html")
    page, text = read(path)
    for name in ("figure-held_out", "figure-scan", "table-answer", "table-quality"):
        assert name in page.ids
    assert "AD 0.700 0.650 0.750" in text
    assert "Decision: AD, by 2 of 2 networks" in text
    assert "lowest to highest of 2 networks of the folds, not a conf" in text
    assert "Held-out scans with at least this probability" in text
    assert "sensitivity" in text
    assert "specificity" in text
    assert "compact_jsm, CN against AD, trained on 1 virtual participant" in text
    assert VIRTUAL_NOTICE in text
    assert "not a medical device" in text


def test_the_page_asks_for_nothing_and_is_the_same_twice(asked: Asked) -> None:
    said = answer(model="one")
    path = write_scan_page(asked.bundle, asked.out, said)
    before = path.read_bytes()
    assert read(path)[0].asked == []
    assert write_scan_page(asked.bundle, asked.out, said).read_bytes() == before
    assert str(asked.out).encode() not in before


def test_a_bundle_without_its_run_says_what_is_left_out(
    asked: Asked, tmp_path: Path
) -> None:
    alone = tmp_path / "elsewhere" / "bundle"
    shutil.copytree(asked.bundle / "repeat-0_fold-0" / "bundle", alone)
    page, text = read(write_scan_page(alone, asked.out, answer()))
    assert "figure-held_out" not in page.ids
    assert "figure-scan" in page.ids
    assert (
        "Left out, held out, held out scans: the model was given without its run"
        in (text)
    )


def test_a_scan_to_look_at_is_said_before_its_probability(asked: Asked) -> None:
    reason = "the brain lies against the edge of the image over 20 cm2"
    notes = (f"The quality control says check: {reason}.", "Another note.")
    said = answer(model="one", verdict="check", reason=reason, notes=notes)
    _, text = read(write_scan_page(asked.bundle, asked.out, said))
    warned = text.index("Look at the maps first: the quality control says check.")
    assert warned < text.index("Answer of one")
    # Said once, as the warning.
    assert text.count(reason) == 1
    assert "Another note." in text


def test_regions_outside_the_atlas_are_left_out_with_the_reason(asked: Asked) -> None:
    """The phantom's grid is not the atlas's."""
    _, text = read(write_scan_page(asked.bundle, asked.out, answer(model="one")))
    assert "Left out, volumes: the atlas has" in text


def test_real_participants_get_no_notice_of_virtual_ones(
    asked: Asked, tmp_path: Path
) -> None:
    alone = write_bundle(tmp_path / "alone", origin="real")
    _, text = read(write_scan_page(alone, asked.out, answer()))
    assert VIRTUAL_NOTICE not in text
    assert "1 real participant" in text


@pytest.mark.parametrize("damage", ["gone", "cut"])
def test_maps_that_cannot_be_read_are_left_out(asked: Asked, damage: str) -> None:
    said = answer(model="one")
    for path in (asked.out / "sub-001").rglob("*logjacobian*"):
        path.unlink() if damage == "gone" else path.write_bytes(b"no image")
    page, text = read(write_scan_page(asked.bundle, asked.out, said))
    assert "figure-scan" not in page.ids
    assert "Left out, scan:" in text
    assert "table-answer" in page.ids
