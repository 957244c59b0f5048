"""Files that dcm2niix would misread, written anew for it."""

import hashlib
import warnings
from pathlib import Path
from typing import TYPE_CHECKING, Any

import numpy as np

from crosswarp.bids.bounded_dicom import read_dataset
from crosswarp.bids.dicom_files import HEAD_BYTES, has_preamble
from crosswarp.readers.dicom.places import frame_count, places_of

if TYPE_CHECKING:
    from pydicom import Dataset


def link_or_rewrite(path: Path, target: Path, *, frames: bool) -> None:
    """Give dcm2niix a file.

    A sound file is linked. One without a preamble gets one; frames that are not in the
    order of their positions are sorted, because dcm2niix takes the distance between
    slices from the first and the last one.

    Args:
        path: A DICOM file with an image.
        target: Name to give it.
        frames: It may hold more than one image.
    """
    with path.open("rb") as file:
        whole = has_preamble(file.read(HEAD_BYTES))
    with warnings.catch_warnings():
        warnings.simplefilter("ignore")
        order = _order(path) if frames else None
        if whole and order is None:
            target.symlink_to(path.resolve())
        else:
            _rewrite(path, target, order)


def pixel_digest(path: Path) -> str:
    """Digest the pixels of a file as they are stored; the header does not count."""
    with warnings.catch_warnings():
        warnings.simplefilter("ignore")
        image = read_dataset(path, force=True, specific_tags=["PixelData"])
    return hashlib.sha256(image.get("PixelData", b"")).hexdigest()


def _order(path: Path) -> list[int] | None:
    """Return the order of the frames along the stack; None if they are in one."""
    header = read_dataset(path, stop_before_pixels=True, force=True)
    if frame_count(header) == 1:
        return None
    places = np.array(places_of(header))
    heights = places[:, 6:9] @ np.cross(places[0, :3], places[0, 3:6])
    steps = np.diff(heights)
    if (steps > 0).all() or (steps < 0).all():
        return None
    return [int(k) for k in np.argsort(heights)]


def _rewrite(path: Path, target: Path, order: list[int] | None) -> None:
    import pydicom
    from pydicom.dataset import FileMetaDataset

    image = read_dataset(path, force=True)
    if not hasattr(image, "file_meta"):
        image.file_meta = FileMetaDataset()
    if "TransferSyntaxUID" not in image.file_meta:
        explicit = image.original_encoding[0] is False
        image.file_meta.TransferSyntaxUID = (
            pydicom.uid.ExplicitVRLittleEndian
            if explicit
            else pydicom.uid.ImplicitVRLittleEndian
        )
    if order is not None:
        _sort_frames(image, order)
    image.save_as(target, enforce_file_format=True)


def _sort_frames(image: "Dataset", order: list[int]) -> None:
    frames: Any = image.PerFrameFunctionalGroupsSequence
    sorted_frames = [frames[k] for k in order]
    for place, frame in enumerate(sorted_frames, start=1):
        # What they say of their order would contradict the new one.
        if "FrameContentSequence" in frame:
            content = frame.FrameContentSequence[0]
            content.InStackPositionNumber = place
            content.DimensionIndexValues = [1, place]
    image.PerFrameFunctionalGroupsSequence = sorted_frames
    pixels = _frame_bytes(image, len(order))
    joined = [pixels[k] for k in order]
    if image.file_meta.TransferSyntaxUID.is_compressed:
        from pydicom.encaps import encapsulate

        image.PixelData = encapsulate(joined)
    else:
        image.PixelData = b"".join(joined)


def _frame_bytes(image: "Dataset", count: int) -> list[bytes]:
    if image.file_meta.TransferSyntaxUID.is_compressed:
        from pydicom.encaps import generate_frames

        return list(generate_frames(image.PixelData, number_of_frames=count))
    size = image.Rows * image.Columns * image.SamplesPerPixel * image.BitsAllocated // 8
    return [image.PixelData[k * size : (k + 1) * size] for k in range(count)]
