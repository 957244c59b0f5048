"""Why a series is not the T1w image."""

from collections.abc import Sequence
from typing import Final

from crosswarp.readers.dicom.series import Series
from crosswarp.readers.dicom.words import other_contrast

LEAST_IMAGES: Final = 40
"""Slices below which a series is no volume of the head: localizers have 3 to 30."""

LONGEST_ECHO_MS: Final = 20.0
"""Echo time above which a head is not T1-weighted."""

_NO_MAGNITUDE: Final = {"P", "PHASE", "PHASE MAP", "R", "REAL", "I", "IMAGINARY"}
_OTHER_PARTS: Final = {
    *("ABDOMEN", "ANKLE", "ARM", "BREAST", "CHEST", "CSPINE", "ELBOW", "FOOT", "HAND"),
    *("HEART", "HIP", "KNEE", "LEG", "LIVER", "LSPINE", "PELVIS", "PROSTATE"),
    *("SHOULDER", "SPINE", "TSPINE", "WRIST"),
}
"""DICOM's words for parts of the body without the head; what is not said may be it."""

_T1_MAPS: Final = {"T1 MAP", "T1_MAP", "T1MAP"}


def unfit(series: Series, others: Sequence[Series]) -> str:
    """Say why a series is not the T1w volume; empty when it may be.

    Args:
        series: The one to judge.
        others: All of the examination; an image of an MP2RAGE is judged by them.
    """
    return _no_volume(series) or _no_t1w(series) or _no_uni(series, others)


def _no_volume(series: Series) -> str:
    if series.modality != "MR":
        return "not MR"
    if series.body_part in _OTHER_PARTS:
        return f"of another part of the body, {series.body_part.lower()}"
    if series.localizer:
        return "a localizer"
    if series.images < LEAST_IMAGES:
        return f"fewer than {LEAST_IMAGES} slices"
    return ""


def _no_t1w(series: Series) -> str:
    kinds = set(series.kinds[2:])
    if kinds & _NO_MAGNITUDE and not kinds & {"M", "MAGNITUDE"}:
        return "a phase image or a part of a complex one"
    if kinds & _T1_MAPS or "t1map" in series.words:
        return "a map of T1"
    if other := other_contrast(series.words):
        return f"described as {' '.join(other)}"
    if series.echo_ms is not None and series.echo_ms > LONGEST_ECHO_MS:
        return f"echo time over {LONGEST_ECHO_MS:g} ms"
    if series.contrast_agent:
        return "taken after a contrast agent"
    return ""


def _no_uni(series: Series, others: Sequence[Series]) -> str:
    """Tell the inversion images of an MP2RAGE, which have another contrast."""
    if series.is_uni:
        return ""
    inversion = {"inv1", "inv2"} & set(series.words)
    beside_uni = "mp2rage" in series.words and any(
        other.is_uni and not unfit(other, ()) for other in others
    )
    if inversion or beside_uni:
        return "an inversion image of an MP2RAGE; its UNI image is the T1w one"
    return ""
