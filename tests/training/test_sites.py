"""Sites and protected columns of the scans of a run."""

import numpy as np
import pandas as pd
import pytest

from crosswarp.baselines.settings import BaselineSettings
from crosswarp.bids.cohort import read_cohort, write_cohort
from crosswarp.bids.ids import ScanId
from crosswarp.errors import InputError
from crosswarp.training.experiment import read_experiment
from crosswarp.training.plan import plan_run
from crosswarp.training.sites import scan_sites

SCANS = [ScanId("sub-01"), ScanId("sub-02", "ses-M12"), ScanId("sub-03")]


def baseline(*protect: str) -> BaselineSettings:
    return BaselineSettings(
        name="own", features="volumes", harmonise="site", protect=protect
    )


def known(**columns: object) -> pd.DataFrame:
    index = pd.MultiIndex.from_tuples(
        [("sub-02", "ses-M12"), ("sub-01", "n/a"), ("sub-09", "n/a")],
        names=["participant_id", "session_id"],
    )
    basic = {
        "site": ["B", "A", "Z"],
        "age_years": [71.0, 62.0, 80.0],
        "sex": list("FMF"),
    }
    return pd.DataFrame({**basic, **columns}, index=index)


def test_scans_are_found_by_participant_and_session() -> None:
    found = scan_sites(baseline("age", "sex", "Diagnosis"), SCANS, known())
    assert found.sites == ("A", "B", None)
    assert found.names == ("age_years", "sex")
    assert found.covariates[:2] == ((62.0, 1.0), (71.0, 0.0))
    assert np.isnan(found.covariates[2]).all()
    assert found.diagnosis
    assert not scan_sites(baseline("age"), SCANS, known()).diagnosis
    assert found.described([True, False, False]) == [
        ("age_years", "sex"),
        (("A", 62.0, 1.0),),
    ]


def test_what_is_not_there_is_refused() -> None:
    with pytest.raises(InputError, match="own: harmonise needs the column site"):
        scan_sites(baseline(), SCANS, known(site=None))
    with pytest.raises(InputError, match="protect names education, which the cohort"):
        scan_sites(baseline("education"), SCANS, known())


def test_a_plan_looks_sites_up_and_a_changed_site_is_another_fold(
    tiny, monkeypatch: pytest.MonkeyPatch
) -> None:
    # The tiny grid has no atlas: what is looked up needs none.
    monkeypatch.setattr("crosswarp.training.checks.check_baselines", lambda *_: None)
    entry = {"name": "own", "features": "volumes", "harmonise": "site"}

    def plan():
        return plan_run(read_experiment(tiny.write(baselines=[entry])))

    cohort = read_cohort(tiny.folder / "cohort.tsv")
    write_cohort(tiny.folder / "cohort.tsv", cohort.assign(site="n/a"))
    with pytest.raises(InputError, match="harmonise needs the column site"):
        plan()
    sites = np.where(np.arange(len(cohort)) % 4 < 2, "A", "B")
    write_cohort(tiny.folder / "cohort.tsv", cohort.assign(site=sites))
    before = plan().baseline_cells(tiny.folder / "run")
    assert before[0].sites is not None
    assert set(before[0].sites.sites) == {"A", "B"}
    sites[0] = "B"
    write_cohort(tiny.folder / "cohort.tsv", cohort.assign(site=sites))
    after = plan().baseline_cells(tiny.folder / "run")
    assert [c.fingerprint for c in before] != [c.fingerprint for c in after]
