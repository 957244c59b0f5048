"""Find what fMRIPrep and sMRIPrep have made of T1w scans: image, mask, transform."""

import re
from collections.abc import Sequence
from pathlib import Path
from typing import Any, Final

from crosswarp.bids.ids import ScanId
from crosswarp.bids.names import name_fault
from crosswarp.bids.raw import FoundScans, RawScan
from crosswarp.documents import read_object
from crosswarp.errors import InputError
from crosswarp.makers import PROGRAM
from crosswarp.study.names import DESCRIPTION

IMAGE: Final = "_desc-preproc_T1w.nii.gz"
MASK: Final = "_desc-brain_mask.nii.gz"

_TO: Final = re.compile(r"_from-T1w_to-([A-Za-z0-9+]+)_mode-image_xfm\.h5$")


def made_by(root: Path) -> str:
    """Name the program that made a folder of derivatives, with its version.

    Args:
        root: Folder of the derivatives.

    Raises:
        InputError: If it does not say so, or crosswarp made it.
    """
    if not root.is_dir():
        msg = f"expected a folder of derivatives, found none at {root}"
        raise InputError(msg)
    said = read_object(root / DESCRIPTION)
    listed = said.get("GeneratedBy")
    first: Any = listed[0] if isinstance(listed, list) and listed else None
    # Before BIDS 1.4 the programs named themselves otherwise.
    found = first if isinstance(first, dict) else said.get("PipelineDescription")
    name = found.get("Name") if isinstance(found, dict) else None
    if not isinstance(name, str) or not name.strip():
        msg = (
            f"{root}: no {DESCRIPTION} that says which program made it; give the folder"
            " of derivatives that fMRIPrep or sMRIPrep wrote"
        )
        raise InputError(msg)
    if name == PROGRAM:
        msg = f"{root} holds maps of crosswarp already; use them as they are"
        raise InputError(msg)
    version = found.get("Version") if isinstance(found, dict) else None
    return f"{name} {version}" if version else name


def find_derived(
    root: Path, space: str, participants: Sequence[str] = ()
) -> FoundScans:
    """Find the T1w images with brain mask and transform to a space.

    Args:
        root: Folder of the derivatives.
        space: BIDS name of the template's space.
        participants: Only these, with or without ``sub-``; all when empty.

    Returns:
        One scan for each T1w image in its own space. What lacks a file is a problem,
        with what is there.

    Raises:
        InputError: If a participant that was asked for is not there.
    """
    folders = {path.name: path for path in sorted(root.glob("sub-*")) if path.is_dir()}
    wanted = [f"sub-{name.removeprefix('sub-')}" for name in participants]
    missing = [name for name in wanted if name not in folders]
    if missing or not folders:
        what = ", ".join(missing) or "a participant"
        msg = f"expected {what} in {root}, which has {len(folders)} participants"
        raise InputError(msg)
    found = FoundScans([], [], [], root, root)
    for name in wanted or folders:
        before = len(found.scans) + len(found.problems)
        for anat in (folders[name] / "anat", *sorted(folders[name].glob("ses-*/anat"))):
            _look_into(anat, space, found)
        if len(found.scans) + len(found.problems) == before:
            found.left_out.append(f"{name}: no {IMAGE} in anat")
    return found


def _look_into(anat: Path, space: str, found: FoundScans) -> None:
    # Images in a template's space have their space in the name.
    images = [p for p in sorted(anat.glob(f"sub-*{IMAGE}")) if "_space-" not in p.name]
    for image in images[:1]:
        scan = ScanId.parse(image.name)
        mask = image.with_name(image.name.replace(IMAGE, MASK))
        transforms = [p for p in sorted(anat.glob("*.h5")) if _space_of(p) == space]
        fault = name_fault(scan)
        if len(images) > 1:
            fault = f"more than one T1w image: {images[0].name} and {images[1].name}"
        elif not mask.is_file():
            fault = f"no {mask.name} beside {image.name}"
        elif len(transforms) != 1:
            fault = _transform_fault(anat, space, len(transforms))
        if fault:
            found.problems.append((scan, fault))
        else:
            found.scans.append(RawScan(scan, image, given=(mask, transforms[0])))


def _space_of(path: Path) -> str:
    named = _TO.search(path.name)
    return named[1] if named is not None else ""


def _transform_fault(anat: Path, space: str, count: int) -> str:
    if count:
        return f"{count} transforms from T1w to {space}; keep the one to use"
    there = sorted({_space_of(path) for path in anat.glob("*.h5")} - {""})
    if not there:
        return f"no transform from T1w to {space} (_from-T1w_to-{space}_…_xfm.h5)"
    return (
        f"no transform from T1w to {space}, but to {', '.join(there)}; add {space} to"
        " the output spaces of the program, or give `template` and `template_mask` of"
        f" `space={there[0]!r}`"
    )
