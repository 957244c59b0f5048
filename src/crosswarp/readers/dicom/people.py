"""How many people a set of DICOM images is of."""

from collections.abc import Iterable
from typing import TYPE_CHECKING

from crosswarp.bids.dicom_files import tag_text

if TYPE_CHECKING:
    from pydicom import Dataset


def count_people(headers: Iterable["Dataset"]) -> int:
    """Count the people that images are of.

    Ids are compared without regard to case. An image without an id, such as a saved
    screen, is of whoever has its name; one with neither is of nobody in particular.

    Args:
        headers: With ``PatientID`` and ``PatientName``, where known.
    """
    said = {(_plain(h, "PatientID"), _plain(h, "PatientName")) for h in headers}
    ids = {number for number, _ in said if number}
    named = {name for number, name in said if number and name}
    without = {name for number, name in said if not number and name}
    return len(ids) + len(without - named)


def _plain(header: "Dataset", tag: str) -> str:
    return tag_text(header, tag).casefold()
