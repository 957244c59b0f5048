"""The QC page: worst first, everything said, nothing from outside, no markup let in."""

import re
from pathlib import Path

import pandas as pd
import pytest

from crosswarp.bids.ids import ScanId
from crosswarp.bids.names import QC_PAGE, figure_path
from crosswarp.preprocessing.limits import QualityLimits
from crosswarp.preprocessing.qc_page import (
    LABELS,
    write_qc_page,
)

GOOD = {
    "brain_volume_cm3": 1400.0,
    "brain_at_edge_cm2": 1.0,
    "intracranial_volume_cm3": 1500.0,
    "overlap": 0.95,
    "similarity": 0.9,
    "folded": 0.0,
    "log_jacobian_sd": 0.2,
    "log_jacobian_least": -0.6,
    "log_jacobian_greatest": 0.6,
}


def row(participant: str, status: str = "ok", reason: str | None = None, **numbers):
    return {
        "participant_id": participant,
        "session_id": "n/a",
        "status": status,
        "reason": reason,
        "seconds": 20.4,
        "peak_mb": 1800.0,
        "brain_mask": "deepbet",
        **numbers,
    }


@pytest.fixture
def ledger() -> pd.DataFrame:
    return pd.DataFrame(
        [
            row("sub-fine", **GOOD),
            row("sub-near", **{**GOOD, "overlap": 0.925}),
            row("sub-look", reason="look at it", **{**GOOD, "overlap": 0.9}),
            row("sub-off", "failed", "off the template", **{**GOOD, "overlap": 0.5}),
            row("sub-killed", "crash", "stopped by SIGKILL"),
            row("sub-evil", "failed", "<script>alert(1)</script> & more"),
        ]
    )


@pytest.fixture
def page(tmp_path: Path, ledger: pd.DataFrame) -> str:
    picture = figure_path(tmp_path, ScanId("sub-look"), "qc")
    picture.parent.mkdir(parents=True)
    picture.write_bytes(b"png")
    return write_qc_page(tmp_path, ledger, QualityLimits()).read_text("utf-8")


def scans(page: str) -> list[tuple[str, str]]:
    return re.findall(
        r'<article class="scan (\w+)[^>]*>.*?<h3>(.*?)</h3>', page, re.DOTALL
    )


def test_worst_come_first(page: str) -> None:
    assert scans(page) == [
        ("failed", "sub-evil"),
        ("failed", "sub-killed"),
        ("failed", "sub-off"),
        ("check", "sub-look"),
        ("ok", "sub-near"),
        ("ok", "sub-fine"),
    ]


def test_counts_stand_at_the_filters(page: str) -> None:
    labels = re.findall(r'<label for="show-(\w+)">(.*?)</label>', page)
    assert labels == [
        ("all", "all 6"),
        ("failed", "failed 3"),
        ("check", "check 1"),
        ("ok", "ok 2"),
    ]


def test_every_reason_is_said_and_escaped(page: str) -> None:
    for reason in ("look at it", "off the template", "stopped by SIGKILL"):
        assert reason in page
    assert "<script" not in page
    assert "&lt;script&gt;alert(1)&lt;/script&gt; &amp; more" in page


def test_pictures_are_linked_as_files_and_wait_until_they_are_seen(page: str) -> None:
    sources = re.findall(r'<img loading="lazy"[^>]* src="(.*?)"', page)
    assert sources == ["sub-look/figures/sub-look_desc-qc_T1w.png"]


def test_nothing_is_fetched(page: str) -> None:
    assert not re.findall(r'(?:src|href)="(?:https?:)?//', page)
    assert "default-src 'none'" in page
    assert str(Path.cwd()) not in page


def test_numbers_show_their_limits_when_they_are_not_fine(page: str) -> None:
    assert '<b class="check">0.900</b>' in page
    assert '<b class="failed">0.500</b>' in page
    assert "fine: at least 0.92" in page


def test_each_number_has_its_distribution(page: str) -> None:
    # Four scans have numbers, and only the overlap differs between them.
    assert page.count("<svg") == 1
    assert "median 0.91" in page
    for label, _ in LABELS.values():
        assert f"<strong>{label.replace(chr(39), '&#39;')}</strong>, 4 scans" in page
    assert "all \u22120.60" in page


def test_the_same_ledger_gives_the_same_page(
    tmp_path: Path, ledger: pd.DataFrame, page: str
) -> None:
    shuffled = ledger.iloc[::-1].reset_index(drop=True)
    assert write_qc_page(tmp_path, shuffled, QualityLimits()).read_text("utf-8") == page


def test_without_any_number_there_are_only_reasons(tmp_path: Path) -> None:
    failed = pd.DataFrame([row("sub-01", "failed", "no image")])
    page = write_qc_page(tmp_path, failed, QualityLimits()).read_text("utf-8")
    assert "Quality of 1 scan<" in page
    assert "Numbers and limits" not in page
    assert (tmp_path / QC_PAGE).is_file()


@pytest.mark.slow
def test_thousands_of_scans_stay_a_small_page(tmp_path: Path) -> None:
    many = pd.DataFrame([row(f"sub-{n:04d}", **GOOD) for n in range(3000)])
    page = write_qc_page(tmp_path, many, QualityLimits())
    assert page.stat().st_size < 6e6
    assert "content-visibility: auto" in page.read_text("utf-8")


def test_the_same_maps_give_the_same_bytes(
    tmp_path: Path, ledger: pd.DataFrame
) -> None:
    """Seconds and memory are never the same twice; the ledger has them."""
    first = write_qc_page(tmp_path, ledger, QualityLimits()).read_bytes()
    slower = ledger.assign(seconds=99.9, peak_mb=2500.5)
    assert write_qc_page(tmp_path, slower, QualityLimits()).read_bytes() == first
    assert b"brain mask: deepbet" in first
    again = ledger.assign(reason=ledger["reason"].fillna("n/a"))
    assert (again["reason"] == "n/a").any()
    assert write_qc_page(tmp_path, again, QualityLimits()).read_bytes() == first
    other = ledger.assign(brain_mask="template")
    assert write_qc_page(tmp_path, other, QualityLimits()).read_bytes() != first
