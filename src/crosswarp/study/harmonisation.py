"""Effects of sites that one fold of a baseline took out, as they lie in its folder."""

from pathlib import Path

from pydantic import BaseModel, ConfigDict

from crosswarp.documents import read_as
from crosswarp.files import write_json
from crosswarp.statistics.harmonisation import SiteEffects
from crosswarp.study.names import HARMONISATION


class SiteEffect(BaseModel):
    """What was estimated of one site.

    Attributes:
        participants: Number of training participants.
        shift: Shift of each region, in its standard deviations.
        scale: Factor on the standard deviation of each region.
    """

    model_config = ConfigDict(frozen=True)

    participants: float
    shift: tuple[float, ...]
    scale: tuple[float, ...]


class Harmonisation(BaseModel):
    """Everything that takes the effects of sites out of another scan's volumes.

    Attributes:
        regions: Name of each region whose logarithm of a volume ratio is a feature.
        sites: What was estimated of each site of the training set, by its name.
        mean: Mean of each region.
        deviation: Standard deviation of each region around sites and covariates.
        covariates: Columns that were protected and are needed for a new scan.
        centre: Mean of each of them over the training set.
        slopes: What a unit of each of them adds to each region.
        tested: Number of test scans.
        passed_through: How many of those are of a site that is not among ``sites``, and
            were left as they are.
    """

    model_config = ConfigDict(frozen=True)

    regions: tuple[str, ...]
    sites: dict[str, SiteEffect]
    mean: tuple[float, ...]
    deviation: tuple[float, ...]
    covariates: tuple[str, ...]
    centre: tuple[float, ...]
    slopes: tuple[tuple[float, ...], ...]
    tested: int
    passed_through: int


def harmonisation_of(
    effects: SiteEffects,
    *,
    regions: tuple[str, ...],
    covariates: tuple[str, ...],
    tested: int,
    passed_through: int,
) -> Harmonisation:
    """Describe what was estimated.

    Args:
        effects: Effects of the sites of a training set.
        regions: Name of each feature.
        covariates: Name of each protected column.
        tested: Number of test scans.
        passed_through: Number of them whose site is not known.
    """
    each = zip(
        effects.sites, effects.participants, effects.shift, effects.scale, strict=True
    )
    return Harmonisation(
        regions=regions,
        sites={
            site: SiteEffect(
                participants=count,
                shift=tuple(shift.tolist()),
                scale=tuple(scale.tolist()),
            )
            for site, count, shift, scale in each
        },
        mean=tuple(effects.mean.tolist()),
        deviation=tuple(effects.deviation.tolist()),
        covariates=covariates,
        centre=tuple(effects.centre.tolist()),
        slopes=tuple(tuple(row) for row in effects.slopes.tolist()),
        tested=tested,
        passed_through=passed_through,
    )


def write_harmonisation(folder: Path, found: Harmonisation) -> None:
    """Write it into the folder of a fold."""
    write_json(folder / HARMONISATION, found.model_dump(mode="json"))


def find_harmonisation(folder: Path) -> Harmonisation | None:
    """Read that of a fold; None where it took no effects out.

    Raises:
        InputError: If the file holds something else.
    """
    path = folder / HARMONISATION
    if not path.is_file():
        return None
    return read_as(path, Harmonisation, "run `crosswarp compare` again")
