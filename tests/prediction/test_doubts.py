"""doubts_of: usual scans pass, strange ones warn, very strange ones are refused."""

import pytest
from torch import nn

from crosswarp.models.bundle import Bundle, BundleCard
from crosswarp.models.catalogue import CATALOGUE
from crosswarp.models.embedding import Distance
from crosswarp.prediction.doubts import REFUSES, doubts_of
from crosswarp.prediction.person import NOBODY, Person
from crosswarp.study.cohort_summary import (
    CohortSummary,
    Distribution,
    EmbeddingReference,
    TrainingCohort,
)
from crosswarp.study.findings import Doubt, Level
from crosswarp.study.usual_scans import PERCENTS, UsualScans

USUAL = {"overlap": 0.95, "roughness": 0.1}


def bundle(scans: int = 40, **changes: object) -> Bundle:
    reference = EmbeddingReference(
        means=(0.0,), sds=(1.0,), quantiles=(1.0,) * 21, scans=scans, held_out=True
    )
    summary = CohortSummary(
        participants=scans,
        scans=scans,
        field_strengths={"3": scans},
        age_years=Distribution(mean=70.0, sd=5.0, known=scans),
    )
    usual = UsualScans(
        scans=scans,
        names=("overlap", "roughness"),
        means=(0.95, 0.1),
        sds=(0.01, 0.01),
        precision=((1.0, 0.0), (0.0, 1.0)),
        distances=tuple(2 * percent / 100 for percent in PERCENTS),
    )
    said = {
        "model": CATALOGUE["compact_jsm"],
        "classes": ("CN", "AD"),
        "space": "MNI152NLin2009cSym",
        "resolution": 2,
        "grid_extent": (2, 2, 2),
        "box": ((0, 2), (0, 2), (0, 2)),
        "training_cohort": TrainingCohort(summary=summary, embedding=reference),
        "usual": usual,
    }
    return Bundle(nn.Identity(), BundleCard.model_validate({**said, **changes}))


def distance(percentile: float = 50.0, over_limit: float = 0.8) -> Distance:
    return Distance(1.0, over_limit > 1, percentile, over_limit)


def only(name: str, *args: object) -> Doubt:
    return next(d for d in doubts_of(*args).compared if d.name == name)


def test_a_usual_scan_raises_none_and_says_what_was_not_compared() -> None:
    found = doubts_of([bundle()], [distance()], USUAL, NOBODY)
    assert (found.level, found.raised) == (Level.NONE, ())
    assert [each.name for each in found.compared] == ["embedding", "image_and_quality"]
    assert [said.split(":")[0] for said in found.missing] == ["age", "field strength"]


@pytest.mark.parametrize(
    ("percentile", "over_limit", "scans", "level"),
    [
        (97.0, 1.1, 40, Level.NONE),
        (98.0, 1.2, 40, Level.WARNING),
        (100.0, REFUSES + 0.1, 40, Level.REFUSAL),
        # Of a few scans nobody knows the tail.
        (100.0, 1.2, 8, Level.NONE),
        (100.0, REFUSES + 0.1, 8, Level.WARNING),
    ],
)
def test_limits_of_the_embedding(
    percentile: float, over_limit: float, scans: int, level: Level
) -> None:
    asked = ([bundle(scans)], [distance(percentile, over_limit)], USUAL, NOBODY)
    assert only("embedding", *asked).level is level
    assert doubts_of(*asked).level is level


def test_the_most_unlike_numbers_are_named() -> None:
    strange = {"overlap": 0.95, "roughness": 0.125}
    found = only("image_and_quality", [bundle()], [distance()], strange, NOBODY)
    # 2.5 standard deviations over the root of two numbers: 1.77 of 2.
    assert found.percentile == pytest.approx(88.4, abs=0.1)
    assert "most unlike: roughness +2.5 SD, overlap +0.0 SD" in found.sentence
    noise = {"overlap": 0.95, "roughness": 0.2}
    asked = ([bundle()], [distance()], noise, NOBODY)
    assert only("image_and_quality", *asked).level is Level.REFUSAL


def test_networks_are_averaged() -> None:
    distances = [distance(90.0), distance(100.0)]
    both = only("embedding", [bundle(), bundle()], distances, USUAL, NOBODY)
    assert both.percentile == 95.0


def test_age_and_field_strength_stand_beside_the_training_participants() -> None:
    for age, level in ((72, Level.NONE), (50, Level.WARNING), (8, Level.REFUSAL)):
        asked = ([bundle()], [distance()], USUAL, Person(float(age)))
        assert only("age_years", *asked).level is level
    for field, level in ((2.9, Level.NONE), (1.5, Level.WARNING)):
        person = Person(field_strength_t=field)
        asked = ([bundle()], [distance()], USUAL, person)
        assert only("field_strength_t", *asked).level is level


def test_what_a_bundle_or_a_scan_lacks_is_said() -> None:
    old = bundle(training_cohort=None, usual=None)
    found = doubts_of([old], [None], USUAL, Person(70.0, "F", 3.0))
    assert found.compared == ()
    assert len(found.missing) == 4
    without = doubts_of([bundle()], [distance()], {"overlap": 0.95}, NOBODY)
    assert "image and quality: the scan has no roughness" in without.missing
