"""A map of change beside other maps of a scan: only where they belong together."""

from collections.abc import Mapping
from typing import Any, Final

from crosswarp.bids.ids import ScanId
from crosswarp.errors import InputError

_AGAIN: Final = "run crosswarp preprocess again with `longitudinal=True`"


def check_joined(
    scan: ScanId, made: Mapping[str, Any], change: Mapping[str, Any], *, a_year: bool
) -> None:
    """Refuse a map of change that is not of the very scan whose other map is seen.

    Names alone do not say it: files can be copied, and maps made anew.

    Args:
        scan: Identifier of the later scan.
        made: Record of its ordinary maps.
        change: Record of its map of change.
        a_year: Whether the change is taken per year.

    Raises:
        InputError: Naming the scan, and what to do.
    """
    session = change.get("LaterSession")
    if session != scan.session_id:
        msg = (
            f"{scan.label}: its map of change says that it is of session {session},"
            f" of nobody's {scan.session_id}; {_AGAIN}"
        )
        raise InputError(msg)
    if made.get("Fingerprint") != change.get("LaterFingerprint", ""):
        msg = (
            f"{scan.label}: its map of change was made from other maps of the scan than"
            f" those that are there, or of another participant's; {_AGAIN}"
        )
        raise InputError(msg)
    if a_year and not change.get("IntervalYears"):
        msg = (
            f"{scan.label}: the time between its visits is not known, and the map of"
            " change a year needs it; give `session_times` to crosswarp preprocess, or"
            " change in place of rate in `maps`"
        )
        raise InputError(msg)
