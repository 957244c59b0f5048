"""Limits of every quality number: where it is fine, where it is worth a look."""

from pydantic import BaseModel, ConfigDict


class Limits(BaseModel):
    """Two ranges of one number, ends included; None is no limit.

    Attributes:
        fine: Inside, nobody needs to look.
        used: Inside, but not fine, a person should look; outside the scan is refused.
    """

    model_config = ConfigDict(frozen=True, extra="forbid")

    fine: tuple[float | None, float | None]
    used: tuple[float | None, float | None]


class QualityLimits(BaseModel):
    """Limits by the name of the number, as in the ledger.

    Attributes:
        brain_volume_cm3: Of the brain mask. Healthy adults have 900 to 2000 cm3
            inside the skull; the mask is a little larger or smaller than that.
        brain_at_edge_cm2: Largest face of the image that the brain lies against. A
            brain that just touches has a few cm2; a cut of 10 mm has some 40.
        intracranial_volume_cm3: Volume inside the skull. Adults have 1100 to 1900
            cm3, and the heads of templates up to 2000 cm3.
        overlap: Dice coefficient of the brain masks after the affine.
        similarity: Correlation with the template in its brain mask, after the
            whole registration.
        folded: Fraction of brain voxels where the deformation folds.
        log_jacobian_sd: Spread of the log-Jacobian in the brain. Nothing to be seen
            below the first limit: was the template itself given?
        log_jacobian_least: 0.1th percentile in the brain; -1.6 is a fifth of the
            volume, -3 a twentieth.
        log_jacobian_greatest: 99.9th percentile in the brain.
    """

    model_config = ConfigDict(frozen=True, extra="forbid")

    brain_volume_cm3: Limits = Limits(fine=(900.0, 2100.0), used=(700.0, 2300.0))
    brain_at_edge_cm2: Limits = Limits(fine=(None, 10.0), used=(None, 40.0))
    intracranial_volume_cm3: Limits = Limits(
        fine=(1000.0, 2300.0), used=(700.0, 3000.0)
    )
    overlap: Limits = Limits(fine=(0.92, None), used=(0.85, None))
    similarity: Limits = Limits(fine=(0.7, None), used=(0.5, None))
    folded: Limits = Limits(fine=(None, 0.0), used=(None, 0.0))
    log_jacobian_sd: Limits = Limits(fine=(0.05, 0.5), used=(None, 1.0))
    log_jacobian_least: Limits = Limits(fine=(-1.6, None), used=(-3.0, None))
    log_jacobian_greatest: Limits = Limits(fine=(None, 1.6), used=(None, 3.0))

    def of(self, name: str) -> Limits:
        """Return the limits of a number.

        Args:
            name: As in the ledger.
        """
        limits: Limits = getattr(self, name)
        return limits
