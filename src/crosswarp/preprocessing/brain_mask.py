"""Find the brain in a whole head: deepbet, with its weights inside its package."""

import warnings
from functools import lru_cache
from typing import TYPE_CHECKING

import nibabel as nib
import numpy as np

from crosswarp.errors import MissingPackageError, ScanError
from crosswarp.machine import machine_status
from crosswarp.types.arrays import Mask, SpatialMap

if TYPE_CHECKING:
    from deepbet import BrainExtraction


def find_brain(scan: SpatialMap) -> Mask:
    """Segment the brain (with its ventricles and sulci) in a head.

    Args:
        scan: A whole head, on axes near RAS+.

    Returns:
        Mask on the scan's grid: one piece, without holes.

    Raises:
        ScanError: If no brain is found.
        MissingPackageError: If deepbet is not installed.

    References:
        Fisch et al. (2024), deepbet: fast brain extraction of T1-weighted MRI.
        Computers in Biology and Medicine 179, 108845.
        doi:10.1016/j.compbiomed.2024.108845
    """
    head = nib.Nifti1Image(scan.values, scan.affine)
    try:
        _, mask, _ = _network().run(head)
    except (AssertionError, ValueError, RuntimeError, IndexError) as error:
        if machine_status(error):
            raise
        # What deepbet does where nothing in the image resembles a brain.
        msg = f"no brain was found ({str(error) or type(error).__name__})"
        raise ScanError(msg) from error
    brain: Mask = np.asarray(mask.dataobj) > 0
    return brain


@lru_cache(maxsize=1)
def _network() -> "BrainExtraction":
    try:
        with warnings.catch_warnings():
            # The weights are TorchScript inside the package: torch 2.13 warns.
            warnings.simplefilter("ignore", DeprecationWarning)
            from deepbet import BrainExtraction

            return BrainExtraction(no_gpu=True)
    except ImportError as error:
        msg = "deepbet is missing: pip install 'crosswarp[preprocess]'"
        raise MissingPackageError(msg) from error
