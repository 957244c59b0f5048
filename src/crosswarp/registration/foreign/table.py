"""The formats: a new one is a file of its own and one entry here."""

from dataclasses import dataclass
from typing import Final

from crosswarp.registration.foreign.afni import read_afni
from crosswarp.registration.foreign.fsl import read_fsl
from crosswarp.registration.foreign.greedy import read_greedy
from crosswarp.registration.foreign.itk import read_itk
from crosswarp.registration.foreign.own import read_own, read_voxels
from crosswarp.registration.foreign.spm import read_spm
from crosswarp.registration.foreign.steps import Reader


@dataclass(frozen=True)
class Format:
    """One program's way to write transforms.

    Attributes:
        read: Reader of its files.
        words: What is said of it in the sidecar.
        inverse: Parts of file names by which its programs mark the other direction.
    """

    read: Reader
    words: str
    inverse: tuple[str, ...] = ()


FORMATS: Final[dict[str, Format]] = {
    "itk": Format(read_itk, "ITK and ANTs", ("InverseWarp", "InverseComposite")),
    "fsl": Format(read_fsl, "FSL: fnirt, flirt"),
    "spm": Format(read_spm, "SPM: y_*.nii", ("iy_",)),
    "afni": Format(read_afni, "AFNI: 3dQwarp, 3dAllineate", ("WARPINV",)),
    "greedy": Format(read_greedy, "greedy"),
    "crosswarp": Format(read_own, "crosswarp preprocess"),
    "voxels": Format(read_voxels, "displacements counted in voxels"),
}
"""By name. All that names formats reads this table."""
