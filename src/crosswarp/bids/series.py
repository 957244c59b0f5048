"""Which DICOM series to take, as a user says it."""

import re
from collections.abc import Iterable, Sequence
from dataclasses import dataclass, field

from crosswarp.bids.ids import ScanId
from crosswarp.errors import InputError

_UID = re.compile(r"[0-9]+(\.[0-9]+)+")


@dataclass(frozen=True)
class SeriesChoice:
    """A series for all scans, and for some.

    Attributes:
        default: Number or SeriesInstanceUID; chosen by rules when None.
        by_label: The same for ``sub-<label>``, ``ses-<label>``, or both with ``_``.
    """

    default: int | str | None = None
    by_label: dict[str, int | str] = field(default_factory=dict)

    @classmethod
    def parse(cls, texts: Sequence[str]) -> "SeriesChoice":
        """Read what a command line says.

        Args:
            texts: Each ``N``, a SeriesInstanceUID, or one of these after ``LABEL=``.

        Raises:
            InputError: If a text is none of these, or something is said twice.

        Example:
            >>> SeriesChoice.parse(["3", "01_ses-2=5"]).of(ScanId("sub-01", "ses-2"))
            5
        """
        default: int | str | None = None
        by_label: dict[str, int | str] = {}
        for text in texts:
            label, _, value = text.rpartition("=")
            if label and not label.startswith("ses-"):
                label = f"sub-{label.removeprefix('sub-')}"
            series = _series(text, value)
            if label in by_label or (not label and default is not None):
                msg = (
                    f"`dicom_series={text!r}`: a series was chosen before for"
                    f" {label or 'all scans'}; give LABEL=SERIES for each scan, such as"
                    " sub-01=3 or ses-2=3"
                )
                raise InputError(msg)
            if label:
                by_label[label] = series
            else:
                default = series
        return cls(default, by_label)

    def of(self, scan: ScanId) -> int | str | None:
        """Return the series of a scan: what is said of it most closely."""
        for label in _labels(scan):
            if label in self.by_label:
                return self.by_label[label]
        return self.default

    def check(self, scans: Iterable[ScanId]) -> None:
        """Refuse a choice for what is not there.

        Args:
            scans: All that may be DICOM.

        Raises:
            InputError: Naming the label, and some that would do.
        """
        known = {label for scan in scans for label in _labels(scan)}
        unknown = sorted(set(self.by_label) - known)
        if unknown:
            there = ", ".join(sorted(known)[:6]) or "none"
            msg = (
                f"`dicom_series` names {', '.join(unknown)}, but the DICOM scans are"
                f" {there}"
            )
            raise InputError(msg)


def _series(text: str, value: str) -> int | str:
    if value.isdecimal():
        return int(value)
    if _UID.fullmatch(value):
        return value
    msg = (
        f"`dicom_series={text!r}`: expected a series number, a SeriesInstanceUID, or"
        " LABEL=one of these"
    )
    raise InputError(msg)


def _labels(scan: ScanId) -> list[str]:
    """Return the names of a scan, the closest first."""
    session = [scan.session_id] if scan.session_id else []
    return [scan.label, *session, scan.participant_id]
