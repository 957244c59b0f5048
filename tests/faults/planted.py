"""A name planted wherever inputs have room for one, and the search for it."""

import json
import zipfile
import zlib
from collections.abc import Iterable
from pathlib import Path

import nibabel as nib
import numpy as np
import pydicom

from crosswarp.types.arrays import SpatialMap
from tests.dicom_series import Protocol, write_series

PERSON = "Zzyzx"
"""Is part of all that is planted; `PLACES` of what follows it say where."""

PLACES = {
    "descrip": f"{PERSON}descrip",
    "aux_file": f"{PERSON}aux",
    "intent_name": f"{PERSON}intent",
    "db_name": f"{PERSON}db",
    "extension": f"{PERSON}extension",
    "sidecar": f"{PERSON}sidecar",
    "column": f"{PERSON}column",
    "member": f"{PERSON}member",
    "comment": f"{PERSON}comment",
    "home": f"{PERSON}home",
    "folder": f"{PERSON}folder",
    "user": f"{PERSON}user",
}

DICOM = {
    "PatientName": f"{PERSON}^dicom",
    "PatientID": f"{PERSON}-4711",
    "PatientBirthDate": "19311224",
    "InstitutionName": f"Hospital of {PERSON}",
    "ReferringPhysicianName": f"Dr^{PERSON}",
    "PatientComments": f"{PERSON} lives next door",
    "ImageComments": f"{PERSON} moved",
    "OtherPatientIDs": f"{PERSON}-other",
    "DeviceSerialNumber": f"{PERSON}-serial",
}

GZIP = b"\x1f\x8b"

NEEDLES = (PERSON.lower().encode(), b"19311224")


def plant_header(image: nib.Nifti1Image) -> None:
    """Fill the free text of a NIfTI header, and add a comment."""
    for name in ("descrip", "aux_file", "intent_name", "db_name"):
        image.header[name] = PLACES[name].encode()
    comment = nib.nifti1.Nifti1Extension("comment", PLACES["extension"].encode())
    image.header.extensions.append(comment)


def plant_in(path: Path) -> None:
    """Plant into the header of a NIfTI file that is there."""
    image = nib.load(path)
    copy = nib.Nifti1Image(np.asanyarray(image.dataobj), image.affine, image.header)
    plant_header(copy)
    path.unlink()
    nib.save(copy, path)


def plant_beside(path: Path) -> None:
    """Plant into the sidecar of a NIfTI file, whether there is one or not."""
    sidecar = path.with_name(path.name.replace(".nii.gz", ".json"))
    known = json.loads(sidecar.read_text()) if sidecar.is_file() else {}
    fields = ("PatientName", "InstitutionName", "ImageComments", "OperatorsName")
    planted = dict.fromkeys(fields, PLACES["sidecar"])
    sidecar.write_text(json.dumps({**known, **planted}))


def write_planted_zip(path: Path) -> None:
    """Write a DICOM examination with a person in it, packed with one in its names."""
    folder = path.with_suffix("")
    protocol = Protocol(person=DICOM, description=f"t1_mprage {PERSON}")
    files = write_series(folder, _lattice(), protocol)
    for file in files:
        _plant_privately(file)
    with zipfile.ZipFile(path, "w") as archive:
        archive.comment = PLACES["comment"].encode()
        for number, file in enumerate(files):
            archive.write(file, f"{PLACES['member']}/{PERSON}-{number:03d}.dcm")
    for file in files:
        file.unlink()
    folder.rmdir()


def _plant_privately(path: Path) -> None:
    """Plant the name in tags of a maker of scanners, which no list knows."""
    header = pydicom.dcmread(path)
    block = header.private_block(0x0029, "SIEMENS CSA HEADER", create=True)
    block.add_new(0x10, "OB", PERSON.encode().ljust(64))
    block.add_new(0x20, "LO", PERSON)
    header.save_as(path)


def _lattice() -> SpatialMap:
    values = np.random.default_rng(1).integers(0, 900, (44, 52, 40))
    return SpatialMap(values.astype(np.float32), np.diag([4.0, 4, 4, 1]))


def hits(folders: Iterable[Path], known: Iterable[Path] = ()) -> list[str]:
    """Name the files below folders that hold what was planted, in name or content.

    Args:
        folders: To search.
        known: Inputs, which hold it.
    """
    passed = set(known)
    found = []
    for folder in folders:
        for path in sorted(folder.rglob("*")):
            if path in passed:
                continue
            name = path.relative_to(folder).as_posix()
            texts = [name.encode(), *(_contents(path) if path.is_file() else [])]
            found += [name for text in texts if any(n in text.lower() for n in NEEDLES)]
    return found


def _contents(path: Path) -> list[bytes]:
    raw = path.read_bytes()
    if zipfile.is_zipfile(path):
        with zipfile.ZipFile(path) as archive:
            members = archive.namelist()
            return [raw, archive.comment, *(archive.read(m) for m in members)]
    if raw[:2] == GZIP:
        # What a killed process left may end anywhere.
        return [raw, zlib.decompressobj(wbits=31).decompress(raw)]
    return [raw]
