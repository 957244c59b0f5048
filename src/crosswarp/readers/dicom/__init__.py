"""DICOM: which series is the T1w image, is it whole, and what NIfTI it becomes.

Nothing personal leaves this package: headers are read for geometry and contrast, what
is said of a series uses its number and words of a fixed list, and files get new names.
"""

from crosswarp.readers.dicom.read import read_dicom

__all__ = ["read_dicom"]
