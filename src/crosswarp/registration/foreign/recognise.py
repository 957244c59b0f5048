"""Which program wrote a transform, and whether it goes the way that is asked."""

import re
from pathlib import Path
from typing import Final

from crosswarp.bids.volumes import open_volume
from crosswarp.errors import InputError
from crosswarp.registration.foreign.fsl import INTENTS
from crosswarp.registration.foreign.own import INTENT_NAME
from crosswarp.registration.foreign.steps import ForeignTransform
from crosswarp.registration.foreign.table import FORMATS
from crosswarp.registration.foreign.vectors import (
    AFNI_EXTENSION,
    MOST_VALUES,
    extension_code,
    is_nifti,
    vector_shape,
)
from crosswarp.types.arrays import SpatialMap

VECTOR: Final = 1007
"""NIfTI intent of a field of vectors."""

_FROM_TO: Final = re.compile(r"(?:^|_)from-([A-Za-z0-9]+)_to-([A-Za-z0-9]+)_")
_SPACE: Final = re.compile(r"(?:^|_)(?:space|tpl)-([A-Za-z0-9]+)")


def read_transform(
    path: Path, reference: SpatialMap, name: str | None = None
) -> ForeignTransform:
    """Read a transform of any format.

    Args:
        path: Path of the transform.
        reference: Image that the other one was registered to.
        name: Name of the format; found out by the file when None.

    Raises:
        InputError: If the format is not known or cannot be told, or the file's name
            says that it maps the other way.
        ScanError: If the file cannot be read.
    """
    if name is not None and name not in FORMATS:
        msg = f"no format {name!r}; known: {', '.join(FORMATS)}"
        raise InputError(msg)
    if not path.is_file():
        msg = f"no file at {path}"
        raise InputError(msg)
    chosen = name or recognised(path)
    if name is None:
        _refuse_inverse(path, chosen)
    return FORMATS[chosen].read(path, reference)


def recognised(path: Path) -> str:
    """Name the format of a file.

    Args:
        path: Path of the transform.

    Raises:
        InputError: If several programs write such files, or none; names what to type.
    """
    if is_nifti(path):
        return _of_field(path)
    if path.name.endswith((".aff12.1D", ".1D")):
        return "afni"
    if path.suffix in (".h5", ".hdf5", ".tfm"):
        return "itk"
    start = path.read_bytes()[:200]
    if b"Insight Transform" in start or b"\0" in start:
        return "itk"
    msg = (
        f"{path.name}: greedy and FSL write such matrices, in opposite directions; give"
        " `transform_format='greedy'` or `transform_format='fsl'`"
    )
    raise InputError(msg)


def check_names(path: Path, reference: Path) -> None:
    """Refuse a transform whose BIDS name says that it is for another space.

    Args:
        path: Path of the transform.
        reference: Path of the reference image.

    Raises:
        InputError: If both names have spaces, and these differ.
    """
    ways, space = _FROM_TO.search(path.name), _SPACE.search(reference.name)
    if ways is None or space is None or ways[2] == space[1]:
        return
    advice = f"give a `reference` in {ways[2]}"
    if ways[1] == space[1]:
        advice = f"give the transform from-{ways[2]}_to-{ways[1]}: it is the other way"
    msg = (
        f"{path.name} brings images to {ways[2]}, and {reference.name} is in"
        f" {space[1]}; {advice}"
    )
    raise InputError(msg)


def _of_field(path: Path) -> str:
    stored = open_volume(path, "write it again", MOST_VALUES)
    vector_shape(stored)
    header = stored.header
    intent = int(header["intent_code"])
    name = bytes(header["intent_name"].tobytes()).rstrip(b"\0")
    if intent in INTENTS:
        return "fsl"
    if name == INTENT_NAME.encode():
        return "crosswarp"
    if name == b"Mapping" or path.name.startswith(("y_", "iy_")):
        return "spm"
    if extension_code(path) == AFNI_EXTENSION:
        return "afni"
    if intent == VECTOR:
        return "itk"
    msg = (
        f"{path.name} does not say which program wrote it, nor in which unit; give"
        f" `transform_format` one of {', '.join(FORMATS)} ('voxels' where a network"
        " counts displacements in voxels)"
    )
    raise InputError(msg)


def _refuse_inverse(path: Path, chosen: str) -> None:
    marks = [mark for mark in FORMATS[chosen].inverse if mark in path.name]
    if marks:
        msg = (
            f"{path.name}: by {marks[0]} in its name it maps the registered image to"
            " the reference, and its map has the opposite sign; give the transform of"
            f" the other direction, or `transform_format={chosen!r}` if the name is"
            " wrong"
        )
        raise InputError(msg)
