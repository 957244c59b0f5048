"""`crosswarp.make_folds` does what the command does, and speaks of arguments."""

from pathlib import Path

import pandas as pd
import pytest

import crosswarp
from crosswarp.errors import InputError
from tests.inputs.virtual_people import people


def test_a_design_is_made_published_and_rebuilt(tmp_path: Path) -> None:
    split = tmp_path / "split.json"
    made = crosswarp.make_folds(
        people(48),
        folds=4,
        stratify=["sex", "age"],
        age_edges=[70],
        group="family",
        publish=split,
        salt="a salt of it",
        out=tmp_path / "folds.tsv",
    )
    assert made["fold"].nunique() == 4
    again = crosswarp.make_folds(people(48), apply=split, group="family")
    by = ["fold", "participant_id"]
    pd.testing.assert_frame_equal(
        *(t.sort_values(by, ignore_index=True) for t in (made, again))
    )


def test_what_limits_the_folds_is_a_warning() -> None:
    with pytest.warns(UserWarning, match="one test part for all networks"):
        made = crosswarp.make_folds(people(48), test_where=["site=S1"])
    assert set(made["held_out"]) == {"site=S1"}


def test_unknown_arguments_are_refused() -> None:
    with pytest.raises(InputError, match=r"no argument stratfy; did you mean stratify"):
        crosswarp.make_folds(people(48), stratfy=["sex"])
    with pytest.raises(InputError, match=r"no argument xyz; known: stratify, age_edg"):
        crosswarp.make_folds(people(48), xyz=1)
