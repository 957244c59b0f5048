"""A prediction for a cohort and its evaluation, held against their records."""

from collections.abc import Iterator

from crosswarp.provenance import Finding, sources_of
from crosswarp.study.names import COHORT_PREDICTION, EXTERNAL, PREDICTIONS
from crosswarp.verification.records import Place, of_record


def verify_cohort_records(place: Place) -> Iterator[Finding]:
    """Verify the tables of a prediction for a cohort, where there is one.

    Args:
        place: Folder that `crosswarp predict` wrote.

    Yields:
        What is not as the records say.
    """
    folder = place.folder
    predict = f"crosswarp predict BUNDLE COHORT {folder}"
    yield from of_record(place, COHORT_PREDICTION, {}, predict)
    now = sources_of({PREDICTIONS: folder / PREDICTIONS})
    yield from of_record(place, EXTERNAL, now, f"crosswarp evaluate {folder}")
