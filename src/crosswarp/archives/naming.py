"""Ids of archives as the ids of BIDS, and the scans that the user leaves out."""

import re
from collections import defaultdict
from collections.abc import Iterable, Mapping
from pathlib import Path

from crosswarp.archives.records import Image, When
from crosswarp.errors import InputError


def participant_label(original: str) -> str:
    """Write an archive's id as one of BIDS: letters and digits behind ``sub-``.

    Leading zeros stay: ``002_S_0295`` and ``2_S_295`` are two ids.

    Example:
        >>> participant_label("002_S_0295"), participant_label("OAS30001")
        ('sub-002S0295', 'sub-OAS30001')
    """
    plain = re.sub(r"[^A-Za-z0-9]", "", original.removeprefix("sub-"))
    return f"sub-{plain}"


def session_label(text: str) -> str:
    """Write an archive's name of a session as one of BIDS.

    Example:
        >>> session_label("d0129"), session_label("2006-11-02")
        ('ses-d0129', 'ses-20061102')
    """
    plain = re.sub(r"[^A-Za-z0-9]", "", text.removeprefix("ses-"))
    return f"ses-{plain}"


def session_of_day(when: When) -> str:
    """Name a session by its day: ``20061102``, or ``d0129`` of days since entry.

    A day is known of every scan and never ambiguous; codes of visits are neither.
    """
    return f"d{when:04d}" if isinstance(when, int) else f"{when:%Y%m%d}"


def colliding(originals: Iterable[str]) -> dict[str, list[str]]:
    """List ids of the archive that become one id of BIDS, by that id."""
    by_label: dict[str, list[str]] = defaultdict(list)
    for original in dict.fromkeys(originals):
        # Disks that ignore the case of letters would mix their files.
        by_label[participant_label(original).casefold()].append(original)
    return {label: names for label, names in by_label.items() if len(names) > 1}


def read_excluded(path: Path) -> frozenset[str]:
    """Read a list of sessions, image ids or participants to leave out.

    Args:
        path: A text file with one of them a line, or a table of which the first column
            counts; ``#`` starts a comment.

    Raises:
        InputError: If the file cannot be read.
    """
    try:
        lines = path.read_text(encoding="utf-8-sig", errors="replace").splitlines()
    except OSError as error:
        msg = f"{path} cannot be read: {error.strerror}"
        raise InputError(msg) from error
    firsts = (re.split(r"[\t,;#]", line)[0].strip().strip('"') for line in lines)
    return frozenset(first for first in firsts if first)


def names_of(image: Image) -> Mapping[str, str]:
    """List what a list of exclusions may call an image, each with what that is."""
    participant = participant_label(image.participant)
    session = session_label(image.session)
    names = {
        image.participant: "participant",
        participant: "participant",
        f"{participant}_{session}": "session",
        f"{image.participant}_{image.session}": "session",
    }
    if image.image_id:
        names[image.image_id] = names[f"I{image.image_id}"] = "image id"
    if image.path is not None:
        names[image.path.name] = "file"
        # The label of a session in the archive is the name of a folder:
        # OAS30001_MR_d0129.
        names |= dict.fromkeys(image.path.parts[-6:-1], "folder")
    return names
