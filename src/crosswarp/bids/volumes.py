"""Maps that this package wrote, as they are read again: within bounds, checksum too.

nibabel trusts a header: it would set memory aside for any extent, read extensions of
any length, and never look at the checksum at the end of a compressed file.
"""

import gzip
import io
import math
from dataclasses import dataclass
from pathlib import Path
from typing import Any, Final

import nibabel as nib
import numpy as np
from nibabel.arrayproxy import ArrayProxy
from nibabel.spatialimages import HeaderDataError
from nibabel.wrapstruct import WrapStructError

from crosswarp.documents import UNREADABLE
from crosswarp.errors import ScanError
from crosswarp.types.arrays import Affine

MOST_VALUES: Final = 1 << 25
"""Values of one file; a template at 1 mm has a quarter of it."""

MOST_OFFSET: Final = 1 << 16
"""Bytes before the first value."""

_HEADER_BYTES: Final = {348: nib.Nifti1Header, 540: nib.Nifti2Header}
_LONGEST: Final = max(_HEADER_BYTES)
_KINDS: Final = "fiu"
_WIDEST: Final = 8

_FAULTS: Final = (*UNREADABLE, HeaderDataError, WrapStructError)
"""What gzip and nibabel raise on a file that is not what it says."""


@dataclass(frozen=True)
class Volume:
    """A file whose header is sound; its values are read on demand.

    Attributes:
        path: Of the file.
        shape: Of its values.
        affine: Voxels to RAS+ mm.
        header: As nibabel parses it.
        mend: What a message tells to do when the values cannot be read.
    """

    path: Path
    shape: tuple[int, ...]
    affine: Affine
    header: Any
    mend: str

    def values(self, dtype: type[np.generic] = np.float32) -> np.ndarray:
        """Read the values, scaled as the header says.

        Args:
            dtype: Data type that is wanted.

        Raises:
            ScanError: If the file is damaged, or longer or shorter than its header
                says.
        """
        try:
            stored = self._stored()
            slope, inter = self.header.get_slope_inter()
            scaling = () if slope is None else (slope, inter)
            spec = (self.shape, self.header.get_data_dtype(), 0, *scaling)
            # What overflows is no longer finite, which is for the caller to refuse.
            with np.errstate(all="ignore"):
                values: np.ndarray = np.asarray(
                    ArrayProxy(io.BytesIO(stored), spec), dtype=dtype
                )
        except _FAULTS as error:
            msg = f"{self.path} is damaged ({_said(error)}); {self.mend}"
            raise ScanError(msg) from error
        return values

    def _stored(self) -> bytes:
        offset = int(self.header.get_data_offset())
        size = math.prod(self.shape) * self.header.get_data_dtype().itemsize
        with _opened(self.path) as file:
            file.read(offset)
            stored: bytes = file.read(size)
            # The checksum is compared at the end of what is compressed.
            more = file.read(1)
        if len(stored) != size or more:
            held = "more than" if more else f"{len(stored)} of"
            msg = f"it holds {held} {size} bytes of values"
            raise ValueError(msg)
        return stored


def open_volume(
    path: Path, mend: str = "preprocess this scan again", most: int = MOST_VALUES
) -> Volume:
    """Read the header of a NIfTI file, and check all that it promises.

    Args:
        path: A ``.nii`` or ``.nii.gz`` file.
        mend: What the message tells to do when it cannot be read.
        most: Count of values above which the file is refused.

    Raises:
        ScanError: If the file cannot be read, or its header is not one of numbers on
            a grid of a bounded size.
    """
    try:
        if not path.is_file():
            msg = "it is no regular file"
            raise ValueError(msg)
        with _opened(path) as file:
            start = file.read(_LONGEST)
        header = _parsed(start)
        shape = tuple(int(n) for n in header.get_data_shape())
        _check(header, shape, most)
        affine = np.asarray(header.get_best_affine(), dtype=np.float64)
        if not np.isfinite(affine).all() or abs(np.linalg.det(affine)) == 0:
            msg = "its affine cannot be inverted"
            raise ValueError(msg)
    except _FAULTS as error:
        msg = f"{path} cannot be read ({_said(error)}); {mend}"
        raise ScanError(msg) from error
    return Volume(path, shape, affine, header, mend)


def _parsed(start: bytes) -> Any:  # noqa: ANN401 - nibabel is untyped
    for size, kind in _HEADER_BYTES.items():
        if size in (int.from_bytes(start[:4], e) for e in ("little", "big")):
            header = kind(start[:size], check=False)
            if bytes(header["magic"].tobytes())[:2] != b"n+":
                msg = "it is no single NIfTI file"
                raise ValueError(msg)
            return header
    msg = "it has no header of NIfTI"
    raise ValueError(msg)


def _check(header: Any, shape: tuple[int, ...], most: int) -> None:  # noqa: ANN401
    dtype = header.get_data_dtype()
    if dtype.kind not in _KINDS or dtype.itemsize > _WIDEST:
        msg = f"its values are {dtype}, not numbers"
        raise ValueError(msg)
    if not shape or min(shape) < 1 or math.prod(shape) > most:
        msg = f"its header says {' x '.join(map(str, shape)) or 'no'} voxels"
        raise ValueError(msg)
    offset = float(header.get_data_offset())
    if not header.sizeof_hdr <= offset <= MOST_OFFSET:
        msg = f"its header says that the voxels begin at byte {offset:g}"
        raise ValueError(msg)
    header.get_slope_inter()


def _opened(path: Path) -> Any:  # noqa: ANN401 - one of two kinds of file
    with path.open("rb") as file:
        compressed = file.read(2) == b"\x1f\x8b"
    return gzip.open(path) if compressed else path.open("rb")


def _said(error: BaseException) -> str:
    first = str(error).strip().splitlines()
    return first[0][:120] if first else type(error).__name__
