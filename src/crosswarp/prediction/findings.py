"""What is said of a scan besides its probabilities: doubts, regions, shares."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, replace
from typing import Final

from crosswarp.inputs.grid import Grid
from crosswarp.inputs.image_numbers import image_numbers
from crosswarp.models.bundle import Bundle
from crosswarp.models.shares import map_shares, mean_shares
from crosswarp.prediction.answer import ScanPrediction
from crosswarp.prediction.ask import Asked
from crosswarp.prediction.doubts import doubts_of
from crosswarp.prediction.person import NOBODY, Person, at_prevalence, check_prevalence
from crosswarp.prediction.regional import regional_table
from crosswarp.study.findings import AtPrevalence, Level, MapShares
from crosswarp.types.tensors import Volume

NO_PRIOR: Final = (
    "The probability at the stated prevalence is not given: it is known of two classes"
    " and of bundles that keep how frequent training made the classes."
)

OVERRIDDEN: Final = (
    "The scan is too unlike the training scans for a number; it is given because"
    " `even_if_unlike=True` was asked for, and nothing shows that it means anything."
)


@dataclass(frozen=True)
class Circumstances:
    """What is known of a scan besides its image.

    Attributes:
        person: Age, sex and field strength.
        prevalence: Share of the positive class where the scan comes from, 0 to 1.
        even_if_unlike: Whether a number is given for a scan that is too unlike the
            training scans.
    """

    person: Person = NOBODY
    prevalence: float | None = None
    even_if_unlike: bool = False

    def check(self) -> None:
        """Refuse what is no age, sex, field strength or prevalence.

        Raises:
            InputError: Names the argument.
        """
        self.person.check()
        check_prevalence(self.prevalence)


def with_findings(
    answer: ScanPrediction,
    bundles: Sequence[Bundle],
    asked: Asked,
    maps: tuple[Volume, Volume],
    grid: Grid,
    known: Circumstances,
) -> ScanPrediction:
    """Add doubts, regions, shares of the maps and the stated prevalence to an answer.

    Args:
        answer: What the networks say.
        bundles: Bundles that were asked.
        asked: What they said, with the distances of the scan.
        maps: T1w image and log-Jacobian map that they were given.
        grid: Grid of the maps.
        known: What is known besides the image.
    """
    t1w, jsm = (each[0, 0].numpy() for each in maps)
    numbers = {**answer.numbers, **image_numbers(t1w)}
    doubts = doubts_of(bundles, asked.distances, numbers, known.person)
    notes = answer.notes
    if doubts.level is Level.REFUSAL and known.even_if_unlike:
        doubts = doubts.model_copy(update={"overridden": True})
        notes = (*notes, OVERRIDDEN)
    moved = _at_prevalence(answer, bundles, known.prevalence)
    if known.prevalence is not None and moved is None:
        notes = (*notes, NO_PRIOR)
    return replace(
        answer,
        doubts=doubts,
        regions=regional_table(bundles, jsm, grid, known.person, answer.numbers),
        shares=shares_of(bundles, maps),
        at_prevalence=moved,
        training_prior=_prior(bundles) or {},
        age_years=known.person.age_years,
        notes=notes,
    )


def shares_of(
    bundles: Sequence[Bundle], maps: tuple[Volume, Volume]
) -> MapShares | None:
    """Divide the evidence between the maps, as a mean over the networks.

    Returns:
        None where a bundle keeps no mean maps to compare with.
    """
    found = []
    for bundle in bundles:
        kept = bundle.card.reference_maps
        if bundle.reference is None or kept is None:
            return None
        one = map_shares(bundle.network, maps, bundle.reference)
        found.append(one.model_copy(update={"whom": kept.whom}))
    return mean_shares(found)


def _prior(bundles: Sequence[Bundle]) -> Mapping[str, float] | None:
    priors = [b.card.class_prior for b in bundles if b.card.class_prior is not None]
    if len(priors) < len(bundles):
        return None
    columns = zip(*priors, strict=True)
    means = [round(sum(column) / len(priors), 6) for column in columns]
    return dict(zip(bundles[0].card.classes, means, strict=True))


def _at_prevalence(
    answer: ScanPrediction, bundles: Sequence[Bundle], prevalence: float | None
) -> AtPrevalence | None:
    prior = _prior(bundles)
    if prevalence is None or prior is None or len(answer.classes) != 2:
        return None
    given = dict(zip(answer.classes, answer.probabilities, strict=True))
    return AtPrevalence(
        prevalence=prevalence,
        training=prior[answer.classes[-1]],
        probabilities=at_prevalence(given, prior, prevalence),
    )
