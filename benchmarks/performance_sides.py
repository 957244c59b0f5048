"""What is measured against our way in `benchmarks.performance`: the sides of it."""

from collections.abc import Callable
from pathlib import Path
from typing import Any, Final

import numpy as np

from crosswarp.models.catalogue import Resolution

Side = Callable[[], object]

NETWORKS: Final = ("paper_2mm_cross_attention", "compact_cross_attention")

AT_1_MM: Final = ("paper_cross_attention", "compact_cross_attention")

EXTENT: Final = (97, 115, 97)
"""Voxels of the template's 2 mm grid."""


def reading_sides(
    folder: Path, scans: int = 4, degrees: float = 2.0
) -> dict[str, Side]:
    """Make the sides of reading: our store and rotation, files and ANTs' rotation.

    Args:
        folder: Folder for the maps, made up.
        scans: Number of samples a turn, of the template's brain at 2 mm.
        degrees: Turn of every sample.
    """
    import ants  # noqa: TID251 - the other side
    import torch

    from crosswarp.inputs.augmentation import AugmentationSettings
    from crosswarp.inputs.grid import Grid
    from crosswarp.inputs.store import open_store
    from crosswarp.inputs.transforms import Augmentation

    affine = np.diag([2.0, 2.0, 2.0, 1.0])
    box = ((10, 87), (10, 104), (7, 89))
    grid = Grid("MNI152NLin2009cSym", 2, EXTENT, affine, box)
    _write_maps(folder, scans, grid)
    store = open_store(folder)
    settings = AugmentationSettings(rotation_degrees=degrees)
    augmentation = Augmentation(settings, grid, 0)
    turn = ants.new_ants_transform(dimension=3, transform_type="Euler3DTransform")
    turn.set_parameters((np.deg2rad(degrees), 0, 0, 0, 0, 0))

    def ours() -> None:
        t1w, jsm = (
            torch.from_numpy(np.asarray(maps, np.float32))[:, None]
            for maps in (store.t1w, store.jsm)
        )
        diagnosis = torch.zeros(scans, dtype=torch.int64)
        weight = torch.ones(scans)
        batch: Any = {"t1w": t1w, "jsm": jsm, "diagnosis": diagnosis, "weight": weight}
        augmentation(batch)

    def theirs() -> None:
        for n in range(scans):
            for kind in ("t1w", "jsm"):
                image = ants.image_read(str(folder / f"{n}_{kind}.nii.gz"))
                turn.apply_to_image(image, reference=image).numpy()

    return {
        f"store and rotation, {scans} samples": ours,
        f"NIfTI files and ANTs, {scans} samples": theirs,
    }


def _write_maps(folder: Path, scans: int, grid: Any) -> None:  # noqa: ANN401 - loaded late
    """Write noise as our store has it, and as NIfTI files."""
    import nibabel as nib

    from crosswarp.inputs.store import STORED

    drawn = np.random.default_rng(0)
    inside = tuple(slice(start, stop) for start, stop in grid.box)
    for kind in ("t1w", "jsm"):
        values = drawn.random((scans, *EXTENT), dtype=np.float32)
        np.save(folder / f"{kind}.npy", values[:, *inside].astype(STORED))
        for n in range(scans):
            image = nib.Nifti1Image(values[n], grid.affine)
            nib.save(image, folder / f"{n}_{kind}.nii.gz")


def step_sides(
    name: str, resolution: Resolution = 2, scans: int = 2
) -> dict[str, Side]:
    """Make a training step, its layers one by one, and the step in torch's own layout.

    Args:
        name: Name of the network in the catalogue.
        resolution: Spacing of the maps, in mm.
        scans: Scans of the step.
    """
    import copy

    import torch
    from torch import nn
    from torch.nn.functional import cross_entropy

    from crosswarp.models.build import build_network
    from crosswarp.models.catalogue import CATALOGUE, EXTENTS
    from crosswarp.models.layout import lay_out_for_cpu

    extent = EXTENTS[resolution]
    network = build_network(CATALOGUE[name], 2, extent).train()
    plain = copy.deepcopy(network)
    lay_out_for_cpu(network)  # as training does, and so the layers alone, too
    t1w, jsm = torch.rand(2, scans, 1, *extent)
    truth = torch.arange(scans) % 2
    layers = _layers_of(network, t1w, jsm)

    def step_of(trained: nn.Module, *maps: torch.Tensor) -> Side:
        optimiser = torch.optim.Adam(trained.parameters(), 1e-4)

        def step() -> None:
            optimiser.zero_grad()
            loss: Any = cross_entropy(trained(*maps), truth)
            loss.backward()
            optimiser.step()

        return step

    def alone() -> None:
        for layer, seen in layers:
            # The maps themselves need no gradient, as in the whole step.
            needed = seen.shape[1] > 1 or seen.ndim < 5
            made: Any = layer(seen.clone().requires_grad_(needed))
            made.backward(torch.ones_like(made))

    return {
        f"{name}, convolutions and products alone": alone,
        f"{name}, whole step of {scans} scans": step_of(network, t1w, jsm),
        f"{name}, the same in torch's own layout": step_of(plain, t1w, jsm),
    }


def _layers_of(network: Any, *maps: Any) -> list[tuple[Any, Any]]:  # noqa: ANN401 - torch is loaded late
    """List the convolutions and products of a network with what each is given."""
    from torch import nn

    layers: list[tuple[Any, Any]] = []

    def noted(layer: Any, inputs: tuple[Any, ...]) -> None:  # noqa: ANN401
        layers.append((layer, inputs[0].detach().clone()))

    hooks = [
        layer.register_forward_pre_hook(noted)
        for layer in network.modules()
        if isinstance(layer, nn.Conv3d | nn.Linear)
    ]
    network(*maps)
    for hook in hooks:
        hook.remove()
    return layers
