"""Registration with ANTs' SyN: the call that the method's paper rests on."""

from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path
from types import ModuleType
from typing import TYPE_CHECKING

import nibabel as nib
import numpy as np

from crosswarp.errors import ScanError
from crosswarp.execution.temporary import temporary_folder
from crosswarp.machine import machine_status
from crosswarp.registration.ants_library import load_ants
from crosswarp.registration.lps import (
    affine_from_lps,
    displacement_from_lps,
    itk_grid,
)
from crosswarp.registration.result import Registration
from crosswarp.registration.settings import AntsSettings
from crosswarp.types.arrays import Affine, SpatialMap, VectorField

if TYPE_CHECKING:
    from ants import ANTsImage, ANTsTransform


@dataclass(frozen=True)
class AntsSyn:
    """``ants.registration(template, participant, "SyN")``, for reproduction.

    With the settings' defaults it is that call and nothing else: an affine by mutual
    information, then SyN by mutual information. Seeded and on one thread it gives
    the same bytes again on one machine; unseeded the log-Jacobians of two runs
    correlate by 0.997.

    Attributes:
        settings: Settings of the schedule.

    References:
        Avants et al. (2008), Symmetric diffeomorphic image registration with
        cross-correlation. Medical Image Analysis 12(1), 26-41.
        doi:10.1016/j.media.2007.06.004
    """

    settings: AntsSettings

    def register(self, template: SpatialMap, participant: SpatialMap) -> Registration:
        """Register, as `RegistrationBackend` says.

        Raises:
            ScanError: If ANTs cannot register the two.
            MissingPackageError: If ANTs is not installed.
        """
        ants = load_ants()
        settings = self.settings
        with (
            temporary_folder("ants-") as folder,
            _seeded(ants, settings.seed),
        ):
            try:
                made = ants.registration(
                    _to_ants(ants, template),
                    _to_ants(ants, participant),
                    type_of_transform="SyN",
                    reg_iterations=settings.iterations,
                    grad_step=settings.gradient_step,
                    flow_sigma=settings.flow_sigma,
                    total_sigma=settings.total_sigma,
                    outprefix=str(folder / "to-"),
                )
            except (RuntimeError, ValueError) as error:
                if machine_status(error):
                    raise
                msg = f"the registration failed: {str(error).strip()}"
                raise ScanError(msg) from error
            # A template point goes through the warp first, then the affine.
            warp, affine = made["fwdtransforms"]
            return Registration(
                _affine(ants.read_transform(affine)), _displacement(Path(warp))
            )


@contextmanager
def _seeded(ants: ModuleType, seed: int) -> Iterator[None]:
    """Seed what ANTs draws; it has no argument for that, only a global.

    Deterministic mode itself stays off: it refuses SyN whatever the threads.
    """
    ants.config.set_ants_deterministic(on=False, seed_value=seed)
    try:
        yield
    finally:
        ants.config.set_ants_deterministic(on=False, seed_value=None)


def _to_ants(ants: ModuleType, source: SpatialMap) -> "ANTsImage":
    grid = itk_grid(source.affine)
    return ants.from_numpy(
        source.values.astype(np.float32),
        origin=grid.origin,
        spacing=grid.spacing,
        direction=grid.direction,
    )


def _affine(transform: "ANTsTransform") -> Affine:
    """Turn ITK's matrix about a centre into a map between RAS+ millimetres."""
    matrix = np.reshape(transform.parameters[:9], (3, 3))
    centre = np.asarray(transform.fixed_parameters)
    lps = np.eye(4)
    lps[:3, :3] = matrix
    lps[:3, 3] = transform.parameters[9:] + centre - matrix @ centre
    return affine_from_lps(lps)


def _displacement(path: Path) -> VectorField:
    stored = np.asarray(nib.load(path).dataobj)  # i j k, an axis of one, LPS+ mm
    return displacement_from_lps(stored[:, :, :, 0])
