"""pydicom on files that nobody vouches for: a wrong length takes no memory."""

import os
from pathlib import Path
from typing import TYPE_CHECKING, Any, BinaryIO

if TYPE_CHECKING:
    from pydicom import Dataset


class BoundedFile:
    """A binary file of which no more is read at once than it holds.

    A reader of DICOM asks for as many bytes as an element says that it has, and Python
    sets aside that many before it reads any: a damaged length of 4 GB takes 4 GB.

    Args:
        file: Opened for reading, at any place.
    """

    def __init__(self, file: BinaryIO) -> None:
        self._file = file
        self._size = os.fstat(file.fileno()).st_size
        self.seek, self.tell, self.close = file.seek, file.tell, file.close

    def read(self, size: int = -1) -> bytes:
        """Read up to so many bytes; all that are left when negative."""
        left = max(self._size - self._file.tell(), 0)
        return self._file.read(left if size < 0 else min(size, left))


def read_dataset(source: Path | BinaryIO, **options: Any) -> "Dataset":  # noqa: ANN401
    """Read a DICOM file as pydicom does, with no more memory than its size.

    Args:
        source: Path, or a file opened for reading at its start.
        options: Options of `pydicom.dcmread`.

    Returns:
        The elements that were asked for.

    Raises:
        OSError: If the file cannot be read.
    """
    import pydicom

    # All values are read at once, so that the file can be closed.
    if isinstance(source, Path):
        with source.open("rb") as file:
            return pydicom.dcmread(BoundedFile(file), **options)
    return pydicom.dcmread(BoundedFile(source), **options)
