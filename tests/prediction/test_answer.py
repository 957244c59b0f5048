"""Answers in one folder: none takes another one's place, the quality comes first."""

import json
from dataclasses import replace
from pathlib import Path

import pytest

from crosswarp.bids.ids import ScanId
from crosswarp.errors import InputError
from crosswarp.prediction.answer import ScanPrediction, Votes, as_verdict, majority
from crosswarp.prediction.answers import (
    AnswerKey,
    check_free,
    read_answers,
    write_answer,
)
from crosswarp.statistics.temperature import NOT_FITTED
from crosswarp.study.names import ANSWERS, PREDICTIONS

SCAN = ScanId("sub-01", "ses-1")
ANSWER = ScanPrediction(
    scan=SCAN,
    verdict="check",
    reason="is a part of the head cut off?",
    model="compact_jsm",
    classes=("CN", "AD"),
    probabilities=(0.25, 0.75),
    minimum=(0.2, 0.7),
    maximum=(0.3, 0.8),
    networks=5,
    temperature=NOT_FITTED,
    votes=Votes("AD", 4, (0.5,) * 5, ("youden on validation",)),
    notes=("a note",),
)
KEY = AnswerKey(SCAN, "compact_jsm", "abcdef0123456789", "file-1")


def keep(out: Path, **changes: object) -> Path:
    key = replace(KEY, **changes)  # type: ignore[arg-type]
    check_free(out, key)
    answer = replace(ANSWER, scan=key.scan, model=key.model)
    return write_answer(out, key, answer, "maps")


def test_scans_sessions_models_and_trainings_have_a_row_each(tmp_path: Path) -> None:
    keep(tmp_path)
    keep(tmp_path, scan=ScanId("sub-01", "ses-2"), source="file-2")
    keep(tmp_path, scan=ScanId("sub-02"), source="file-3")
    keep(tmp_path, model="early_fusion")
    keep(tmp_path, bundle="0123456789abcdef")
    spread = "lowest to highest of 5 networks of the folds, not a confidence interval"
    assert ANSWER.as_json()["spread"] == spread
    assert replace(ANSWER, networks=1).as_json()["spread"] is None
    table = read_answers(tmp_path)
    assert len(table) == len(list((tmp_path / ANSWERS).iterdir())) == 5
    assert not table.duplicated(
        ["participant_id", "session_id", "model", "bundle"]
    ).any()
    assert table["probability_AD"].tolist() == [0.75] * 5
    assert set(table["bundle"]) == {"abcdef01", "01234567"}


def test_the_same_question_again_has_one_row(tmp_path: Path) -> None:
    path = keep(tmp_path)
    assert keep(tmp_path) == path
    assert path.name == "sub-01_ses-1_model-CompactJsm_bundle-abcdef01_prediction.json"
    assert len(read_answers(tmp_path)) == 1


def test_the_quality_comes_first(tmp_path: Path) -> None:
    written = json.loads(keep(tmp_path).read_text())
    assert next(iter(written)) == "quality"
    assert written["quality"] == {"verdict": "check", "reason": ANSWER.reason}
    row = read_answers(tmp_path).iloc[0]
    assert (row["quality"], row["quality_reason"]) == ("check", ANSWER.reason)
    assert ANSWER.quality == f"quality control: check, {ANSWER.reason}"
    assert replace(ANSWER, verdict="ok", reason="").quality == "quality control: ok"


def test_another_file_of_the_same_name_is_refused(tmp_path: Path) -> None:
    keep(tmp_path)
    with pytest.raises(InputError, match="another file that is also named sub-01_ses"):
        keep(tmp_path, source="file-2")
    with pytest.raises(InputError, match="another file"):
        keep(tmp_path, source="file-2", model="early_fusion")


def test_a_longer_name_is_another_scan(tmp_path: Path) -> None:
    keep(tmp_path, scan=ScanId("sub-01", "ses-12"), source="file-2")
    keep(tmp_path)
    assert len(read_answers(tmp_path)) == 2


def test_a_table_of_something_else_is_kept(tmp_path: Path) -> None:
    (tmp_path / PREDICTIONS).write_text("model\trepeat\n")
    with pytest.raises(InputError, match="was not written by crosswarp predict"):
        check_free(tmp_path, KEY)
    assert (tmp_path / PREDICTIONS).read_text() == "model\trepeat\n"


@pytest.mark.parametrize(
    ("row", "expected"),
    [
        ({"qc": "ok", "reason": float("nan")}, ("ok", "")),
        ({"qc": "ok", "reason": "n/a"}, ("ok", "")),
        ({"qc": "check", "reason": "look"}, ("check", "look")),
        ({"qc": "n/a", "reason": None}, ("check", "no quality numbers were recorded")),
    ],
)
def test_verdicts_of_the_ledger(
    row: dict[str, object], expected: tuple[str, str]
) -> None:
    assert as_verdict(row) == expected


def test_divided_networks_decide_nothing() -> None:
    assert majority(["AD", "CN", "AD"]) == ("AD", 2)
    assert majority(["AD", "CN", "MCI", "MCI", "CN"]) == (None, 2)


@pytest.mark.parametrize(
    "content", ["", "null", "[]", "{}", '{"decision": 3}', "[" * 5000]
)
def test_a_damaged_answer_is_a_row_and_stops_no_other(
    tmp_path: Path, content: str
) -> None:
    keep(tmp_path).write_text(content)
    keep(tmp_path, scan=ScanId("sub-02"), source="file-3")
    rows = read_answers(tmp_path).set_index("participant_id")
    assert (
        "is damaged; give crosswarp predict again"
        in rows.loc["sub-01", "quality_reason"]
    )
    assert rows.loc["sub-02", "decision"] == "AD"
    keep(tmp_path)
    assert read_answers(tmp_path)["decision"].tolist() == ["AD", "AD"]
