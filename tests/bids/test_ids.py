"""Names of scans, read and refused."""

import pytest
from hypothesis import given
from hypothesis import strategies as st

from crosswarp.bids.ids import NOT_AVAILABLE, ScanId
from crosswarp.errors import InputError

LABELS = st.text("abcXYZ0189", min_size=1)


@given(LABELS, st.none() | LABELS)
def test_a_label_is_read_back(participant: str, session: str | None) -> None:
    scan = ScanId(f"sub-{participant}", session and f"ses-{session}")
    assert ScanId.parse(scan.label) == scan
    assert ScanId.parse(f"{scan.label}_T1w.nii.gz") == scan
    assert (
        ScanId.from_row(scan.participant_id, scan.session_id or NOT_AVAILABLE) == scan
    )


@pytest.mark.parametrize("name", ["", "01_T1w.nii", "sub-_T1w", "sub-0.1/x", "sub-a-b"])
def test_other_names_are_refused(name: str) -> None:
    with pytest.raises(InputError, match="expected a BIDS name"):
        ScanId.parse(name if name != "sub-0.1/x" else "x-sub-01")


@pytest.mark.parametrize(
    ("ids", "named"),
    [(("01", None), "participant_id"), (("sub-../x", None), "participant_id"),
     (("sub-01", "M00"), "session_id")],
)  # fmt: skip
def test_ids_that_are_no_file_names_are_refused(
    ids: tuple[str, str | None], named: str
) -> None:
    with pytest.raises(InputError, match=named):
        ScanId(*ids)


def test_order_is_by_participant_then_session() -> None:
    scans = [ScanId("sub-02"), ScanId("sub-01", "ses-2"), ScanId("sub-01")]
    assert [scan.label for scan in sorted(scans)] == [
        "sub-01",
        "sub-01_ses-2",
        "sub-02",
    ]


@pytest.mark.parametrize("nothing", [NOT_AVAILABLE, float("nan"), None])
def test_a_row_without_a_session(nothing: object) -> None:
    assert ScanId.from_row("sub-01", nothing) == ScanId("sub-01")


@pytest.mark.parametrize("name", ["sub" + "x" * 5000, "sub-" + "- " * 3000])
def test_a_message_shows_the_start_of_a_long_name(name: str) -> None:
    for ids in ((name, None), ("sub-01", name)):
        with pytest.raises(InputError) as error:
            ScanId(*ids)
        assert len(str(error.value)) < 200
    with pytest.raises(InputError) as error:
        ScanId.parse(f"x{name}")
    assert len(str(error.value)) < 200
