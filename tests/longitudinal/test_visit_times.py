from pathlib import Path

import pytest

from crosswarp.bids.ids import ScanId
from crosswarp.errors import InputError
from crosswarp.longitudinal.visit_times import SessionTimes, in_time, months_of

FIRST, LATER = ScanId("sub-1", "ses-M00"), ScanId("sub-1", "ses-M12")


def table(path: Path, *rows: str) -> Path:
    path.parent.mkdir(parents=True, exist_ok=True)
    path.write_text("\n".join("\t".join(row.split()) for row in rows) + "\n")
    return path


def test_dates_come_before_ages_and_labels(tmp_path):
    given = table(
        tmp_path / "times.tsv",
        "participant_id session_id acq_time age",
        "sub-1 ses-M00 2010-01-01 70",
        "1 M12 2011-07-02T10:00:00 70",
    )
    timing = SessionTimes(None, [given]).of([LATER, FIRST])
    assert timing.source == "acquisition date"
    assert timing.between(FIRST, LATER) == pytest.approx(1.5, abs=0.01)
    assert in_time([LATER, FIRST], timing) == [FIRST, LATER]


@pytest.mark.parametrize(
    ("name", "rows"),
    [
        ("sub-1/sub-1_sessions.tsv", ("session_id age", "ses-M00 70", "ses-M12 71.1")),
        (
            "sessions.tsv",
            ("participant_id session_id age", "sub-1 ses-M00 70", "sub-1 ses-M12 71.1"),
        ),
        (
            "sub-1/ses-M12/sub-1_ses-M12_scans.tsv",
            (
                "filename age",
                "anat/sub-1_ses-M12_T1w.nii.gz 71.1",
                "anat/sub-1_ses-M00_T1w.nii.gz 70",
            ),
        ),
    ],
)
def test_tables_of_a_data_set_are_read(tmp_path, name, rows):
    table(tmp_path / name, *rows)
    timing = SessionTimes(tmp_path).of([FIRST, LATER])
    assert timing.source == "age"
    assert timing.between(FIRST, LATER) == pytest.approx(1.1)


def test_labels_that_count_months_are_the_last_resort(tmp_path):
    timing = SessionTimes(tmp_path).of([FIRST, LATER])
    assert timing.source == "session label"
    assert timing.between(FIRST, LATER) == 1


def test_without_any_time_the_labels_give_the_order(tmp_path):
    one, two = ScanId("sub-1", "ses-2"), ScanId("sub-1", "ses-10")
    timing = SessionTimes(tmp_path).of([two, one])
    assert timing.between(one, two) is None
    assert in_time([two, one], timing) == [one, two]


@pytest.mark.parametrize(
    ("first", "later", "fault"),
    [
        ("2012-01-01", "2011-01-01", "ses-M12 comes before ses-M00.*contradicts"),
        ("2012-01-01", "2012-01-01", "the same acquisition date"),
        ("1912-01-01", "2012-01-01", "years apart"),
    ],
)
def test_times_that_cannot_be_are_refused(tmp_path, first, later, fault):
    given = table(
        tmp_path / "t.tsv",
        "participant_id session_id acq_time",
        f"sub-1 ses-M00 {first}",
        f"sub-1 ses-M12 {later}",
    )
    with pytest.raises(InputError, match=fault):
        SessionTimes(None, [given]).of([FIRST, LATER])


def test_labels_that_do_not_count_contradict_nothing(tmp_path):
    pre, post = ScanId("sub-1", "ses-pre"), ScanId("sub-1", "ses-post")
    given = table(
        tmp_path / "t.tsv",
        "participant_id session_id months",
        "sub-1 ses-pre 0",
        "sub-1 ses-post 6",
    )
    assert SessionTimes(None, [given]).of([pre, post]).between(pre, post) == 0.5


@pytest.mark.parametrize(
    ("header", "fault"),
    [
        ("participant_id acq_time", "lacks participant_id or session_id"),
        ("participant_id session_id sex", "says no time"),
    ],
)
def test_a_table_that_says_no_times_is_refused(tmp_path, header, fault):
    with pytest.raises(InputError, match=fault):
        SessionTimes(None, [table(tmp_path / "t.tsv", header)])


def test_a_damaged_table_of_the_data_set_says_nothing(tmp_path):
    table(tmp_path / "sub-1" / "sub-1_sessions.tsv", "session_id,age", "ses-M00,70")
    assert SessionTimes(tmp_path).of([FIRST, LATER]).source == "session label"


def test_months_of_labels():
    assert months_of("ses-24mo") == 24
    assert months_of(None) is None
