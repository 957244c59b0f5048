"""Where each slice of a DICOM image lies: of one file, or of the frames of one."""

from collections.abc import Iterator
from typing import TYPE_CHECKING, Any, Final

import numpy as np

from crosswarp.bids.dicom_files import tag_number

if TYPE_CHECKING:
    from pydicom import Dataset

Place = tuple[float, ...]
"""Orientation (6 numbers), position (3), pixel spacing (2), rows, columns."""

PLACE_TAGS: Final = (
    *("ImageOrientationPatient", "ImagePositionPatient", "PixelSpacing"),
    *("NumberOfFrames", "Rows", "Columns"),
    *("SharedFunctionalGroupsSequence", "PerFrameFunctionalGroupsSequence"),
)

_WANTED: Final = (
    ("ImageOrientationPatient", "PlaneOrientationSequence", 6),
    ("ImagePositionPatient", "PlanePositionSequence", 3),
    ("PixelSpacing", "PixelMeasuresSequence", 2),
)


def frame_count(header: "Dataset") -> int:
    """Return the number of images that a file says it holds."""
    return max(int(tag_number(header, "NumberOfFrames") or 1), 1)


def places_of(header: "Dataset") -> tuple[Place, ...]:
    """Return where the images of a file lie, one place a frame.

    A frame's own functional groups count before those that all frames share, and these
    before the tags of the file. What is said nowhere is not a number.
    """
    frames = _frames(header)
    shared = _first(header, "SharedFunctionalGroupsSequence")
    size = [tag_number(header, tag) or np.nan for tag in ("Rows", "Columns")]
    return tuple(
        (*_numbers([_groups(frame, shared), header]), *size)
        for frame in [*frames, *[None] * (frame_count(header) - len(frames))]
    )


def frames_described(header: "Dataset") -> int | None:
    """Return for how many frames there are functional groups; None without any."""
    return len(_frames(header)) or None


def echo_times(header: "Dataset") -> set[float]:
    """Return the echo times of a file's images, in ms."""
    shared = _first(header, "SharedFunctionalGroupsSequence")
    groups = [_first(frame, "MREchoSequence") for frame in _frames(header)]
    for some in (groups, [_first(shared, "MREchoSequence")]):
        found = {tag_number(group, "EffectiveEchoTime") for group in some if group}
        if times := {time for time in found if time}:
            return times
    time = tag_number(header, "EchoTime")
    return {time} if time else set()


def frame_kinds(header: "Dataset") -> set[str]:
    """Return the words of the frames' types, such as ``M`` or ``PHASE``, upper case."""
    shared = _first(header, "SharedFunctionalGroupsSequence")
    kinds = [
        _first(frame, "MRImageFrameTypeSequence")
        for frame in [*_frames(header), shared]
    ]
    return {
        str(word).upper()
        for kind in kinds
        if kind is not None
        for tag in ("FrameType", "ComplexImageComponent")
        for word in _listed(kind.get(tag, None))
    }


def _frames(header: "Dataset") -> list[Any]:
    return list(header.get("PerFrameFunctionalGroupsSequence", None) or [])


def _first(header: Any, tag: str) -> Any:  # noqa: ANN401 - pydicom's, or nothing
    """Return the first item of a sequence; None when there is none."""
    items = None if header is None else header.get(tag, None)
    return items[0] if items else None


def _groups(frame: Any, shared: Any) -> dict[str, Any]:  # noqa: ANN401
    """Gather a frame's geometry from the groups that hold it."""
    return {
        tag: group.get(tag, None)
        for tag, sequence, _ in _WANTED
        for group in [_first(frame, sequence) or _first(shared, sequence)]
        if group is not None
    }


def _numbers(sources: list[Any]) -> Iterator[float]:
    for tag, _, count in _WANTED:
        values = next((v for s in sources if (v := _floats(s.get(tag, None)))), [])
        yield from values if len(values) == count else [np.nan] * count


def _floats(values: Any) -> list[float]:  # noqa: ANN401 - whatever a header holds
    try:
        return [float(v) for v in _listed(values)]
    except (TypeError, ValueError):
        return []


def _listed(values: Any) -> list[Any]:  # noqa: ANN401 - one value, several, or none
    if values is None:
        return []
    return [values] if isinstance(values, str | float | int) else list(values)
