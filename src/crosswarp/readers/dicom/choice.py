"""Which of several series is the T1w image."""

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from typing import Final

from crosswarp.errors import ScanError
from crosswarp.readers.dicom.rules import unfit
from crosswarp.readers.dicom.series import Series

NAMED: Final = 12
"""Series listed in a message."""

_PREFERENCES: Final[tuple[tuple[Callable[[Series], bool], str], ...]] = (
    (lambda one: one.original or one.is_uni, "computed from other images"),
    (lambda one: one.is_named_t1, "not described as T1w"),
    (lambda one: one.original, "computed from other images"),
    (lambda one: one.is_uni and "den" in one.words, "not the denoised UNI image"),
)


@dataclass(frozen=True)
class ChosenSeries:
    """The series to convert.

    Attributes:
        series: Series that was chosen.
        notes: A sentence on it, and on each that was passed over and why; of headers
            only numbers and words of a fixed list.
    """

    series: Series
    notes: tuple[str, ...]


def choose_t1w(
    series: Sequence[Series], wanted: int | str | None = None
) -> ChosenSeries:
    """Choose the T1w series.

    The rules, in their order: none for which `unfit` has a reason (not MR, under 40
    slices, a localizer, another contrast, echo time over 20 ms, a contrast agent, an
    inversion image of an MP2RAGE); if several are left, what the scanner took before
    what was computed from it; those whose description says T1; of two UNI images of an
    MP2RAGE the denoised one. One must be left.

    Args:
        series: All of one person.
        wanted: Take the series of this number or SeriesInstanceUID, whatever the rules
            say.

    Returns:
        The series, and what was passed over, with the reasons.

    Raises:
        ScanError: If none or several are left; lists them.
    """
    if wanted is not None:
        return _wanted(series, wanted)
    reasons = {one: unfit(one, series) for one in series}
    left = [one for one in series if not reasons[one]]
    for better, reason in _PREFERENCES:
        kept = [one for one in left if better(one)]
        if len(left) > 1 and kept:
            reasons.update({one: reason for one in left if one not in kept})
            left = kept
    if len(left) == 1:
        return _chosen(left[0], series, reasons)
    if not left:
        listed = _list([f"{one}: {reasons[one]}" for one in series], "; ")
        msg = f"no T1w volume among {listed}; to take one anyway, give `dicom_series`"
    else:
        msg = (
            f"more than one T1w volume: {_list(_names(left, series))}; choose with"
            f" `dicom_series={'UID' if _alike(left) else 'NUMBER'}`, or give one alone"
        )
    raise ScanError(msg)


def _wanted(series: Sequence[Series], wanted: int | str) -> ChosenSeries:
    left = [one for one in series if wanted in (one.number, one.uid)]
    if len(left) == 1:
        reasons = dict.fromkeys(series, "another series was asked for")
        return _chosen(left[0], series, reasons)
    if left:
        msg = (
            f"{len(left)} series have the number {wanted}:"
            f" {_list(_names(left, series))}; choose with `dicom_series=UID`"
        )
    else:
        what = "number" if isinstance(wanted, int) else "UID"
        there = _list([str(one) for one in series])
        msg = f"0 series have the {what} {wanted}; there are {there}"
    raise ScanError(msg)


def _chosen(
    one: Series, series: Sequence[Series], reasons: Mapping[Series, str]
) -> ChosenSeries:
    notes = [f"took {one}"]
    notes += [
        f"passed over {other}: {reasons[other]}" for other in series if other is not one
    ]
    return ChosenSeries(one, tuple(notes))


def _alike(series: Sequence[Series]) -> bool:
    return len({one.number for one in series}) < len(series)


def _names(some: Sequence[Series], series: Sequence[Series]) -> list[str]:
    """Name series so that each can be typed: by UID where a number does not do."""
    visits = sorted({one.visit for one in series})
    names = []
    for one in some:
        visit = f"visit {visits.index(one.visit) + 1}, " if len(visits) > 1 else ""
        uid = f", UID {one.uid}" if _alike(some) else ""
        names.append(f"{visit}{one}{uid}")
    return names


def _list(names: Sequence[str], between: str = ", ") -> str:
    more = len(names) - NAMED
    rest = f" and {more} more" if more > 0 else ""
    return between.join(names[:NAMED]) + rest
