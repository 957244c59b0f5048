"""Folds that hold sites out, or leave participants out, in the plan of a run."""

import pandas as pd

from crosswarp.bids.tables import read_table, write_table
from crosswarp.training.experiment import read_experiment
from crosswarp.training.plan import Plan, plan_run


def planned(tiny, change) -> Plan:
    path = tiny.folder / "folds.tsv"
    write_table(path, change(read_table(path)))
    return plan_run(read_experiment(tiny.write()))


def test_a_site_with_nobody_of_this_analysis_is_no_fold_of_it(tiny) -> None:
    def with_empty_site(folds: pd.DataFrame) -> pd.DataFrame:
        third = folds[folds["fold"] == 0].assign(fold=2, held_out="site=S3")
        third["split"] = third["split"].replace("test", "train")
        stranger = third.head(1).assign(participant_id="sub-99", split="test")
        return pd.concat([folds.assign(held_out="site=other"), third, stranger])

    plan = planned(tiny, with_empty_site)
    assert set(plan.folds["fold"]) == {0, 1}
    assert len(plan.cells(tiny.folder / "run")) == 2


def test_who_is_unused_is_in_no_part_of_any_fold(tiny) -> None:
    def unused(folds: pd.DataFrame) -> pd.DataFrame:
        of = folds["participant_id"] == "sub-00"
        return folds.assign(split=folds["split"].mask(of, "unused"))

    plan = planned(tiny, unused)
    assert len(plan.samples) == 15
    assert all(s.scan.participant_id != "sub-00" for s in plan.samples)
