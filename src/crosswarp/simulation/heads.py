"""Real heads made ready: faded into the air, labelled, and placed on the template."""

from dataclasses import dataclass
from pathlib import Path
from typing import Final

import nibabel as nib
import numpy as np

from crosswarp.bids.volumes import Volume, open_volume
from crosswarp.documents import UNREADABLE
from crosswarp.errors import MissingDerivativeError, ScanError
from crosswarp.files import written_whole
from crosswarp.preprocessing.brain_mask import find_brain
from crosswarp.preprocessing.intensity import scale_intensity
from crosswarp.registration.build import register
from crosswarp.registration.inverse import onto_scan
from crosswarp.registration.result import Registration
from crosswarp.registration.settings import TwoStageSettings
from crosswarp.registration.template import load_template
from crosswarp.simulation.fading import faded
from crosswarp.simulation.settings import STEPS_VERSION
from crosswarp.simulation.sources import TEMPLATE, load_atlas, load_source
from crosswarp.types.arrays import LabelMap, Mask, ScalarMap, SpatialMap, VectorField
from crosswarp.types.grid import SPACE

LABELLING: Final = TwoStageSettings(device="cpu")
"""What brings labels onto a head: a fixed choice, so that heads stay what they are."""

_WHITE_PERCENTILE: Final = 90.0
_STEP: Final = 1e-4
"""Of the stored intensities, where 1 is white matter."""


@dataclass(frozen=True)
class Head:
    """A real head with its regions.

    Attributes:
        name: As in `crosswarp.simulation.sources.SOURCES`, or of a user's own head.
        t1w: 1 is about white matter, 0 is air.
        labels: Atlas ids on the grid of ``t1w``; `BRAIN_ONLY` in the rest of the
            brain; 0 outside it.
    """

    name: str
    t1w: SpatialMap
    labels: LabelMap

    @property
    def brain(self) -> Mask:
        """The whole brain with its ventricles."""
        brain: Mask = self.labels > 0
        return brain

    @property
    def brain_cm3(self) -> float:
        """Volume of the brain with its ventricles."""
        voxel = abs(np.linalg.det(self.t1w.affine[:3, :3]))
        return float(self.brain.sum() * voxel / 1000)


def load_head(name: str, folder: Path, step: int = 1) -> Head:
    """Load a real head that `label_head` made ready.

    Args:
        name: Of the head.
        folder: Where its files are.
        step: Keep every so many voxels along each axis: small heads for tests.

    Raises:
        MissingDerivativeError: If it has not been made ready.
    """
    stored = _load(t1w_path(folder, name), name)
    labels = _load(labels_path(folder, name), name).values()
    values: ScalarMap = stored.values()[::step, ::step, ::step]
    affine = stored.affine.copy()
    affine[:3, :3] *= step
    kept = labels.astype(np.int16)[::step, ::step, ::step]
    return Head(name, SpatialMap(values, affine), kept)


def label_head(name: str, folder: Path) -> Path:
    """Make a head of a package ready once, and keep what was made as BIDS files.

    The atlas lies on the MNI grid. The labels of another head come through a
    registration of the template's brain to that head's brain.

    Args:
        name: As in `crosswarp.simulation.sources.SOURCES`.
        folder: Where to keep the files.

    Returns:
        The file with the labels; what is there is left as it is.

    Raises:
        MissingPackageError: If a package is not installed.
        ScanError: If the registration fails.
    """
    if not is_ready(folder, name):
        t1w = load_source(name)
        if name == TEMPLATE:
            labels = load_atlas().values.astype(np.int16)
            write_head(folder, name, t1w, labels, _nowhere())
        else:
            brain = stripped(t1w, find_brain(t1w))
            placed = register(load_template(2).brain, brain, LABELLING)
            write_head(folder, name, t1w, labels_of(t1w, placed), placed)
    return labels_path(folder, name)


def load_placement(name: str, folder: Path) -> Registration:
    """Load how the template maps to a head.

    Args:
        name: Of the head.
        folder: Where its files are.

    Returns:
        Template mm to the mm of the head's image; the displacement on the template's
        2 mm grid. The identity for the head that is the template.

    Raises:
        MissingDerivativeError: If it has not been made ready.
    """
    field = _load(_transform_path(folder, name, ".nii.gz"), name)
    text = _transform_path(folder, name, ".txt")
    try:
        affine = np.loadtxt(text)
        displacement: VectorField = field.values()[:, :, :, 0]
    except UNREADABLE as error:
        msg = f"{text} is damaged; delete its folder to have it made again"
        raise ScanError(msg) from error
    if affine.shape != (4, 4) or displacement.shape[3:] != (3,):
        msg = f"{text} is no transform; delete its folder to have it made again"
        raise ScanError(msg)
    return Registration(affine, displacement)


def write_head(
    folder: Path, name: str, t1w: SpatialMap, labels: LabelMap, placed: Registration
) -> None:
    """Keep a head: its faded image, its labels, its place on the template.

    Args:
        folder: Folder to write to.
        name: Of the head.
        t1w: On RAS+ axes with cubic voxels, of any scale.
        labels: On its grid.
        placed: How the template maps to it.
    """
    white = np.percentile(t1w.values[labels > 0], _WHITE_PERCENTILE)
    soft = faded(SpatialMap(t1w.values / np.float32(white), t1w.affine))
    most = np.iinfo(np.int16).max
    stored = np.clip(np.rint(soft.values / _STEP), 0, most).astype(np.int16)
    image = nib.Nifti1Image(stored, t1w.affine)
    image.header.set_slope_inter(_STEP, 0)
    _save(t1w_path(folder, name), image)
    with written_whole(_transform_path(folder, name, ".txt")) as temporary:
        np.savetxt(temporary, placed.affine, fmt="%.9g")
    field = placed.displacement[:, :, :, np.newaxis].astype(np.float32)
    warp = nib.Nifti1Image(field, load_template(2).brain.affine)
    warp.header.set_intent("vector", (), "RAS+ mm")
    _save(_transform_path(folder, name, ".nii.gz"), warp)
    # Last: with it the head is ready.
    _save(labels_path(folder, name), nib.Nifti1Image(labels, t1w.affine))


def is_ready(folder: Path, name: str) -> bool:
    """Whether a head's files are there, none of them empty."""
    transforms = [_transform_path(folder, name, end) for end in (".txt", ".nii.gz")]
    files = [labels_path(folder, name), t1w_path(folder, name), *transforms]
    return all(path.is_file() and path.stat().st_size > 0 for path in files)


def head_folder(folder: Path, name: str) -> Path:
    """Name the folder of a head's files."""
    return folder / f"tpl-{name}"


def labels_path(folder: Path, name: str) -> Path:
    """Name of the label map of a head."""
    # The version, so that a head of another one is made ready again.
    steps = f"desc-v{STEPS_VERSION}"
    stem = f"tpl-{name}_res-1_atlas-CerebrA_{steps}_dseg.nii.gz"
    return head_folder(folder, name) / stem


def t1w_path(folder: Path, name: str) -> Path:
    """Name of the faded image of a head."""
    return head_folder(folder, name) / f"tpl-{name}_res-1_desc-faded_T1w.nii.gz"


def labels_of(t1w: SpatialMap, placed: Registration) -> LabelMap:
    """Bring the atlas onto a head that is not the atlas's own.

    Args:
        t1w: On whose grid the labels are wanted.
        placed: How the template maps to it; the displacement on the 2 mm grid.
    """
    grid = load_template(2).brain.affine
    labels: LabelMap = onto_scan(
        load_atlas(), placed, grid, (t1w.extent, t1w.affine), order=0
    ).astype(np.int16)
    return labels


def stripped(t1w: SpatialMap, brain: Mask) -> SpatialMap:
    """Keep the brain alone, in [0, 1]."""
    return SpatialMap(scale_intensity(t1w.values, brain), t1w.affine)


def _nowhere() -> Registration:
    extent = load_template(2).brain.extent
    return Registration(np.eye(4), np.zeros((*extent, 3), dtype=np.float32))


def _transform_path(folder: Path, name: str, extension: str) -> Path:
    stem = f"tpl-{name}_from-{SPACE}_mode-image_xfm{extension}"
    return head_folder(folder, name) / stem


def _load(path: Path, name: str) -> Volume:
    if not path.is_file():
        msg = f"no labels for {name} at {path}; run `crosswarp simulate` again"
        raise MissingDerivativeError(msg)
    return open_volume(path, "delete its folder to have it made again")


def _save(path: Path, image: nib.Nifti1Image) -> None:
    image.header.set_xyzt_units("mm")
    with written_whole(path) as temporary:
        nib.save(image, temporary)
