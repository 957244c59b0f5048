"""What can be chosen about a baseline."""

import difflib
from typing import Any, Final, Literal

from pydantic import BaseModel, ConfigDict, Field, model_validator

from crosswarp.errors import InputError
from crosswarp.study.experiment import (
    HIPPOCAMPAL_VENTRICULAR_VOLUME,
    HIPPOCAMPAL_VOLUME,
    VOLUME_BASELINES,
)

MapName = Literal["t1w", "jsm"]
Classifier = Literal["svm", "logistic", "gaussian_process"]

STRENGTHS: Final = (1e-1, 1.0, 1e1, 1e2, 1e3)
"""Values of C to choose from, where the mean training scan has length 1. Below them
the weights are the difference of the classes' means, above them hardly penalised."""

FWHM_MM: Final = (0.0, 4.0, 8.0)
"""Smoothing to choose from: none, about a hippocampus's thickness, and twice that."""

WIDEST_MM: Final = 30.0

HIPPOCAMPUS: Final = ("hippocampus",)
"""Names in the atlas. The volume that clinics measure, chosen for that beforehand.

This list and the next are of these baselines alone: neither the prior of the
registration nor the simulator reads them, and they read nothing of those.
"""

VENTRICLES: Final = ("lateral ventricle", "inferior lateral ventricle")
"""Names in the atlas: the lateral ventricles with their temporal horns."""


class BaselineSettings(BaseModel):
    """All choices of a baseline.

    Attributes:
        name: How tables call it.
        features: ``voxels`` of the template's brain; ``volumes`` of the atlas's
            regions, from the log-Jacobian map; or ``regions``: a number for each region
            and map, which is the mean intensity in the T1w and the volume in the JSM.
        classifier: ``svm`` is a linear support vector machine, ``logistic`` penalised
            logistic regression, ``gaussian_process`` one with a linear covariance.
        maps: That features are taken from; with both they stand side by side, each
            scaled by one number to the same mean squared length.
        fwhm_mm: Full widths at half maximum of the Gaussian that smooths the maps, in
            mm (0 is none), to choose from inside the training part. Regions are not
            smoothed.
        strengths: Values of C, the inverse of the penalty on the weights, to choose
            from inside the training part. A Gaussian process has none: its
            variance maximises the marginal likelihood.
        inner_folds: Number of inner folds for these choices.
        structures: Names of structures of the atlas by the name of a feature, which is
            their volume (or mean) together, both hemispheres; not for voxels. Without
            them every region of the atlas is a feature by itself.
        harmonise: ``site``: differences between sites are taken out of the volumes
            (ComBat), estimated on the scans that are fitted on; for volumes only.
        protect: Columns of the cohort table whose effects harmonisation keeps, such as
            ``age_years``; ``diagnosis`` is that of the scans fitted on alone.
    """

    model_config = ConfigDict(frozen=True, extra="forbid")

    name: str = Field(pattern=r"^[A-Za-z0-9][A-Za-z0-9_.-]*$", max_length=64)
    features: Literal["voxels", "volumes", "regions"] = "voxels"
    classifier: Classifier = "logistic"
    maps: tuple[MapName, ...] = Field(default=("jsm",), min_length=1, max_length=2)
    fwhm_mm: tuple[float, ...] = Field(default=FWHM_MM, min_length=1)
    strengths: tuple[float, ...] = Field(default=STRENGTHS, min_length=1)
    inner_folds: int = Field(default=5, ge=2, le=20)
    structures: dict[str, tuple[str, ...]] = {}
    harmonise: Literal["site"] | None = None
    protect: tuple[str, ...] = ()

    @model_validator(mode="before")
    @classmethod
    def _without_what_does_not_apply(cls, given: Any) -> Any:  # noqa: ANN401 - any input
        """Give volumes no smoothing and a Gaussian process no C by default."""
        if not isinstance(given, dict):
            return given
        absent: dict[str, Any] = {}
        if given.get("features") in ("volumes", "regions"):
            absent["fwhm_mm"] = (0.0,)
        if given.get("classifier") == "gaussian_process":
            absent["strengths"] = (1.0,)
        return absent | given

    @model_validator(mode="after")
    def _consistent(self) -> "BaselineSettings":
        if len(set(self.maps)) != len(self.maps):
            msg = f"maps names one twice: {list(self.maps)}"
            raise ValueError(msg)
        if self.features == "volumes" and self.maps != ("jsm",):
            msg = f"volumes are measured in the jsm alone, maps has {list(self.maps)}"
            raise ValueError(msg)
        if self.features != "voxels" and any(self.fwhm_mm):
            msg = f"{self.features} are not smoothed, fwhm_mm has {list(self.fwhm_mm)}"
            raise ValueError(msg)
        if not all(0 <= width <= WIDEST_MM for width in self.fwhm_mm):
            msg = f"fwhm_mm must be 0 to {WIDEST_MM:g}, got {list(self.fwhm_mm)}"
            raise ValueError(msg)
        if min(self.strengths) <= 0:
            msg = f"strengths must be above 0, got {min(self.strengths)}"
            raise ValueError(msg)
        if self.classifier == "gaussian_process" and len(self.strengths) > 1:
            msg = "a gaussian_process has no strengths; leave them out"
            raise ValueError(msg)
        return self

    @model_validator(mode="after")
    def _of_volumes(self) -> "BaselineSettings":
        if self.structures and self.features == "voxels":
            msg = "structures are regions; add features: volumes or regions"
            raise ValueError(msg)
        if self.harmonise and self.features != "volumes":
            msg = "harmonise is for volumes of regions; add features: volumes"
            raise ValueError(msg)
        if self.protect and not self.harmonise:
            msg = "protect says what harmonise keeps; add harmonise: site"
            raise ValueError(msg)
        if {name.casefold() for name in self.protect} & {"site"}:
            msg = "protect names site, which is what harmonise takes out"
            raise ValueError(msg)
        empty = [name for name, listed in self.structures.items() if not listed]
        if empty:
            msg = f"structures.{empty[0]} is empty; name structures of the atlas"
            raise ValueError(msg)
        return self


def _voxels(
    name: str, classifier: Classifier, maps: tuple[MapName, ...]
) -> BaselineSettings:
    return BaselineSettings(name=name, classifier=classifier, maps=maps)


BASELINES: Final[dict[str, BaselineSettings]] = {
    settings.name: settings
    for settings in (
        _voxels("svm_t1w", "svm", ("t1w",)),
        _voxels("svm_jsm", "svm", ("jsm",)),
        _voxels("svm_both", "svm", ("t1w", "jsm")),
        _voxels("logistic_t1w", "logistic", ("t1w",)),
        _voxels("logistic_jsm", "logistic", ("jsm",)),
        _voxels("logistic_both", "logistic", ("t1w", "jsm")),
        _voxels("gaussian_process_jsm", "gaussian_process", ("jsm",)),
        _voxels("gaussian_process_both", "gaussian_process", ("t1w", "jsm")),
        BaselineSettings(name="volumes_jsm", features="volumes"),
        BaselineSettings(name="regions_t1w", features="regions", maps=("t1w",)),
        BaselineSettings(name="regions_both", features="regions", maps=("t1w", "jsm")),
        BaselineSettings(
            name=HIPPOCAMPAL_VOLUME,
            features="volumes",
            structures={"hippocampus": HIPPOCAMPUS},
        ),
        BaselineSettings(
            name=HIPPOCAMPAL_VENTRICULAR_VOLUME,
            features="volumes",
            structures={"hippocampus": HIPPOCAMPUS, "ventricles": VENTRICLES},
        ),
    )
}


DEFAULTS: Final = tuple(BASELINES[name] for name in VOLUME_BASELINES)
"""Compared in every experiment that does not say no."""


def baseline_choices(entry: object) -> object:
    """Spell a baseline's entry of an experiment file out.

    Args:
        entry: A name of `BASELINES`, or choices.

    Raises:
        InputError: If there is no baseline of that name; names the nearest.
    """
    if not isinstance(entry, str):
        return entry
    if entry not in BASELINES:
        near = difflib.get_close_matches(entry, BASELINES, n=1)
        hint = f", did you mean {near[0]}" if near else ""
        msg = f"no baseline {entry!r}{hint}? There are: {', '.join(BASELINES)}"
        raise InputError(msg)
    return BASELINES[entry].model_dump()
