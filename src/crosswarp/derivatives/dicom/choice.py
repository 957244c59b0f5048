"""Which of several series is the T1w image, and whether all of it is there."""

from collections.abc import Sequence
from typing import Final

import numpy as np

from crosswarp.derivatives.dicom.series import Series
from crosswarp.errors import ScanError

NAMED: Final = 12
"""Series listed in a message."""

_STEP_TOLERANCE: Final = 0.05
"""Share of the distance between slices by which one may differ."""

_DIRECTION_TOLERANCE: Final = 1e-3


def choose_t1w(series: Sequence[Series], number: int | None = None) -> Series:
    """Choose the T1w series.

    The rules, in their order: MR, at least 40 slices, not marked as a localizer, not
    described as another contrast, echo time up to 20 ms; if several are left, what the
    scanner took before what was computed from it; if still several, those whose
    description says T1. One must be left.

    Args:
        series: All of one person.
        number: Take the series of this number, whatever the rules say.

    Raises:
        ScanError: If none or several are left; lists them.
    """
    if number is not None:
        left = [one for one in series if one.number == number]
        if len(left) == 1:
            return left[0]
        msg = f"{len(left)} series have the number {number}; there are {_list(series)}"
        raise ScanError(msg)
    left = [one for one in series if one.is_head_volume]
    if len(left) > 1:
        left = [one for one in left if one.original] or left
    if len(left) > 1:
        left = [one for one in left if one.is_named_t1] or left
    if len(left) == 1:
        return left[0]
    if not left:
        msg = f"no T1w volume among {_list(series)}"
    else:
        msg = (
            f"more than one T1w volume: {_list(left)}; choose with --dicom-series, or"
            " give one alone"
        )
    raise ScanError(msg)


def check_slices(series: Series) -> None:
    """Refuse a series with slices missing, twice, or not parallel.

    dcm2niix converts what is there without a word in its exit code. Files that hold
    many slices are left to it.

    Raises:
        ScanError: Naming the first place where something is wrong.
    """
    if not series.places:
        return
    places = np.array(series.places, dtype=float)
    if not np.isfinite(places).all():
        msg = f"series {series.number}: images that do not say where they lie"
        raise ScanError(msg)
    alike = np.delete(places, [6, 7, 8], axis=1)
    if np.abs(alike - alike[0]).max() > _DIRECTION_TOLERANCE:
        msg = (
            f"series {series.number}: images of different directions or sizes; give"
            " the volume alone"
        )
        raise ScanError(msg)
    normal = np.cross(places[0, :3], places[0, 3:6])
    heights = np.sort(places[:, 6:9] @ normal)
    _check_steps(series, np.diff(heights))


def _check_steps(series: Series, steps: np.ndarray) -> None:
    step = float(np.median(steps)) if len(steps) else 0.0
    if step <= 0:
        msg = (
            f"series {series.number}: {series.images} images at the same places;"
            " several volumes, or copied twice"
        )
        raise ScanError(msg)
    wrong = np.flatnonzero(np.abs(steps - step) > _STEP_TOLERANCE * step)
    if not len(wrong):
        return
    first = int(wrong[0])
    found = float(steps[first])
    missing = round(found / step) - 1
    what = f"{missing} missing" if missing > 0 else "some twice or shifted"
    msg = (
        f"series {series.number}: slices {step:.3g} mm apart, but slices {first + 1}"
        f" and {first + 2} are {found:.3g} mm apart ({what}); copy the series again"
    )
    raise ScanError(msg)


def _list(series: Sequence[Series]) -> str:
    more = len(series) - NAMED
    rest = f" and {more} more" if more > 0 else ""
    return ", ".join(map(str, series[:NAMED])) + rest
