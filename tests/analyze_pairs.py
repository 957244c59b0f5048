"""Heads in Analyze 7.5 as OASIS-1 stores them, with a mark on one side."""

from pathlib import Path

import nibabel as nib
import numpy as np
from nibabel.analyze import AnalyzeHeader, AnalyzeImage

NAME = "OAS1_0001_MR1_mpr_n4_anon_sbj_111"
EXTENT = (256, 256, 160)

RIGHT_EAR = (60, 10, -20)
"""RAS+ mm of the only bright voxels: on the right, a little in front, below."""


def stored_head(extent: tuple[int, ...] = EXTENT) -> np.ndarray:
    """Lay out a head as OASIS-1 does: back to front, below to above, right to left."""
    head = np.zeros(extent, np.int16)
    front, above, left = (n // 2 for n in extent)
    head[front - 80 : front + 80, above - 70 : above + 70, left - 60 : left + 60] = 300
    x, y, z = RIGHT_EAR
    head[front + y, above + z, left - x] = 3000
    return head


def write_analyze(
    folder: Path, name: str = NAME, extent: tuple[int, ...] = EXTENT
) -> Path:
    """Write big-endian Analyze 7.5 with a fourth axis of one, as OASIS-1 is."""
    header = AnalyzeHeader(endianness=">")
    header.set_data_dtype(np.int16)
    image = AnalyzeImage(stored_head(extent)[..., None], None, header)
    image.header.set_zooms((1.0, 1.0, 1.0, 1.0))
    nib.save(image, folder / f"{name}.img")
    return folder / f"{name}.img"
