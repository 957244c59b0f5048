"""Ages of the scans that encoders learn from."""

import pytest

from crosswarp.bids.tables import read_table, write_table
from crosswarp.errors import InputError
from crosswarp.pretraining.pretrain import plan_pretraining


def test_ages_are_those_of_the_scans_and_lacking_ones_are_named(tiny) -> None:
    table = tiny.folder / "scans.tsv"
    scans = read_table(table)
    years = [60.0 + n for n in range(10)]
    write_table(table, scans.assign(age_years=years)[::-1])
    plan = plan_pretraining(tiny.settings(objective="age"))
    assert plan.ages == tuple(years)
    assert plan_pretraining(tiny.settings()).ages is None
    younger = plan.fingerprint
    write_table(table, scans.assign(age_years=[*years[:-1], 90.0]))
    assert plan_pretraining(tiny.settings(objective="age")).fingerprint != younger
    write_table(table, scans.assign(age_years=[*years[:-1], None]))
    with pytest.raises(InputError, match="1 of 10 have none: sub-09"):
        plan_pretraining(tiny.settings(objective="age"))
