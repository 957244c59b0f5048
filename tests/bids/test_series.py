"""SeriesChoice: numbers and UIDs, for all scans or some."""

import pytest

from crosswarp.bids.ids import ScanId
from crosswarp.bids.series import SeriesChoice
from crosswarp.errors import InputError

ONE, TWO = ScanId("sub-1", "ses-1"), ScanId("sub-1", "ses-2")


def test_the_closest_is_taken() -> None:
    texts = ["3", "sub-1=4", "ses-1=5", "1_ses-2=1.2.840.9"]
    chosen = SeriesChoice.parse(texts)
    assert chosen.of(TWO) == "1.2.840.9"
    assert chosen.of(ONE) == 5
    assert chosen.of(ScanId("sub-1")) == 4
    assert chosen.of(ScanId("sub-2")) == 3
    assert SeriesChoice.parse([]).of(ONE) is None


@pytest.mark.parametrize("text", ["t1", "sub-1=", "-3", "1.", "sub-1=mprage"])
def test_what_is_no_series_is_refused(text: str) -> None:
    with pytest.raises(InputError, match="expected a series number, a SeriesInstanceU"):
        SeriesChoice.parse([text])


@pytest.mark.parametrize("texts", [["3", "4"], ["sub-1=3", "1=3"]])
def test_one_scan_has_one_series(texts: list[str]) -> None:
    with pytest.raises(InputError, match="a series was chosen before for"):
        SeriesChoice.parse(texts)


def test_labels_must_be_there() -> None:
    SeriesChoice.parse(["ses-1=3"]).check([ONE])
    with pytest.raises(InputError, match="names sub-2, but the DICOM scans are ses-1,"):
        SeriesChoice.parse(["sub-2=3"]).check([ONE])
    with pytest.raises(InputError, match="but the DICOM scans are none"):
        SeriesChoice.parse(["sub-2=3"]).check([])
