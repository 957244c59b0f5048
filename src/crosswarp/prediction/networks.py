"""What the record of a prediction says of the networks that answered."""

from collections.abc import Sequence

from crosswarp.files import fingerprint
from crosswarp.models.bundle import Bundle
from crosswarp.models.bundle_card import BundleCard
from crosswarp.prediction.ask import temperature_of, thresholds_of
from crosswarp.prediction.overlap import maps_trained_on, people_trained_on
from crosswarp.study.cohort_prediction import Networks
from crosswarp.study.cohort_summary import merged


def fingerprint_of(bundles: Sequence[Bundle]) -> str:
    """Fingerprint all that identifies the bundles."""
    return fingerprint([bundle.card.said() for bundle in bundles])


def card_of(bundles: Sequence[Bundle]) -> BundleCard:
    """Return the first card with settings of preprocessing, or else the first one.

    Folds that an earlier version trained have not kept the settings.
    """
    cards = [bundle.card for bundle in bundles]
    return next((card for card in cards if card.made_with is not None), cards[0])


def networks_of(bundles: Sequence[Bundle]) -> Networks:
    """Describe the networks of one model.

    Where one of several bundles keeps nothing of its training cohort, nothing is said
    of the cohort of all.
    """
    card, people = bundles[0].card, people_trained_on(bundles)
    cohorts = [bundle.card.training_cohort for bundle in bundles]
    known = [cohort for cohort in cohorts if cohort is not None]
    whole = len(known) == len(bundles)
    references = [c.embedding for c in known if c.embedding is not None]
    thresholds, rules = thresholds_of(bundles)
    return Networks(
        model=card.model.name,
        bundle=fingerprint_of(bundles),
        count=len(bundles),
        classes=card.classes,
        thresholds=thresholds,
        threshold_rules=rules,
        temperature=temperature_of(bundles).value,
        origin="virtual"
        if any(b.card.origin == "virtual" for b in bundles)
        else "real",
        participants=len(people),
        training=merged([c.summary for c in known], len(people)) if whole else None,
        maps_known=whole and bool(maps_trained_on(bundles)),
        embedding_scans=(
            sum(reference.scans for reference in references)
            if len(references) == len(bundles)
            else None
        ),
    )
