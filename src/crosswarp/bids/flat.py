"""Scans outside a BIDS data set: who they are of, by the names of their files."""

import re
import unicodedata
from pathlib import Path
from typing import Final

from crosswarp.bids.ids import ScanId
from crosswarp.bids.images import SINGLE
from crosswarp.errors import InputError

NIFTI: Final = SINGLE
ARCHIVE: Final = ".zip"

_SUFFIX: Final = re.compile(r"[-_. ]+t1(?:w|-?weighted)?$", re.IGNORECASE)
"""What says of a file what it shows, and not of whom it is."""


def scan_of(path: Path) -> ScanId:
    """Tell who a scan outside a data set is of.

    A BIDS name says so. Of any other, the letters and digits are the participant's
    label, accents and a suffix such as ``_T1w`` left out; neither a header nor what
    is inside is asked.

    Args:
        path: A file or folder.

    Example:
        >>> scan_of(Path("sub-01_ses-2_T1w.nii.gz")).label
        'sub-01_ses-2'
        >>> scan_of(Path("Zoé M-0815.zip")).label
        'sub-ZoeM0815'
        >>> scan_of(Path("plain_T1w.nii.gz")).label
        'sub-plain'
    """
    try:
        return ScanId.parse(path.name)
    except InputError:
        plain = unicodedata.normalize("NFKD", _SUFFIX.sub("", _stem(path)))
        label = "".join(c for c in plain if c.isascii() and c.isalnum())
        return ScanId(f"sub-{label or 'unnamed'}")


def _stem(path: Path) -> str:
    name = path.name
    while name.lower().endswith((".gz", ".nii", ".img", ARCHIVE)):
        name = name[: name.rindex(".")]
    return name
