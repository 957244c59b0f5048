"""Steps of a study: which it has, in which order, and a part of them by name."""

from pathlib import Path

import pytest

from crosswarp.errors import InputError, MissingDerivativeError
from crosswarp.running.folder import StudyFolder
from crosswarp.running.needs import check_sources, require_made
from crosswarp.running.steps import chosen_steps, steps_of
from crosswarp.study.settings import Study, read_study
from tests.tiny_study import write_study


def study(folder: Path, **changes: object) -> Study:
    (folder / "raw").mkdir(exist_ok=True)
    return read_study(write_study(folder, **changes))


def test_a_study_has_the_steps_that_its_file_asks_for(tmp_path: Path) -> None:
    made = steps_of(study(tmp_path, data={"simulation": {}}, explanation=True))
    assert made == (
        *("simulate", "preprocess", "cohort", "folds"),
        *("compare", "evaluate", "explain", "report"),
    )
    for name in ("cohort.tsv", "folds.tsv"):
        (tmp_path / name).touch()
    given = {"cohort": "cohort.tsv", "derivatives": "raw"}
    least = study(tmp_path, data=given, folds={"file": "folds.tsv"}, report=False)
    assert steps_of(least) == ("compare", "evaluate")


def test_the_cohort_of_an_archive_says_where_the_scans_are(tmp_path: Path) -> None:
    found = steps_of(study(tmp_path, data={"archive": {"folder": "raw"}}))
    assert found[:3] == ("cohort", "preprocess", "folds")


@pytest.mark.parametrize(
    ("text", "first", "last"),
    [
        ("cohort..compare", "cohort", "compare"),
        ("evaluate..", "evaluate", "report"),
        ("..folds", "preprocess", "folds"),
        (" folds ", "folds", "folds"),
    ],
)
def test_a_part_is_named_by_its_ends(
    text: str, first: str, last: str, tmp_path: Path
) -> None:
    found = chosen_steps(study(tmp_path), text)
    assert (found[0], found[-1]) == (first, last)


@pytest.mark.parametrize(
    ("text", "told"),
    [
        ("report..preprocess", r"runs backwards.*give `steps='preprocess\.\.report'`"),
        ("cmpare", "no step 'cmpare', did you mean compare"),
        ("zzz..qqq", "no step 'zzz'; there is no step 'qqq'. Give `steps='FIRST"),
        ("simulate..folds", "leaves nothing to do for the step simulate"),
        ("..", r"`steps='\.\.'` names no step"),
    ],
)
def test_a_wrong_part_says_what_to_type(text: str, told: str, tmp_path: Path) -> None:
    with pytest.raises(InputError, match=told):
        chosen_steps(study(tmp_path), text)


@pytest.mark.parametrize(
    ("text", "told"),
    [
        (
            "compare..report",
            "derivatives, which the step preprocess makes; there is no",
        ),
        ("compare..report", r"Give `steps='preprocess\.\.report'`$"),
        ("folds", r"cohort.tsv, which the step cohort makes\. Give `steps='prep"),
        ("report", "run, which the step compare makes"),
        ("report", r"metrics.json, which the step evaluate makes\. Give `steps='comp"),
    ],
)
def test_steps_without_what_earlier_ones_make(
    text: str, told: str, tmp_path: Path
) -> None:
    chosen = study(tmp_path)
    with pytest.raises(MissingDerivativeError, match=told):
        require_made(StudyFolder(chosen), chosen_steps(chosen, text))


def test_an_archive_that_there_is_not(tmp_path: Path) -> None:
    archive = {"folder": "raw", "name": "adny"}
    chosen = study(tmp_path, data={"archive": archive})
    with pytest.raises(InputError, match="no archive 'adny'; did you mean adni"):
        check_sources(chosen)
    archive["name"] = "oasis3"
    chosen = study(
        tmp_path, data={"archive": archive}, cohort={"settings": {"label": "x"}}
    )
    with pytest.raises(InputError, match="--set label: expected dx1"):
        check_sources(chosen)


def test_the_scans_of_an_archive_are_in_its_cohort(tmp_path: Path) -> None:
    chosen = study(tmp_path, data={"archive": {"folder": "raw"}})
    with pytest.raises(MissingDerivativeError, match="the step cohort makes"):
        require_made(StudyFolder(chosen), ("preprocess",))
