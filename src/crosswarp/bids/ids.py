"""Who a scan is of: a participant's session, as BIDS writes it."""

import re
from dataclasses import dataclass
from functools import total_ordering
from typing import Final

from crosswarp.errors import InputError

NOT_AVAILABLE = "n/a"
"""How BIDS tables write a missing value."""

_PARTICIPANT = re.compile(r"sub-[A-Za-z0-9]+")
_SESSION = re.compile(r"ses-[A-Za-z0-9]+")
_SCAN = re.compile(rf"({_PARTICIPANT.pattern})(?:_({_SESSION.pattern}))?(?=_|\.|$)")


SAID: Final = 60
"""Characters of a name that a message shows; a cell may hold a whole file."""


@total_ordering
@dataclass(frozen=True)
class ScanId:
    """A participant's session.

    Args:
        participant_id: With its prefix, ``sub-01``, as BIDS tables have it.
        session_id: With its prefix, ``ses-M00``; None in a data set without sessions.

    Example:
        >>> ScanId.parse("sub-01_ses-M00_T1w.nii.gz")
        ScanId(participant_id='sub-01', session_id='ses-M00')
        >>> ScanId("sub-01").label
        'sub-01'
    """

    participant_id: str
    session_id: str | None = None

    def __post_init__(self) -> None:
        if not _PARTICIPANT.fullmatch(self.participant_id):
            msg = (
                "participant_id must be 'sub-' and letters or digits,"
                f" got {self.participant_id!r:.60}{_hint('sub-', self.participant_id)}"
            )
            raise InputError(msg)
        if self.session_id is not None and not _SESSION.fullmatch(self.session_id):
            msg = (
                f"session_id must be 'ses-' and letters or digits, got"
                f" {self.session_id!r:.60}{_hint('ses-', self.session_id)}"
            )
            raise InputError(msg)

    def __lt__(self, other: "ScanId") -> bool:
        return self._key < other._key

    @property
    def _key(self) -> tuple[str, str]:
        return (self.participant_id, self.session_id or "")

    @property
    def label(self) -> str:
        """Start of every file name of this scan."""
        if self.session_id is None:
            return self.participant_id
        return f"{self.participant_id}_{self.session_id}"

    @classmethod
    def parse(cls, name: str) -> "ScanId":
        """Read the ids at the start of a BIDS file name.

        Raises:
            InputError: If the name does not start with ``sub-<label>``.
        """
        found = _SCAN.match(name)
        if found is None:
            msg = f"expected a BIDS name, sub-<label>[_ses-<label>]_…, got {name!r:.60}"
            raise InputError(msg)
        return cls(found.group(1), found.group(2))

    @classmethod
    def from_row(cls, participant_id: str, session_id: object) -> "ScanId":
        """Take the ids from a table's row, where ``n/a`` is no session."""
        absent = not isinstance(session_id, str) or session_id == NOT_AVAILABLE
        return cls(participant_id, None if absent else str(session_id))


def _hint(prefix: str, name: str) -> str:
    """Suggest the prefix where nothing else is missing."""
    plain = re.sub(f"^{prefix}?", "", name, flags=re.IGNORECASE)
    right = plain.isascii() and plain.isalnum()
    return f"; did you mean '{prefix}{plain}'?" if right and len(plain) < SAID else ""
