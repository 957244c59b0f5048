"""Summaries of cohorts: parts of one cohort put together are that cohort."""

import numpy as np
import pytest

from crosswarp.study.cohort_summary import CohortSummary, distribution_of, merged


def summary(ages: list[float], **changes: object) -> CohortSummary:
    known = {"participants": len(ages), "scans": len(ages), "sexes": {"F": len(ages)}}
    found = CohortSummary.model_validate(known | changes)
    quality = {"overlap": distribution_of(ages)}
    return found.model_copy(
        update={"age_years": distribution_of(ages), "quality": quality}
    )


def test_parts_together_have_the_mean_and_spread_of_all() -> None:
    one, other = [60.0, 70.0, 80.0], [75.0, 77.0]
    found = merged([summary(one), summary(other, sexes={"M": 2})], 5)
    assert found.age_years is not None
    assert found.age_years.mean == pytest.approx(np.mean(one + other))
    # Within parts and between them; n - 1 is counted in each part.
    total = np.var(one + other) * 5 / 3
    assert found.age_years.sd == pytest.approx(total**0.5)
    assert found.quality["overlap"] == found.age_years
    assert found.sexes == {"F": 3, "M": 2}
    assert found.participants == 5


def test_what_nobody_knows_stays_unknown() -> None:
    nothing = CohortSummary(participants=2, scans=2)
    found = merged([nothing, nothing], 3)
    assert (found.age_years, found.quality, found.sites) == (None, {}, {})
    assert merged([nothing], 9) is nothing
    assert distribution_of([float("nan")]) is None
    assert distribution_of([3.0]).sd is None
    lone = merged([summary([70.0]), summary([80.0])], 2)
    assert lone.age_years.sd is None
