"""DICOM series as a scanner would write them, from any map; with a person in them."""

from collections.abc import Callable, Iterable
from dataclasses import dataclass, field
from pathlib import Path

import numpy as np
import pydicom
from pydicom.dataset import Dataset, FileMetaDataset
from pydicom.sequence import Sequence
from pydicom.uid import (
    EnhancedMRImageStorage,
    ExplicitVRLittleEndian,
    MRImageStorage,
    generate_uid,
)

from crosswarp.types.arrays import SpatialMap

PERSON = {
    "PatientName": "Zzyzx^Quillon",
    "PatientID": "ZQ-4711-secret",
    "PatientBirthDate": "19311224",
    "InstitutionName": "Hospital of Nowhereville",
    "ReferringPhysicianName": "Dr^Whoever",
}
"""Found nowhere in what the program writes."""

TO_LPS = np.array([-1.0, -1.0, 1.0])


@dataclass(frozen=True)
class Protocol:
    """What the scanner says of a series."""

    number: int = 4
    description: str = "t1_mprage_sag Zzyzx"
    kind: tuple[str, ...] = ("ORIGINAL", "PRIMARY", "M", "NORM")
    modality: str = "MR"
    echo_ms: float | None = 2.98
    person: dict[str, str] = field(default_factory=lambda: dict(PERSON))
    study: str = "1.2.826.0.1.3680043.8.498.1"
    date: str = "20200229"
    agent: str = ""


def write_series(
    folder: Path, volume: SpatialMap, protocol: Protocol | None = None
) -> list[Path]:
    """Write a map as one file a slice; the last voxel axis counts the slices.

    Returns:
        The files, in the order of the slices. Their names hold the person's.
    """
    protocol = protocol or Protocol()
    folder.mkdir(parents=True, exist_ok=True)
    uid = series_uid(folder, protocol)
    paths = []
    for k in range(volume.extent[2]):
        path = folder / f"Quillon-{protocol.number}-{k:04d}.dcm"
        _slice(volume, k, protocol, uid).save_as(path, enforce_file_format=True)
        paths.append(path)
    return paths


def series_uid(folder: Path, protocol: Protocol) -> str:
    """Return the SeriesInstanceUID that `write_series` gives."""
    return generate_uid(entropy_srcs=[str(folder), str(protocol.number)])[:58]


def write_without_preamble(path: Path) -> None:
    """Write a file anew as old archives did: no preamble, no group 2, implicit VR."""
    image = pydicom.dcmread(path)
    del image.file_meta
    image.preamble = None
    pydicom.dcmwrite(
        path, image, implicit_vr=True, little_endian=True, enforce_file_format=False
    )


def write_enhanced(
    path: Path,
    volume: SpatialMap,
    protocol: Protocol | None = None,
    *,
    frames: Iterable[int] | None = None,
    change: Callable[[Dataset], None] | None = None,
) -> Path:
    """Write a map as one file of many frames.

    Args:
        path: The file.
        volume: The map; the last voxel axis counts the slices.
        protocol: What the scanner says.
        frames: Slices in the order in which they are stored; all when None.
        change: Is given the image before it is written.
    """
    protocol = protocol or Protocol()
    path.parent.mkdir(parents=True, exist_ok=True)
    order = list(range(volume.extent[2]) if frames is None else frames)
    image = _slice(volume, 0, protocol, series_uid(path, protocol))
    image.SOPClassUID = image.file_meta.MediaStorageSOPClassUID = EnhancedMRImageStorage
    shared, measures, echo = Dataset(), Dataset(), Dataset()
    measures.PixelSpacing, measures.SliceThickness = image.PixelSpacing, 1
    shared.PixelMeasuresSequence = Sequence([measures])
    if protocol.echo_ms is not None:
        echo.EffectiveEchoTime = protocol.echo_ms
        shared.MREchoSequence = Sequence([echo])
    image.SharedFunctionalGroupsSequence = Sequence([shared])
    image.PerFrameFunctionalGroupsSequence = Sequence(
        [_frame(_slice(volume, k, protocol, "1.2"), k) for k in order]
    )
    pixels = [_slice(volume, k, protocol, "1.2").PixelData for k in order]
    image.NumberOfFrames, image.PixelData = len(order), b"".join(pixels)
    for tag in ("ImageOrientationPatient", "ImagePositionPatient", "PixelSpacing"):
        delattr(image, tag)
    if "EchoTime" in image:
        del image.EchoTime
    if change is not None:
        change(image)
    image.save_as(path, enforce_file_format=True)
    return path


def _frame(image: Dataset, k: int) -> Dataset:
    frame, place, plane, content = Dataset(), Dataset(), Dataset(), Dataset()
    place.ImagePositionPatient = image.ImagePositionPatient
    plane.ImageOrientationPatient = image.ImageOrientationPatient
    content.DimensionIndexValues, content.InStackPositionNumber = [1, k + 1], k + 1
    content.StackID = "1"
    frame.PlanePositionSequence = Sequence([place])
    frame.PlaneOrientationSequence = Sequence([plane])
    frame.FrameContentSequence = Sequence([content])
    return frame


def _slice(volume: SpatialMap, k: int, protocol: Protocol, uid: str) -> Dataset:
    image = Dataset()
    image.file_meta = FileMetaDataset()
    image.file_meta.TransferSyntaxUID = ExplicitVRLittleEndian
    image.SOPClassUID = image.file_meta.MediaStorageSOPClassUID = MRImageStorage
    image.SOPInstanceUID = f"{uid}.{k + 1}"
    image.file_meta.MediaStorageSOPInstanceUID = image.SOPInstanceUID
    for tag, value in protocol.person.items():
        setattr(image, tag, value)
    image.Modality = protocol.modality
    image.Manufacturer = "SIEMENS"
    image.StudyInstanceUID = protocol.study
    image.SeriesInstanceUID = uid
    image.FrameOfReferenceUID = "1.2.826.0.1.3680043.8.498.2"
    image.StudyDate, image.StudyTime = protocol.date, "112233"
    image.SeriesNumber, image.InstanceNumber = protocol.number, k + 1
    image.SeriesDescription = protocol.description
    image.ImageType = list(protocol.kind)
    image.MRAcquisitionType, image.ScanningSequence = "3D", "GR"
    if protocol.echo_ms is not None:
        image.EchoTime = protocol.echo_ms
    if protocol.agent:
        image.ContrastBolusAgent = protocol.agent
    image.RepetitionTime, image.InversionTime = 2300, 900
    _place(image, volume, k)
    image.SamplesPerPixel, image.PhotometricInterpretation = 1, "MONOCHROME2"
    image.BitsAllocated, image.BitsStored, image.HighBit = 16, 16, 15
    image.PixelRepresentation = 1
    rows = np.ascontiguousarray(volume.values[:, :, k].T.astype("<i2"))
    image.Rows, image.Columns = rows.shape
    image.PixelData = rows.tobytes()
    return image


def _place(image: Dataset, volume: SpatialMap, k: int) -> None:
    spacing = volume.spacing
    along = volume.affine[:3, :3] / np.array(spacing)
    image.ImageOrientationPatient = [
        round(float(v), 9) for axis in (0, 1) for v in TO_LPS * along[:, axis]
    ]
    first = TO_LPS * (volume.affine @ (0, 0, k, 1))[:3]
    image.ImagePositionPatient = [round(float(v), 6) for v in first]
    image.PixelSpacing = [spacing[1], spacing[0]]
    image.SliceThickness = spacing[2]
