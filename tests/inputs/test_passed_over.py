"""Scans passed over: each is listed with the one that is used instead."""

from pathlib import Path

import pandas as pd

from crosswarp.bids.sessions import first_scans
from crosswarp.inputs.passed_over import (
    REASON,
    list_passed_over,
    passed_over_note,
    write_rows,
)

COHORT = pd.DataFrame(
    {
        "participant_id": ["sub-1", "sub-1", "sub-1", "sub-2"],
        "session_id": ["ses-M12", "ses-M06", "ses-M00", "ses-M00"],
        "diagnosis": ["AD", "AD", "CN", "CN"],
        "age_years": [72.0, 71.5, 71.0, 60.0],
    }
)


def test_later_scans_are_listed_in_order() -> None:
    found = list_passed_over(COHORT, first_scans(COHORT))
    shared = {"participant_id": "sub-1", "diagnosis": "AD", "used_session": "ses-M00"}
    assert found.to_dict("records") == [
        {**shared, "session_id": "ses-M06", "reason": REASON},
        {**shared, "session_id": "ses-M12", "reason": REASON},
    ]
    assert passed_over_note(found).startswith(
        "one scan a participant: 2 later scans of 1 participants are passed over"
    )


def test_with_one_scan_each_nothing_is_said() -> None:
    found = list_passed_over(COHORT, COHORT)
    assert found.empty
    assert passed_over_note(found) == ""


def test_an_older_list_does_not_stay(tmp_path: Path) -> None:
    path = tmp_path / "passed_over.tsv"
    write_rows(path, list_passed_over(COHORT, first_scans(COHORT)))
    assert path.is_file()
    write_rows(path, list_passed_over(COHORT, COHORT))
    assert not path.exists()
