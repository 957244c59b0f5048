"""What some stages of an analysis need beside the study that all have."""

from pathlib import Path
from typing import Any

import nibabel as nib
import numpy as np
import torch

from crosswarp.models.build import build_network
from crosswarp.models.bundle import BundleCard, save_bundle
from crosswarp.models.bundle_card import ReferenceMaps
from crosswarp.models.catalogue import CATALOGUE
from crosswarp.preprocessing.kept import KeptSettings
from crosswarp.preprocessing.settings import STEPS_VERSION, PreprocessSettings
from crosswarp.registration.settings import GreedySettings
from crosswarp.registration.template import load_template
from crosswarp.study.keyed_ids import KeyedIds
from crosswarp.types.grid import SPACE

SMALL_BOX = ((42, 58), (38, 54), (42, 58))
"""Some voxels in the middle of the brain, which are explained in a moment."""


def write_bundle(folder: Path, **changes: Any) -> None:
    """Write an untrained network with the settings of the maps that it is asked with.

    Args:
        folder: Of the bundle.
        **changes: Of the card, and ``means`` with the maps of a reference group.
    """
    settings = PreprocessSettings(resolution=2, registration=GreedySettings())
    kept = KeptSettings(settings=settings, steps=STEPS_VERSION)
    means = changes.pop("means", None)
    choices = {
        "model": CATALOGUE["compact_jsm"],
        "classes": ("CN", "AD"),
        "space": SPACE,
        "resolution": 2,
        "grid_extent": load_template(2).brain.extent,
        "box": ((9, 86), (8, 104), (3, 88)),
        "preprocessing": kept.fingerprint,
        "made_with": kept,
        "trained_on": KeyedIds.of(["sub-other"], "a salt of tests"),
    }
    card = BundleCard.model_validate({**choices, **changes})
    torch.manual_seed(0)
    save_bundle(folder, build_network(card.model, 2, card.extent), card, means)


def write_explaining_bundle(study: Path) -> None:
    """Put a bundle with mean maps of a reference group in place of the study's."""
    extent = tuple(stop - start for start, stop in SMALL_BOX)
    means = torch.full((1, 1, *extent), 0.5), torch.zeros(1, 1, *extent)
    card = {"box": SMALL_BOX, "reference_maps": ReferenceMaps(participants=9)}
    for path in (study / "bundle").iterdir():
        path.unlink()
    write_bundle(study / "bundle", **card, means=means)


def write_transform(study: Path) -> None:
    """Write a smooth warp as ANTs writes it, and the image that it belongs to."""
    affine = np.diag([-4.0, -4.0, 4.0, 1.0])
    extent = (10, 12, 10)
    field = np.zeros((*extent, 1, 3), np.float32)
    field[..., 0] = 0.2 * np.arange(extent[0])[:, None, None, None]
    warp = nib.Nifti1Image(field, affine)
    warp.header.set_intent("vector")
    nib.save(warp, study / "warp.nii.gz")
    image = np.ones(extent, np.float32)
    nib.save(nib.Nifti1Image(image, affine), study / "reference.nii.gz")
