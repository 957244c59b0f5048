"""Registration with greedy: fast, on a CPU, the same bytes every time."""

import io
from dataclasses import dataclass
from typing import TYPE_CHECKING

import numpy as np

from crosswarp.errors import MissingPackageError, ScanError
from crosswarp.machine import machine_status
from crosswarp.registration.box import (
    box_of_brain,
    cropped,
    padded,
)
from crosswarp.registration.lps import displacement_from_lps, itk_grid
from crosswarp.registration.result import Registration
from crosswarp.registration.settings import GreedySettings
from crosswarp.types.arrays import Affine, FieldInBox, SpatialMap

if TYPE_CHECKING:
    import SimpleITK
    from picsl_greedy import Greedy3D


@dataclass(frozen=True)
class Greedy:
    """Moments, affine and greedy diffeomorphic registration, on one thread.

    Bit-identical for equal input on one machine: the affine stage runs on one thread
    and without jitter.

    Attributes:
        settings: Settings of the schedule.

    References:
        Yushkevich et al. (2016), Fast automatic segmentation of hippocampal
        subfields and medial temporal lobe subregions in 3 Tesla and 7 Tesla
        T2-weighted MRI. Alzheimer's & Dementia 12(7), P126-P127.
    """

    settings: GreedySettings

    def register(self, template: SpatialMap, participant: SpatialMap) -> Registration:
        """Register, as `RegistrationBackend` says.

        Raises:
            ScanError: If greedy cannot register the two.
            MissingPackageError: If greedy is not installed.
        """
        settings = self.settings
        box = box_of_brain(template)
        greedy = self._affine_done(cropped(template, box), participant)
        update, warp = settings.smoothing
        _run(
            greedy,
            # Without -wp 0 the warp is rounded to a tenth of a voxel, and its
            # derivative, the log-Jacobian, becomes a staircase.
            f"{self._common} -wp 0 -i F M -it A -m NCC {self._radius}"
            f" -s {update}vox {warp}vox"
            f" -n {_levels(settings.deformable_iterations)} -o W",
            W=None,
        )
        inside = _from_itk_warp(greedy["W"])
        return Registration(_affine(greedy), padded(inside, box, template.extent))

    def register_affinely(
        self, template: SpatialMap, participant: SpatialMap
    ) -> Affine:
        """Find the affine alone, of brains or of whole heads.

        Args:
            template: Template, the fixed image.
            participant: Moving, about as finely sampled.

        Returns:
            Template RAS+ mm to participant RAS+ mm.

        Raises:
            ScanError: If greedy cannot register the two.
            MissingPackageError: If greedy is not installed.
        """
        return _affine(self._affine_done(template, participant))

    def refine_affinely(
        self, template: SpatialMap, participant: SpatialMap, near: SpatialMap
    ) -> Affine:
        """Find the affine between images that nearly lie on each other.

        Args:
            template: Template, the fixed image.
            participant: Moving, about as finely sampled.
            near: 1 where the template counts, 0 where it does not; on its grid.

        Returns:
            Template RAS+ mm to participant RAS+ mm.

        Raises:
            ScanError: If greedy cannot register the two.
            MissingPackageError: If greedy is not installed.
        """
        greedy = _greedy()
        _run(
            greedy,
            f"{self._common} -i F M -gm G -a -dof 12 -ia-identity -m NCC"
            f" {self._radius} -n {_levels(self.settings.affine_iterations)} -o A",
            F=_to_itk(template),
            M=_to_itk(participant),
            G=_to_itk(near),
            A=None,
        )
        return _affine(greedy)

    @property
    def _common(self) -> str:
        return f"-threads 1 -seed {self.settings.seed} -jitter 0"

    @property
    def _radius(self) -> str:
        return "x".join([str(self.settings.metric_radius)] * 3)

    def _affine_done(self, template: SpatialMap, participant: SpatialMap) -> "Greedy3D":
        """Return a greedy that knows both images and the affine between them."""
        greedy = _greedy()
        _run(
            greedy,
            f"{self._common} -i F M -moments 1 -o m0",
            F=_to_itk(template),
            M=_to_itk(participant),
            m0=None,
        )
        _run(
            greedy,
            f"{self._common} -i F M -a -dof 12 -ia m0 -m NCC {self._radius}"
            f" -n {_levels(self.settings.affine_iterations)} -o A",
            A=None,
        )
        return greedy


def _affine(greedy: "Greedy3D") -> Affine:
    affine: Affine = np.asarray(greedy["A"], dtype=np.float64).reshape(4, 4)
    return affine


def _greedy() -> "Greedy3D":
    try:
        from picsl_greedy import Greedy3D
    except ImportError as error:
        msg = "greedy is missing: pip install 'crosswarp[greedy]'"
        raise MissingPackageError(msg) from error
    return Greedy3D()


def _run(greedy: "Greedy3D", command: str, **maps: object) -> None:
    log = io.StringIO()
    try:
        greedy.execute(command, out=log, err=log, **maps)
    except RuntimeError as error:
        if machine_status(error):
            raise
        msg = f"the registration failed: {str(error).strip()}"
        raise ScanError(msg) from error


def _levels(iterations: tuple[int, ...]) -> str:
    return "x".join(str(n) for n in iterations)


def _to_itk(source: SpatialMap) -> "SimpleITK.Image":
    import SimpleITK

    grid = itk_grid(source.affine)
    values = np.ascontiguousarray(source.values.T.astype(np.float32))
    converted = SimpleITK.GetImageFromArray(values)
    converted.SetSpacing(grid.spacing)
    converted.SetDirection(grid.direction.ravel().tolist())
    converted.SetOrigin(grid.origin)
    return converted


def _from_itk_warp(warp: "SimpleITK.Image") -> FieldInBox:
    import SimpleITK

    stored = SimpleITK.GetArrayFromImage(warp)  # k j i, LPS+ mm
    return displacement_from_lps(np.transpose(stored, (2, 1, 0, 3)))
