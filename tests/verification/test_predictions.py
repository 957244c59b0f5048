"""verify: answers, their table, and the records of a cohort's predictions."""

import json
from pathlib import Path

import pytest

from crosswarp.documents import read_json
from crosswarp.prediction.answers import is_kept, write_answers
from crosswarp.prediction.external import evaluate_cohort
from crosswarp.study.names import ANSWERS, COHORT_PREDICTION, EXTERNAL, PREDICTIONS
from crosswarp.verification.predictions import verify_answers, verify_cohort_records
from crosswarp.verification.records import Place
from tests.prediction.made_answers import FAST, Made
from tests.prediction.test_answer import KEY, keep


def answers(out: Path) -> list[tuple[str, str]]:
    return [(found.kind, found.path) for found in verify_answers(Place(out, out))]


def test_an_answer_whose_probability_was_changed_is_told_and_given_again(
    tmp_path: Path,
) -> None:
    path = keep(tmp_path)
    shown = f"{ANSWERS}/{path.name}"
    assert answers(tmp_path) == []
    written = read_json(path)
    forged = json.loads(json.dumps(written).replace("0.75", "0.95"))
    assert forged != written
    path.write_text(json.dumps(forged))
    assert answers(tmp_path) == [("changed", shown), ("mixed", PREDICTIONS)]
    # A table of forged answers makes them no better, and none is kept.
    write_answers(tmp_path)
    assert answers(tmp_path) == [("changed", shown)]
    assert not is_kept(tmp_path, KEY, "maps")
    keep(tmp_path)
    assert is_kept(tmp_path, KEY, "maps")
    assert answers(tmp_path) == []


def test_an_answer_of_an_earlier_version_has_no_digest(tmp_path: Path) -> None:
    path = keep(tmp_path)
    older = {k: v for k, v in read_json(path).items() if k != "content_digest"}
    path.write_text(json.dumps(older))
    assert answers(tmp_path) == []


def test_the_table_is_that_of_the_answers(tmp_path: Path) -> None:
    path = keep(tmp_path)
    table = tmp_path / PREDICTIONS
    whole = table.read_bytes()
    table.write_bytes(whole.replace(b"0.75", b"0.95"))
    assert answers(tmp_path) == [("mixed", PREDICTIONS)]
    table.write_bytes(b"no table")
    assert answers(tmp_path) == [("damaged", PREDICTIONS)]
    table.unlink()
    assert answers(tmp_path) == [("gone", PREDICTIONS)]
    table.write_bytes(whole)
    path.unlink()
    assert answers(tmp_path) == [("gone", f"{ANSWERS}/{path.name}")]
    table.unlink()
    path.parent.rmdir()
    assert answers(tmp_path) == []


@pytest.mark.parametrize("record", [COHORT_PREDICTION, EXTERNAL])
def test_a_record_of_a_cohort_that_is_gone_is_told(tmp_path: Path, record: str) -> None:
    out = Made(tmp_path).write()
    evaluate_cohort(out, drawing=FAST)
    place = Place(out, out)
    assert [*verify_answers(place), *verify_cohort_records(place)] == []
    (out / record).unlink()
    [found] = verify_cohort_records(place)
    assert (found.kind, found.path) == ("gone", record)
    evaluated = record == EXTERNAL
    assert (
        found.mend
        == f"crosswarp {'evaluate' if evaluated else 'predict BUNDLE COHORT'} {out}"
    )
