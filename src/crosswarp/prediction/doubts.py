"""Is a scan like those that the networks learned from? Asked before the answer."""

from collections.abc import Iterator, Mapping, Sequence
from typing import Final

import numpy as np

from crosswarp.models.bundle import Bundle
from crosswarp.models.bundle_card import BundleCard
from crosswarp.models.embedding import Distance
from crosswarp.prediction.person import Person
from crosswarp.statistics.unlikeness import Cloud, percentile_in
from crosswarp.study.findings import LEVELS, Doubt, Doubts, Level
from crosswarp.study.usual_scans import ENOUGH, PERCENTS

WARNS: Final = 97.5
"""Percentile among training scans beyond which a distance is a doubt.

There are two distances, so about 5 % of scans like the training scans have one."""

REFUSES: Final = 3.0
"""Times the distance that 95 % of training scans stay within: beyond it no number."""

FAR_NUMBER: Final = (3.0, 6.0)
"""Standard deviations from the training scans' mean: a doubt, and no number."""

_LIMIT: Final = 95
"""Percentile that `REFUSES` counts from."""


def doubts_of(
    bundles: Sequence[Bundle],
    distances: Sequence[Distance | None],
    numbers: Mapping[str, float],
    person: Person,
) -> Doubts:
    """Compare a scan with the training scans of the networks.

    Args:
        bundles: Bundles of one model.
        distances: Of the scan's embedding in each network; None where a network has
            none or its bundle does not say where the training scans lie.
        numbers: Numbers of the quality control and of the T1w image, by name.
        person: What is known of the person.
    """
    cards = [bundle.card for bundle in bundles]
    found = (
        _embedding(cards, distances),
        _image(cards, numbers),
        _age(cards, person),
        _field(cards, person),
    )
    compared = tuple(each for each in found if isinstance(each, Doubt))
    missing = tuple(each for each in found if isinstance(each, str))
    level = max((d.level for d in compared), key=LEVELS.index, default=Level.NONE)
    return Doubts(level=level, compared=compared, missing=missing)


def _embedding(
    cards: Sequence[BundleCard], distances: Sequence[Distance | None]
) -> Doubt | str:
    known = [each for each in distances if each is not None]
    if len(known) < len(cards):
        return (
            "distance for the networks: they have no embedding, or their bundles do"
            " not keep where the training scans lie"
        )
    percentile = float(np.mean([each.percentile for each in known]))
    ratio = float(np.mean([each.over_limit for each in known]))
    scans = min(_embedded_scans(cards))
    value = float(np.mean([each.typical for each in known]))
    level = _level(percentile, ratio, scans)
    return Doubt(
        name="embedding",
        value=round(value, 4),
        percentile=round(percentile, 1),
        level=level,
        sentence=f"For the networks the scan lies {value:.1f} times as far from the"
        f" training scans as a typical one, farther than {percentile:.0f} % of {scans}"
        f" scans{_few(scans)}.",
    )


def _embedded_scans(cards: Sequence[BundleCard]) -> Iterator[int]:
    for card in cards:
        cohort = card.training_cohort
        if cohort is not None and cohort.embedding is not None:
            yield cohort.embedding.scans


def _image(cards: Sequence[BundleCard], numbers: Mapping[str, float]) -> Doubt | str:
    usual = [card.usual for card in cards if card.usual is not None]
    if len(usual) < len(cards):
        return (
            "image and quality: the bundle keeps too little of the training scans to"
            " compare with"
        )
    lacking = sorted({n for each in usual for n in each.names if n not in numbers})
    if lacking:
        return f"image and quality: the scan has no {', '.join(lacking)}"
    percentiles, ratios, typical = [], [], []
    worst: dict[str, list[float]] = {}
    for each in usual:
        scan = np.array([[numbers[name] for name in each.names]])
        means, sds = np.array(each.means), np.array(each.sds)
        value = float(Cloud(means, sds, np.array(each.precision)).distances(scan)[0])
        percentiles.append(percentile_in(value, each.distances, PERCENTS))
        ratios.append(value / each.distances[PERCENTS.index(_LIMIT)])
        typical.append(value / each.distances[PERCENTS.index(50)])
        for name, away in zip(each.names, (scan[0] - means) / sds, strict=True):
            worst.setdefault(name, []).append(float(away))
    percentile, scans = float(np.mean(percentiles)), min(each.scans for each in usual)
    level = _level(percentile, float(np.mean(ratios)), scans)
    means_of = {name: float(np.mean(values)) for name, values in worst.items()}
    farthest = sorted(means_of, key=lambda name: -abs(means_of[name]))[:2]
    named = ", ".join(f"{n.replace('_', ' ')} {means_of[n]:+.1f} SD" for n in farthest)
    return Doubt(
        name="image_and_quality",
        value=round(float(np.mean(typical)), 4),
        percentile=round(percentile, 1),
        level=level,
        sentence=f"In the numbers of image and quality control the scan lies"
        f" {np.mean(typical):.1f} times as far from the training scans as a typical"
        f" one, farther than {percentile:.0f} % of {scans} scans{_few(scans)};"
        f" most unlike: {named}.",
    )


def _age(cards: Sequence[BundleCard], person: Person) -> Doubt | str:
    cohorts = [card.training_cohort for card in cards]
    known = [None if each is None else each.summary.age_years for each in cohorts]
    ages = [each for each in known if each is not None and each.sd]
    if person.age_years is None or len(ages) < len(cards):
        return "age: it is not known of the person or of the training participants"
    mean = float(np.mean([each.mean for each in ages]))
    sd = float(np.mean([each.sd or 0.0 for each in ages]))
    away = abs(person.age_years - mean) / sd
    return Doubt(
        name="age_years",
        value=person.age_years,
        level=_beyond(away),
        sentence=f"The person is {person.age_years:.0f} years old; the training"
        f" participants are {mean:.0f} years on average (SD {sd:.0f}).",
    )


def _field(cards: Sequence[BundleCard], person: Person) -> Doubt | str:
    seen = {
        float(field)
        for card in cards
        if card.training_cohort
        for field in card.training_cohort.summary.field_strengths
    }
    if person.field_strength_t is None or not seen:
        return "field strength: it is not known of the scan or of the training scans"
    field = person.field_strength_t
    near = any(abs(field - each) < 0.3 for each in seen)
    listed = ", ".join(f"{each:g}" for each in sorted(seen))
    return Doubt(
        name="field_strength_t",
        value=field,
        level=Level.NONE if near else Level.WARNING,
        sentence=f"The scanner has {field:g} T; those of the training scans have"
        f" {listed} T.",
    )


def _level(percentile: float, over_limit: float, scans: int) -> Level:
    # Of a few scans nobody knows the tail: only what is far beyond it is a doubt.
    enough = scans >= ENOUGH
    if over_limit > REFUSES:
        return Level.REFUSAL if enough else Level.WARNING
    return Level.WARNING if enough and percentile > WARNS else Level.NONE


def _beyond(away: float) -> Level:
    warns, refuses = FAR_NUMBER
    if away > refuses:
        return Level.REFUSAL
    return Level.WARNING if away > warns else Level.NONE


def _few(scans: int) -> str:
    return ", too few to be sure" if scans < ENOUGH else ""
