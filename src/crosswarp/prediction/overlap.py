"""Participants of another cohort who were trained on: no test of a model."""

from collections.abc import Iterable, Sequence
from typing import Final

from crosswarp.bids.ids import ScanId
from crosswarp.errors import LeakageError
from crosswarp.models.bundle import Bundle
from crosswarp.study.cohort_prediction import Overlap

SAME_NAME: Final = "a participant of this name was trained on"
SAME_MAPS: Final = "these very maps were trained on"

HOW: Final = (
    "leave them out with `overlap='leave-out'`; if the names are the same by chance and"
    " the people are others, give `overlap='other-people'`"
)


def people_trained_on(bundles: Sequence[Bundle]) -> set[str]:
    """Return whom any of the networks has learned from, by hash: who can be counted."""
    return {person for bundle in bundles for person in bundle.card.people}


def names_trained_on(bundles: Sequence[Bundle], names: Iterable[str]) -> set[str]:
    """Return those of some participants that any of the networks has learned from.

    Args:
        bundles: Bundles of one model.
        names: Identifiers of participants, however they are written.
    """
    cards = [bundle.card for bundle in bundles]
    return {name for name in set(names) if any(card.saw(name) for card in cards)}


def maps_trained_on(bundles: Sequence[Bundle]) -> set[str]:
    """Return the digests of the maps that any of the networks has learned from.

    Returns:
        Empty for bundles of the first two formats, which keep none.
    """
    cohorts = [bundle.card.training_cohort for bundle in bundles]
    return {digest for one in cohorts if one is not None for digest in one.maps}


def left_out_by_name(
    bundles: Sequence[Bundle], scans: Sequence[ScanId], overlap: Overlap
) -> set[ScanId]:
    """Find the scans of participants who have the name of one that was trained on.

    Args:
        bundles: Bundles of one model.
        scans: Scans of the cohort.
        overlap: What is done with them.

    Returns:
        The scans to leave out.

    Raises:
        LeakageError: If there are any and they are refused: how many, and what to type.
            Nobody is named.
    """
    trained = names_trained_on(bundles, (scan.participant_id for scan in scans))
    found = {scan for scan in scans if scan.participant_id in trained}
    if not found or overlap == "other-people":
        return set()
    if overlap == "refuse":
        people = len({scan.participant_id for scan in found})
        everyone = len({scan.participant_id for scan in scans})
        msg = (
            f"{people} of {everyone} participants of the cohort have the name of one"
            " that the model was trained on, and their predictions would be no test:"
            f" nothing was changed; {HOW}"
        )
        raise LeakageError(msg)
    return found


def refuse_same_maps(count: int, overlap: Overlap) -> None:
    """Refuse scans whose maps were trained on under another name, when all is done.

    Args:
        count: Number of such scans; none of them was predicted.
        overlap: What is done with participants who were trained on.

    Raises:
        LeakageError: If there are any and they were not to be left out.
    """
    if count and overlap != "leave-out":
        msg = (
            f"{count} scans of the cohort have the very maps of scans that the model"
            " was trained on, under another name, and were not predicted; leave them"
            " out with `overlap='leave-out'`"
        )
        raise LeakageError(msg)
