"""Sessions of one person: each has its answer, and the change since the first."""

import json
from dataclasses import replace
from pathlib import Path

import pytest

from crosswarp.bids.ids import ScanId
from crosswarp.prediction.answers import (
    AnswerKey,
    is_changed,
    read_answers,
    write_answer,
)
from crosswarp.report.one_scan.answer import tabulate_changes
from crosswarp.study.findings import CHANGE_NOTE, Changes
from tests.prediction.test_answer import ANSWER
from tests.report.one_scan.test_findings import page


def keep(
    out: Path,
    session: str | None,
    probability: float,
    age: float | None = None,
    model: str = "jsm",
) -> Path:
    scan = ScanId("sub-01", session)
    said = (round(1 - probability, 6), probability)
    answer = replace(ANSWER, scan=scan, probabilities=said, age_years=age, model=model)
    return write_answer(out, AnswerKey(scan, model, "a" * 16, str(session)), answer, "")


def changes(path: Path) -> Changes:
    return Changes.model_validate(json.loads(path.read_text())["changes"])


def test_later_sessions_are_compared_with_the_first(tmp_path: Path) -> None:
    """Whatever order they are predicted in; another model is another one's."""
    later = keep(tmp_path, "ses-M24", 0.75, 72.0)
    assert "changes" not in json.loads(later.read_text())
    keep(tmp_path, "ses-M24", 0.9, 72.0, model="t1w")
    first = keep(tmp_path, "ses-bl", 0.5, 70.0)
    for path in (first, later):
        found = changes(path)
        assert (found.positive, found.note) == ("AD", CHANGE_NOTE)
        [change] = found.sessions
        assert (change.first, change.later, change.days) == ("ses-bl", "ses-M24", None)
        assert (change.probability, change.probability_per_year) == (0.25, 0.125)
        assert change.log_odds == pytest.approx(1.0986)
        assert (change.years, change.log_odds_per_year) == (2, pytest.approx(0.5493))
        assert not is_changed(json.loads(path.read_text()))
    table = read_answers(tmp_path)
    ours = (table["session_id"] == "ses-M24") & (table["model"] == "jsm")
    assert table.loc[ours, "change_probability"].tolist() == [0.25]
    assert table["change_probability"].notna().tolist() == ours.tolist()
    first.unlink()
    keep(tmp_path, "ses-M24", 0.9, 72.0, model="t1w")
    assert "changes" not in json.loads(later.read_text())


@pytest.mark.parametrize(
    ("sessions", "days", "per_year"),
    [
        (("ses-d0000", "ses-d0731"), 731, True),
        (("ses-20060418I45108", "ses-20060425I45200"), 7, False),
        (("ses-20061399", "ses-20070101"), None, False),
        ((None, "ses-2"), None, False),
    ],
)
def test_days_are_those_of_the_names_of_sessions(
    sessions: tuple[str | None, str],
    days: int | None,
    per_year: bool,
    tmp_path: Path,
) -> None:
    keep(tmp_path, sessions[0], 0.5)
    [change] = changes(keep(tmp_path, sessions[1], 1.0)).sessions
    assert (change.first, change.days) == (sessions[0] or "n/a", days)
    assert (change.probability_per_year is not None) == per_year
    assert change.log_odds == pytest.approx(13.8155)  # not infinite


def test_the_page_has_a_table_of_them(tmp_path: Path) -> None:
    keep(tmp_path, "ses-d0000", 0.5)
    found = changes(keep(tmp_path, "ses-d1461", 0.75))
    table = tabulate_changes(page(tmp_path, changes=found))
    assert table is not None
    assert table.rows == [
        ["ses-d1461", "ses-d0000", "4.00", "0.250", "0.062", "1.10", "0.27"]
    ]
    assert "not on change" in table.note
    assert tabulate_changes(page(tmp_path)) is None
