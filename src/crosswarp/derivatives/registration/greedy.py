"""Registration with greedy: fast, on a CPU, the same bytes every time."""

import io
from typing import TYPE_CHECKING, Final

import numpy as np

from crosswarp.derivatives.registration.result import Registration
from crosswarp.derivatives.settings import GreedySettings
from crosswarp.errors import MissingPackageError, ScanError
from crosswarp.types.arrays import Affine, FieldInBox, SpatialMap, VectorField

if TYPE_CHECKING:
    import SimpleITK
    from picsl_greedy import Greedy3D

TO_LPS: Final = np.diag([-1.0, -1.0, 1.0])
"""RAS+ to the LPS+ of ITK, and back."""

MARGIN: Final = 8
"""Voxels kept around the template's brain; the rest has nothing to register."""


def register(
    template: SpatialMap,
    participant: SpatialMap,
    settings: GreedySettings | None = None,
) -> Registration:
    """Register a participant's brain to the template's.

    Both maps should have the spacing at which to work (2 mm is the schedule's)
    and be 0 outside the brain.

    Args:
        template: Fixed; the displacement comes on its grid.
        participant: Moving.
        settings: The schedule; the default one when None.

    Returns:
        Affine and displacement. Bit-identical for equal input on one machine:
        the affine stage runs on one thread and without jitter.

    Raises:
        ScanError: If greedy cannot register the two.

    References:
        Yushkevich et al. (2016), Fast automatic segmentation of hippocampal
        subfields and medial temporal lobe subregions in 3 Tesla and 7 Tesla
        T2-weighted MRI. Alzheimer's & Dementia 12(7), P126-P127.
    """
    settings = settings or GreedySettings()
    box = _box_of_brain(template)
    greedy = _greedy()
    common = f"-threads 1 -seed {settings.seed} -jitter 0"
    radius = "x".join([str(settings.metric_radius)] * 3)
    update, warp = settings.smoothing
    _run(
        greedy,
        f"{common} -i F M -moments 1 -o m0",
        F=_to_itk(_cropped(template, box)),
        M=_to_itk(participant),
        m0=None,
    )
    _run(
        greedy,
        f"{common} -i F M -a -dof 12 -ia m0 -m NCC {radius}"
        f" -n {_levels(settings.affine_iterations)} -o A",
        A=None,
    )
    _run(
        greedy,
        # Without -wp 0 the warp is rounded to a tenth of a voxel, and its
        # derivative, the log-Jacobian, becomes a staircase.
        f"{common} -wp 0 -i F M -it A -m NCC {radius} -s {update}vox {warp}vox"
        f" -n {_levels(settings.deformable_iterations)} -o W",
        W=None,
    )
    displacement = _padded(_from_itk_warp(greedy["W"]), box, template.extent)
    return Registration(_affine(greedy["A"]), displacement)


def _greedy() -> "Greedy3D":
    try:
        from picsl_greedy import Greedy3D
    except ImportError as error:
        msg = "greedy is missing: pip install 'crosswarp[preprocess]'"
        raise MissingPackageError(msg) from error
    return Greedy3D()


def _run(greedy: "Greedy3D", command: str, **maps: object) -> None:
    log = io.StringIO()
    try:
        greedy.execute(command, out=log, err=log, **maps)
    except RuntimeError as error:
        msg = f"the registration failed: {str(error).strip()}"
        raise ScanError(msg) from error


def _levels(iterations: tuple[int, ...]) -> str:
    return "x".join(str(n) for n in iterations)


def _affine(stored: object) -> Affine:
    affine: Affine = np.asarray(stored, dtype=np.float64).reshape(4, 4)
    if not np.isfinite(affine).all() or np.linalg.det(affine[:3, :3]) <= 0:
        msg = f"the affine registration failed; it gave {affine.tolist()}"
        raise ScanError(msg)
    return affine


def _box_of_brain(template: SpatialMap) -> tuple[slice, slice, slice]:
    brain = template.values > 0
    slices = []
    for axis in range(3):
        others = tuple(a for a in range(3) if a != axis)
        inside = np.flatnonzero(brain.any(axis=others))
        if not len(inside):
            msg = "the template is empty; give one with a brain in it"
            raise ScanError(msg)
        start = max(int(inside[0]) - MARGIN, 0)
        slices.append(slice(start, int(inside[-1]) + MARGIN + 1))
    return (slices[0], slices[1], slices[2])


def _cropped(whole: SpatialMap, box: tuple[slice, slice, slice]) -> SpatialMap:
    affine = whole.affine.copy()
    affine[:3, 3] += affine[:3, :3] @ [s.start for s in box]
    return SpatialMap(whole.values[box], affine)


def _padded(
    inside: FieldInBox,
    box: tuple[slice, slice, slice],
    extent: tuple[int, int, int],
) -> VectorField:
    """Continue the displacement outwards, so that its derivative has no jump."""
    pads = [
        (s.start, n - s.start - m)
        for s, n, m in zip(box, extent, inside.shape[:3], strict=True)
    ]
    whole: VectorField = np.pad(inside, [*pads, (0, 0)], mode="edge")
    return whole


def _to_itk(source: SpatialMap) -> "SimpleITK.Image":
    import SimpleITK

    columns = TO_LPS @ source.affine[:3, :3]
    spacing = np.linalg.norm(columns, axis=0)
    values = np.ascontiguousarray(source.values.T.astype(np.float32))
    converted = SimpleITK.GetImageFromArray(values)
    converted.SetSpacing(spacing.tolist())
    converted.SetDirection((columns / spacing).ravel().tolist())
    converted.SetOrigin((TO_LPS @ source.affine[:3, 3]).tolist())
    return converted


def _from_itk_warp(warp: "SimpleITK.Image") -> FieldInBox:
    import SimpleITK

    stored = SimpleITK.GetArrayFromImage(warp)  # k j i, LPS+ mm
    displacement: FieldInBox = np.ascontiguousarray(
        np.transpose(stored, (2, 1, 0, 3)).astype(np.float32)
        @ TO_LPS.astype(np.float32)
    )
    return displacement
