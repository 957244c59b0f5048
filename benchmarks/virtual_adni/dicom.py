"""A head as a scanner's series of sagittal DICOM slices."""

from dataclasses import dataclass
from datetime import date
from pathlib import Path

import nibabel as nib
import numpy as np
from nibabel.orientations import axcodes2ornt, io_orientation, ornt_transform
from pydicom.dataset import Dataset, FileMetaDataset
from pydicom.uid import ExplicitVRLittleEndian, MRImageStorage, generate_uid

from crosswarp.bids.cohort import VIRTUAL_NOTICE

_TO_LPS = np.array([-1.0, -1.0, 1.0])


@dataclass(frozen=True)
class Header:
    """What the scanner says of a series.

    Attributes:
        participant: Identifier of the archive.
        day: Day of the scan.
        description: Name of the series.
        field_strength_t: Field of the scanner, in tesla.
    """

    participant: str
    day: date
    description: str
    field_strength_t: float


def sagittal(head: nib.Nifti1Image) -> nib.Nifti1Image:
    """Store a head as sagittal slices are: back, down, then from left to right.

    Args:
        head: Head in any orientation.

    Returns:
        The same head, its columns, rows and slices along the three axes.
    """
    turn = ornt_transform(io_orientation(head.affine), axcodes2ornt("PIR"))
    return head.as_reoriented(turn)


def write_series(
    folder: Path, stem: str, ends: str, head: nib.Nifti1Image, header: Header
) -> Path:
    """Write a head as one file a slice.

    Args:
        folder: Folder of the series.
        stem: What the files' names begin with; the slice's number follows.
        ends: What they end with, before ``.dcm``.
        head: Head as `sagittal` returns it.
        header: What the scanner says.

    Returns:
        The folder.
    """
    folder.mkdir(parents=True, exist_ok=True)
    values = np.asarray(head.dataobj).astype("<i2")
    uid = generate_uid(entropy_srcs=[stem, ends])[:56]
    for number in range(values.shape[2]):
        image = _slice(header, uid, number)
        _place(image, head.affine, number)
        rows = np.ascontiguousarray(values[:, :, number].T)
        image.Rows, image.Columns = rows.shape
        image.PixelData = rows.tobytes()
        path = folder / f"{stem}_{number + 1}{ends}.dcm"
        image.save_as(path, enforce_file_format=True)
    return folder


def _slice(header: Header, uid: str, number: int) -> Dataset:
    image = Dataset()
    image.file_meta = FileMetaDataset()
    image.file_meta.TransferSyntaxUID = ExplicitVRLittleEndian
    image.SOPClassUID = image.file_meta.MediaStorageSOPClassUID = MRImageStorage
    image.SOPInstanceUID = f"{uid}.{number + 1}"
    image.file_meta.MediaStorageSOPInstanceUID = image.SOPInstanceUID
    image.PatientID = image.PatientName = header.participant
    image.ImageComments = VIRTUAL_NOTICE
    image.Modality, image.Manufacturer = "MR", "crosswarp"
    image.MagneticFieldStrength = header.field_strength_t
    image.StudyInstanceUID, image.SeriesInstanceUID = f"{uid}.0", uid
    image.FrameOfReferenceUID = f"{uid}.9999"
    image.StudyDate = image.SeriesDate = header.day.strftime("%Y%m%d")
    image.StudyTime = "081644"
    image.SeriesNumber, image.InstanceNumber = 2, number + 1
    image.SeriesDescription = header.description
    image.ImageType = ["ORIGINAL", "PRIMARY", "M", "NORM"]
    image.MRAcquisitionType, image.ScanningSequence = "3D", "GR"
    image.RepetitionTime, image.EchoTime, image.InversionTime = 2300, 2.98, 900
    image.SamplesPerPixel, image.PhotometricInterpretation = 1, "MONOCHROME2"
    image.BitsAllocated, image.BitsStored, image.HighBit = 16, 16, 15
    image.PixelRepresentation = 1
    return image


def _place(image: Dataset, affine: np.ndarray, number: int) -> None:
    spacing = np.linalg.norm(affine[:3, :3], axis=0)
    along = _TO_LPS[:, None] * affine[:3, :3] / spacing
    first = _TO_LPS * (affine @ (0, 0, number, 1))[:3]
    image.ImageOrientationPatient = [
        round(float(value), 9) for axis in (0, 1) for value in along[:, axis]
    ]
    image.ImagePositionPatient = [round(float(value), 6) for value in first]
    image.PixelSpacing = [round(float(spacing[1]), 6), round(float(spacing[0]), 6)]
    image.SliceThickness = round(float(spacing[2]), 6)
