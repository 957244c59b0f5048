"""The section `folds` of a study file, and what of it does not go together."""

from pathlib import Path

import pytest

from crosswarp.study.settings import read_study
from tests.study.test_settings import faults, written


def test_a_study_file_says_what_the_command_says(tmp_path: Path) -> None:
    (tmp_path / "split.json").write_text("{}")
    design = {"stratify": ["sex", "age"], "age_edges": [65, 75], "group": "family"}
    more = {"balance": ["education"], "publish": "mine.json", "salt": "a salt of it"}
    found = read_study(written(tmp_path, folds={**design, **more})).folds
    assert found.stratify == ("sex", "age")
    assert found.age_edges == (65.0, 75.0)
    assert found.publish == tmp_path / "mine.json"
    one = read_study(written(tmp_path, folds={"test_where": "site=S1"})).folds
    assert one.test_where == ("site=S1",)
    assert read_study(
        written(tmp_path, folds={"leave_one_out": "site", "repeats": 2})
    ).folds.leave_one_out == ("site")
    applied = read_study(
        written(tmp_path, folds={"apply": "split.json", "group": "family"})
    ).folds
    assert applied.apply == tmp_path / "split.json"


@pytest.mark.parametrize(
    ("folds", "fault"),
    [
        (
            {"file": "raw", "group": "family"},
            "folds: file is taken as it is; leave group out, or have"
            " `crosswarp folds` check it first",
        ),
        (
            {"apply": "raw", "stratify": ["sex"], "seed": 1},
            "folds: apply takes a published split as it is; leave seed, stratify out",
        ),
        (
            {"leave_one_out": "site", "test_where": ["site=S1"]},
            "folds: leave_one_out and test_where both say who is tested; give one of"
            " them",
        ),
        (
            {"leave_one_out": "site", "folds": 5},
            "folds: leave_one_out says how many folds there are; leave folds out",
        ),
        (
            {"test_where": ["site=S1"], "folds": 5},
            "folds: test_where says how many folds there are; leave folds out",
        ),
        (
            {"salt": "a salt"},
            "folds: salt is of the file that publish names; give both",
        ),
    ],
)
def test_what_does_not_go_together_is_a_fault(tmp_path, folds, fault) -> None:
    assert faults(tmp_path, folds=folds) == [fault]
