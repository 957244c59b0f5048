import shutil
from dataclasses import dataclass
from pathlib import Path

import nibabel as nib
import numpy as np
import pandas as pd
import pytest

from crosswarp.bids.ids import ScanId
from crosswarp.bids.tables import read_table
from crosswarp.documents import read_object
from crosswarp.errors import IncompleteError, InputError
from crosswarp.files import write_json
from crosswarp.longitudinal.cohort import (
    LongitudinalAsked,
    check_changes,
    compare_sessions,
)
from crosswarp.longitudinal.tables import write_tables
from crosswarp.preprocessing.request import map_path
from crosswarp.preprocessing.verify import verify_derivatives
from crosswarp.study.names import LONGITUDINAL, LONGITUDINAL_SLOPES
from crosswarp.types.grid import SPACE
from tests.longitudinal.data_set import (
    QUICK,
    SETTINGS,
    Here,
    add_scan,
    brain,
    ledger_of,
)

ASKED = LongitudinalAsked(settings=QUICK)


@dataclass(frozen=True)
class Compared:
    raw: Path
    out: Path
    table: pd.DataFrame

    def again(self, asked: LongitudinalAsked = ASKED) -> pd.DataFrame:
        found, ledger = ledger_of(self.raw, self.out)
        return compare_sessions(found, ledger, self.out, SETTINGS, asked, engine=Here())

    def row(self, person: str, session: str) -> pd.Series:
        rows = self.table.set_index(["participant_id", "session_id"])
        return rows.loc[(person, session)]


@pytest.fixture(scope="module")
def compared(tmp_path_factory) -> Compared:
    raw, out = (tmp_path_factory.mktemp(name) for name in ("raw", "out"))
    add_scan(raw, out, ScanId("sub-1", "ses-M00"), brain())
    add_scan(raw, out, ScanId("sub-1", "ses-M12"), brain(-0.1))
    add_scan(raw, out, ScanId("sub-2", "ses-1"), brain())
    add_scan(raw, out, ScanId("sub-2", "ses-2"), brain(person=1))
    add_scan(raw, out, ScanId("sub-3", "ses-M00"), brain())
    add_scan(raw, out, ScanId("sub-3", "ses-M06"), brain())
    add_scan(raw, out, ScanId("sub-4", "ses-M00"), brain())
    table = "session_id\tage\nses-M00\t71\nses-M06\t70.5\n"
    (raw / "sub-3" / "sub-3_sessions.tsv").write_text(table)
    for session, model in (("M00", "A"), ("M12", "B")):
        sidecar = raw / f"sub-1/ses-{session}/anat/sub-1_ses-{session}_T1w.json"
        write_json(sidecar, {"Manufacturer": "Maker", "ManufacturersModelName": model})
    found, ledger = ledger_of(raw, out)
    made = compare_sessions(found, ledger, out, SETTINGS, ASKED, engine=Here())
    return Compared(raw, out, made)


def test_each_later_visit_is_compared_with_the_first(compared):
    assert compared.row("sub-1", "ses-M12")["status"] == "ok"
    assert compared.row("sub-1", "ses-M12")["first_session"] == "ses-M00"
    assert compared.row("sub-1", "ses-M12")["interval_years"] == 1
    assert "sub-4" not in set(compared.table["participant_id"])


def test_regions_change_in_per_cent_a_year(compared):
    table = read_table(compared.out / LONGITUDINAL)
    rows = table[(table["region"] == "hippocampus") & (table["hemisphere"] == "right")]
    (row,) = rows.to_dict("records")
    assert row["change_percent_low"] < row["change_percent"] < 0
    assert row["percent_a_year"] == pytest.approx(row["change_percent"])


def test_three_visits_have_a_slope(tmp_path):
    for months, log in (("12", -0.03), ("24", -0.06)):
        region = {"region": "thalamus", "hemisphere": "left", "log_change": log}
        scan = ScanId("sub-1", f"ses-M{months}")
        path = map_path(tmp_path, scan, 2, "change", ".json")
        path.parent.mkdir(parents=True)
        years = int(months) / 12
        record = {"FirstSession": "ses-M00", "IntervalYears": years}
        write_json(path, {**record, "Regions": [region]})
    write_tables(tmp_path, (SPACE, 2))
    (slope,) = read_table(tmp_path / LONGITUDINAL_SLOPES).to_dict("records")
    assert slope["visits"] == 3
    assert slope["percent_a_year"] == pytest.approx(-3, rel=0.001)


def test_maps_of_change_lie_on_the_grid_of_the_ordinary_maps(compared):
    scan = ScanId("sub-1", "ses-M12")
    paths = [map_path(compared.out, scan, 2, d) for d in ("change", "logjacobian")]
    change, ordinary = (nib.load(path) for path in paths)
    assert change.shape == ordinary.shape
    assert np.array_equal(change.affine, ordinary.affine)
    record = read_object(map_path(compared.out, scan, 2, "change", ".json"))
    assert record["Settings"]["spacing"] == QUICK.spacing
    assert record["IntervalFrom"] == "session label"


def test_other_scanners_are_said_in_the_table(compared):
    assert (
        "other scanners (Maker A and Maker B)"
        in compared.row("sub-1", "ses-M12")["notes"]
    )


def test_two_people_under_one_id_are_refused(compared):
    row = compared.row("sub-2", "ses-2")
    assert row["status"] == "failed"
    assert "do not look like one head" in row["reason"]


def test_sessions_in_the_wrong_order_are_refused(compared):
    row = compared.row("sub-3", "ses-M06")
    assert row["status"] == "failed"
    assert "contradicts their labels" in row["reason"]


def test_what_is_done_is_not_done_again(compared):
    path = map_path(compared.out, ScanId("sub-1", "ses-M12"), 2, "change", ".json")
    before = path.stat().st_mtime_ns
    assert compared.again()["status"].tolist() == compared.table["status"].tolist()
    assert path.stat().st_mtime_ns == before


def test_failures_end_the_command(compared):
    with pytest.raises(IncompleteError, match="2 of 3 pairs of visits failed"):
        check_changes(compared.table, compared.out)


def test_a_table_of_times_that_says_none_is_refused(compared, tmp_path):
    path = tmp_path / "times.tsv"
    path.write_text("participant_id\tsession_id\nsub-1\tses-M00\n")
    with pytest.raises(InputError, match="says no time"):
        compared.again(LongitudinalAsked(path, QUICK))


def test_verify_knows_the_files_of_a_change(compared, tmp_path):
    out = tmp_path / "out"
    shutil.copytree(compared.out, out)
    before = {f.path for f in verify_derivatives(out) if "desc-change" in f.path}
    assert not before
    path = map_path(out, ScanId("sub-1", "ses-M12"), 2, "change")
    path.write_bytes(path.read_bytes()[:-9])
    after = [f for f in verify_derivatives(out) if f.path.endswith(path.name)]
    assert [f.kind for f in after] == ["damaged"]
    assert "`longitudinal=True`" in after[0].mend
