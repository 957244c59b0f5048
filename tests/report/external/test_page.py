"""The page of an evaluation on another cohort: all its numbers, nobody's name."""

import re
from pathlib import Path

import pytest

from crosswarp.bids.cohort import VIRTUAL_NOTICE
from crosswarp.errors import MissingDerivativeError, MixedError
from crosswarp.prediction.external import evaluate_cohort
from crosswarp.prediction.recalibrate import Drawing
from crosswarp.report.external.page import write_external_page
from crosswarp.study.names import EXTERNAL, PREDICTIONS
from tests.prediction.made_answers import FAST, NETWORKS, Made


def page_of(made: Made, drawing: Drawing = FAST) -> str:
    evaluate_cohort(made.write(), drawing=drawing)
    return write_external_page(made.out).read_text(encoding="utf-8")


def test_all_that_was_found_is_shown(tmp_path: Path) -> None:
    made = Made(tmp_path)
    made.extra = [("sub-x", "failed"), ("sub-y", "MCI")]
    page = page_of(made)
    for told in (
        "jsm on another cohort",
        "CN against AD: 2 networks, trained on 50 real participants",
        "jsm on 80 participants, 80 scans",
        "chosen in training (0.40, 0.60). The networks are divided on 3 scans",
        "outside the part, recalibrated",
        "not in the training cohort",
        "age band",
        "its diagnosis is MCI, which the networks do not know",
        "1 of 82 scans have no prediction",
    ):
        assert told in page, told
    assert page.count("<svg") == 2
    assert "sub-" not in page
    assert "<script" not in page
    assert VIRTUAL_NOTICE not in page
    assert not re.search(r'(?:src|href)="(?!#)', page)
    again = write_external_page(tmp_path).read_text(encoding="utf-8")
    assert again == page


def test_what_is_not_known_has_its_line(tmp_path: Path) -> None:
    """Three classes, virtual, no recalibration, nothing of the training cohort."""
    made = Made(tmp_path)
    made.divided, made.place = 0, None
    made.labels = ("CN", "MCI", "AD")
    made.networks = NETWORKS.model_copy(
        update={
            "classes": ("CN", "MCI", "AD"),
            "thresholds": (),
            "threshold_rules": (),
            "training": None,
            "origin": "virtual",
        }
    )
    page = page_of(made, Drawing(0.0, 100))
    assert VIRTUAL_NOTICE in page
    assert "MCI or not" in page
    assert "Not recalibrated" in page
    assert "Not stated" in page
    assert "chosen in training" not in page
    assert "the shift between the cohorts cannot be stated" in page


def test_one_class_has_no_curve(tmp_path: Path) -> None:
    made = Made(tmp_path)
    made.labels, made.people = ("AD",), 12
    page = page_of(made, Drawing(0.0, 100))
    assert "there are no scans of every class, so there is no curve" in page


def test_an_evaluation_must_be_there_and_whole(tmp_path: Path) -> None:
    made = Made(tmp_path)
    with pytest.raises(MissingDerivativeError, match=f"no {EXTERNAL}"):
        write_external_page(made.write())
    page_of(made)
    with (tmp_path / PREDICTIONS).open("a") as file:
        file.write("\n")
    with pytest.raises(MixedError):
        write_external_page(tmp_path)
