"""Predictions for scans and for a cohort, held against their records and each other."""

from collections.abc import Iterator
from shlex import quote

from crosswarp.bids.tables import read_table, table_text
from crosswarp.documents import read_object
from crosswarp.errors import InputError
from crosswarp.prediction.answers import is_changed, table_of_answers
from crosswarp.preprocessing.command import command_of
from crosswarp.provenance import Finding, sources_of
from crosswarp.study.names import (
    ANSWER_ENDING,
    ANSWERS,
    COHORT_PREDICTION,
    EXTERNAL,
    PREDICTIONS,
    SHIFT,
)
from crosswarp.verification.records import Place, of_lost_record, of_record


def verify_answers(place: Place) -> Iterator[Finding]:
    """Verify each answer, and that the table of all answers says the same.

    Args:
        place: Folder that `crosswarp predict` wrote.

    Yields:
        What was changed, is gone, or is not of the answers that are there.
    """
    folder, mend = place.folder, command_of(place.folder, {})
    for path in sorted((folder / ANSWERS).glob(f"sub-*{ANSWER_ENDING}")):
        if is_changed(read_object(path)):
            shown, says = f"{ANSWERS}/{path.name}", "was changed after it was written"
            yield Finding(place.shown(shown), "changed", says, mend)
    table = folder / PREDICTIONS
    if not table.is_file():
        if (folder / ANSWERS).is_dir():
            yield Finding(place.shown(PREDICTIONS), "gone", "is gone", mend)
        return
    try:
        listed = [str(name) for name in read_table(table, ["file"])["file"]]
    except InputError:
        yield Finding(place.shown(PREDICTIONS), "damaged", "cannot be read", mend)
        return
    gone = [name for name in listed if not (folder / name).is_file()]
    for name in gone:
        yield Finding(place.shown(name), "gone", "is gone", mend)
    said = table_text(table_of_answers(folder)).encode()
    if not gone and table.read_bytes() != said:
        says = f"does not say what the answers in {ANSWERS} say"
        yield Finding(place.shown(PREDICTIONS), "mixed", says, mend)


def verify_cohort_records(place: Place) -> Iterator[Finding]:
    """Verify the tables of a prediction for a cohort, where there is one.

    Args:
        place: Folder that `crosswarp predict` wrote.

    Yields:
        What is not as the records say.
    """
    folder = quote(str(place.folder))
    predict = f"crosswarp predict BUNDLE COHORT {folder}"
    evaluate = f"crosswarp evaluate {folder}"
    yield from of_record(place, COHORT_PREDICTION, {}, predict)
    yield from of_lost_record(place, COHORT_PREDICTION, EXTERNAL, predict)
    now = sources_of({PREDICTIONS: place.folder / PREDICTIONS})
    yield from of_record(place, EXTERNAL, now, evaluate)
    yield from of_lost_record(place, EXTERNAL, SHIFT, evaluate)
