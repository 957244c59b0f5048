"""What is kept of a cohort without saying who is in it: counts, means, digests.

A bundle keeps this of its training cohort, so that another cohort can be compared with
it where the training cohort is not at hand. Ids of participants are no part of it.
"""

from collections.abc import Mapping, Sequence
from typing import Final

import numpy as np
from pydantic import Field

from crosswarp.study.part import Part

PERCENTS: Final = tuple(range(0, 101, 5))
"""Percentiles of the distances of held-out scans that a bundle keeps."""

FAR: Final = 95
"""Percentile of those distances beyond which a scan is called far."""


class Distribution(Part):
    """A number of many participants.

    Attributes:
        mean: Mean of those that are known.
        sd: Standard deviation (n - 1); None with fewer than two.
        known: Number of participants of whom it is known.
    """

    mean: float
    sd: float | None
    known: int


class CohortSummary(Part):
    """What is known of the participants of a cohort, each by their first scan.

    Attributes:
        participants: Number of participants.
        scans: Number of their scans.
        diagnoses: Participants of each diagnosis, by the class of the network.
        sexes: Participants of each sex, where it is known.
        sites: Participants of each site, where it is known.
        field_strengths: Participants of each field strength in tesla, as text.
        age_years: Age at the scan; None where it is not known of anybody.
        quality: Numbers of the quality control, by name.
    """

    participants: int
    scans: int
    diagnoses: dict[str, int] = Field(default_factory=dict)
    sexes: dict[str, int] = Field(default_factory=dict)
    sites: dict[str, int] = Field(default_factory=dict)
    field_strengths: dict[str, int] = Field(default_factory=dict)
    age_years: Distribution | None = None
    quality: dict[str, Distribution] = Field(default_factory=dict)


class EmbeddingReference(Part):
    """Where training scans lie in the space of a network's last layer but one.

    Attributes:
        means: Mean of each feature over the training scans.
        sds: Standard deviation of each; 0 for one that never varies, which counts for
            nothing.
        quantiles: Of the distances of scans that the network was not fitted on, at
            each of `PERCENTS`; of the training scans where there are no others.
        scans: Number of those scans.
        held_out: Whether they are scans that the network was not fitted on.
    """

    means: tuple[float, ...]
    sds: tuple[float, ...]
    quantiles: tuple[float, ...]
    scans: int
    held_out: bool


class TrainingCohort(Part):
    """What a bundle keeps of the participants that its network was trained on.

    Attributes:
        summary: Counts and means.
        maps: Digests of the T1w maps as the network sees them, sorted: the same scan
            is found under another name, and nobody can be told from a digest.
        embedding: Where the scans lie for the network; None where it has no such
            layer.
    """

    summary: CohortSummary
    maps: tuple[str, ...] = ()
    embedding: EmbeddingReference | None = None


def distribution_of(values: Sequence[float]) -> Distribution | None:
    """Describe the known values of a number; None where there are none.

    Example:
        >>> distribution_of([1.0, 3.0, float("nan")])
        Distribution(mean=2.0, sd=1.4142135623730951, known=2)
    """
    found = np.array([value for value in values if np.isfinite(value)], dtype=float)
    if not len(found):
        return None
    sd = float(found.std(ddof=1)) if len(found) > 1 else None
    return Distribution(mean=float(found.mean()), sd=sd, known=len(found))


def merged(summaries: Sequence[CohortSummary], participants: int) -> CohortSummary:
    """Put the training parts of several networks together, as of one cohort.

    Counts are added, so that shares are means over the networks; means and standard
    deviations are those of all parts together.

    Args:
        summaries: One a network; at least one.
        participants: Number of different participants in all parts.
    """
    if len(summaries) == 1:
        return summaries[0]
    ages = [s.age_years for s in summaries if s.age_years is not None]
    names = sorted({name for s in summaries for name in s.quality})
    return CohortSummary(
        participants=participants,
        scans=max(s.scans for s in summaries),
        diagnoses=_added([s.diagnoses for s in summaries]),
        sexes=_added([s.sexes for s in summaries]),
        sites=_added([s.sites for s in summaries]),
        field_strengths=_added([s.field_strengths for s in summaries]),
        age_years=_together(ages),
        quality={
            name: found
            for name in names
            if (
                found := _together(
                    [s.quality[name] for s in summaries if name in s.quality]
                )
            )
        },
    )


def _added(counts: Sequence[Mapping[str, int]]) -> dict[str, int]:
    names = sorted({name for each in counts for name in each})
    return {name: sum(each.get(name, 0) for each in counts) for name in names}


def _together(parts: Sequence[Distribution]) -> Distribution | None:
    if not parts:
        return None
    known = np.array([part.known for part in parts], dtype=float)
    means = np.array([part.mean for part in parts])
    mean = float(np.average(means, weights=known))
    inside = np.array([(part.sd or 0.0) ** 2 for part in parts]) * (known - 1)
    between = known * (means - mean) ** 2
    freedom = float((known - 1).sum())
    sd = float(((inside.sum() + between.sum()) / freedom) ** 0.5) if freedom else None
    return Distribution(mean=mean, sd=sd, known=int(known.sum()))
