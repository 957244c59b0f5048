"""The benchmarks' download of ADNI, made from heads of a few voxels."""

from pathlib import Path

import nibabel as nib
import numpy as np
from benchmarks.virtual_adni.people import Person
from benchmarks.virtual_adni.write import write_adni


def tiny_head(path: Path, number: int) -> Path:
    """Write a head without a symmetry, in an orientation that DICOM has not."""
    rng = np.random.default_rng(number)
    values = rng.integers(100, 900, (50, 24, 22)).astype(np.int16)
    values[:, -1] = values[:, :, -1] = 0
    affine = np.diag([-2.1, 4.4, 4.7, 1.0])
    affine[:3, 3] = (51, -52, -50)
    nib.save(nib.Nifti1Image(values, affine), path)
    return path


def tiny_adni(folder: Path, count: int = 8) -> tuple[Path, list[Person]]:
    """Write a download of participants with CN and AD in turn; return its root."""
    folder.mkdir(parents=True, exist_ok=True)
    people = [
        Person(
            number,
            tiny_head(folder / f"head{number}.nii.gz", number),
            ("CN", "AD")[number % 2],
            70.5 + number,
            "FM"[number // 2 % 2],
            901 + number // 2 % 2,
        )
        for number in range(count)
    ]
    root = folder / "download/ADNI"
    write_adni(root, people)
    return root, people
