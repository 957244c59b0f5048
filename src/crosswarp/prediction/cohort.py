"""A trained network on all scans of a cohort; one that fails never stops the others."""

from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from dataclasses import dataclass, replace
from pathlib import Path
from typing import Final

import pandas as pd

from crosswarp.bids.cohort import write_cohort
from crosswarp.bids.dataset import FoundScans
from crosswarp.bids.ids import ScanId
from crosswarp.bids.left_out import summary_of, write_left_out
from crosswarp.bids.names import write_dataset_description
from crosswarp.bids.series import SeriesChoice
from crosswarp.errors import IncompleteError
from crosswarp.evaluation.facts import facts_of
from crosswarp.inputs.grid import Grid
from crosswarp.locks import locked
from crosswarp.models.bundle import Bundle, BundleCard
from crosswarp.outputs import MAPS, PREDICTION, claim_folder
from crosswarp.prediction.answers import (
    FAILED,
    LEFT_OUT,
    check_table,
    read_answers,
    write_answers,
)
from crosswarp.prediction.asking import Asking, ask_all
from crosswarp.prediction.bundles import load_bundles
from crosswarp.prediction.cohort_place import CohortPlace, find_cohort
from crosswarp.prediction.given_maps import given_maps, grid_of, grid_with
from crosswarp.prediction.made_maps import Running, made_maps
from crosswarp.prediction.networks import card_of, fingerprint_of, networks_of
from crosswarp.prediction.overlap import (
    SAME_NAME,
    left_out_by_name,
    maps_trained_on,
    names_trained_on,
    refuse_same_maps,
)
from crosswarp.prediction.person import Person, check_prevalence, person_of
from crosswarp.prediction.ready import Ready, Refused
from crosswarp.prediction.replay import settings_for
from crosswarp.preprocessing.plan import working_on
from crosswarp.preprocessing.settings import PreprocessSettings
from crosswarp.provenance import begin_record
from crosswarp.registration.template import load_template
from crosswarp.study.cohort_prediction import (
    CohortPrediction,
    Overlap,
    bundle_before,
    write_cohort_prediction,
)
from crosswarp.study.names import ANSWERS, COHORT, COHORT_PREDICTION, PREDICTIONS

_NAME: Final = "predictions for a cohort"


@dataclass(frozen=True)
class CohortAsked:
    """What is to be predicted, and how.

    Attributes:
        bundle: A bundle, or a model's folder in a run.
        place: Table of a cohort with paths, folder of finished maps, or scans.
        overlap: What is done with participants who have the name of one that the model
            was trained on: ``refuse``, ``leave-out`` or ``other-people``.
        skull_stripped: Whether the scans are brains already.
        strict: Whether no scan is predicted that the quality control says to check.
        template: T1w image and brain mask of the user's own template that the training
            maps lie on; looked for where they were when None.
        prevalence: Share of the positive class where the cohort comes from, 0 to 1.
        series: The series to take of DICOM examinations; chosen by rules when None.
    """

    bundle: Path
    place: Path
    overlap: Overlap = "refuse"
    skull_stripped: bool = False
    strict: bool = False
    template: tuple[Path, Path] | None = None
    prevalence: float | None = None
    series: SeriesChoice | None = None


def predict_cohort(
    asked: CohortAsked, out: Path, running: Running | None = None
) -> tuple[CohortPrediction, pd.DataFrame]:
    """Predict every scan of a cohort; the same call resumes.

    Each scan has a file in ``predictions`` and a row in ``predictions.tsv``, with the
    reason where there is no prediction. Answers that are there are kept where maps,
    file and networks are the same. Networks are asked in this process.

    Args:
        asked: What is to be predicted, and how.
        out: Folder to write to.
        running: How raw scans are preprocessed.

    Returns:
        The record, and the table of the cohort's scans.

    Raises:
        InputError: If the bundles cannot be used, or nothing is found.
        LeakageError: If participants were trained on and are not to be left out.
        OccupiedError: If the folder holds something else.
        LockedError: If another process works on it.
    """
    running = running or Running()
    check_prevalence(asked.prevalence)
    bundles = load_bundles(asked.bundle)
    card, place = card_of(bundles), find_cohort(asked.place, out, asked.series)
    settings = None
    if place.raw is not None:
        settings = settings_for(card, asked.skull_stripped, asked.template)
    given = _given(place, card)
    scans = [item.scan for item in given] if place.raw is None else _found(place.raw)
    left_out = left_out_by_name(bundles, scans, asked.overlap)
    with _working(place, out):
        check_table(out)
        _say_changes(place, out, fingerprint_of(bundles), running)
        if place.raw is None or settings is None:
            items, grid = given, grid_of(given, card)
        else:
            items, grid = _made(place.raw, out, settings, card, left_out, running)
        kept = [item for item in items if item.scan not in left_out]
        kept += [Refused(scan, SAME_NAME, LEFT_OUT) for scan in left_out]
        asking = Asking(
            bundles,
            fingerprint_of(bundles),
            grid,
            out,
            frozenset(maps_trained_on(bundles)),
            asked.skull_stripped,
            asked.strict,
            place.raw is None,
            _people(place),
            asked.prevalence,
        )
        ordered = sorted(kept, key=lambda item: item.scan)
        same_maps = ask_all(asking, ordered, running.progress)
        write_answers(out)
        refuse_same_maps(same_maps, asked.overlap)
        return _recorded(asked, place, out, bundles, [item.scan for item in ordered])


def check_predicted(record: CohortPrediction, out: Path) -> None:
    """End with the failures of a cohort, when all that could be done is done.

    Raises:
        IncompleteError: If a scan has no prediction and was not to be left out.
    """
    if record.failed:
        msg = (
            f"{record.failed} of {len(record.scans)} scans have no prediction; the"
            f" column quality_reason of {out / PREDICTIONS} says why"
        )
        raise IncompleteError(msg)


def answers_of(out: Path, record: CohortPrediction) -> pd.DataFrame:
    """Read the rows of a cohort's scans by the networks of a record.

    Args:
        out: Folder of the outputs.
        record: Record of the prediction.
    """
    return _rows(out, record.networks.bundle, record.scans)


def _rows(out: Path, bundle: str, scans: Sequence[str]) -> pd.DataFrame:
    table = read_answers(out)
    rows = zip(table["participant_id"], table["session_id"], strict=True)
    labels = pd.Series(
        [ScanId.from_row(str(person), session).label for person, session in rows],
        table.index,
        dtype=object,
    )
    ours = (table["bundle"] == bundle[:8]) & labels.isin(scans)
    return table[ours].reset_index(drop=True)


def _given(place: CohortPlace, card: BundleCard) -> list[Ready | Refused]:
    return [] if place.derivatives is None else given_maps(place.derivatives, card)


def _found(raw: FoundScans) -> list[ScanId]:
    return [*(one.scan for one in raw.scans), *(scan for scan, _ in raw.problems)]


def _people(place: CohortPlace) -> dict[ScanId, Person]:
    """Take age, sex and field strength from the cohort's table, where there is one."""
    if place.known is None:
        return {}
    facts = facts_of(place.known, {})
    return {scan: person_of(each) for scan, each in facts.items()}


@contextmanager
def _working(place: CohortPlace, out: Path) -> Iterator[None]:
    """Be the only process that works on the output folder."""
    if place.raw is not None:
        with working_on(place.raw, out, PREDICTION):
            if not MAPS.is_here(out):
                # First of all, so that a killed call leaves a folder that is known.
                write_dataset_description(out, _NAME, purpose=PREDICTION)
            yield
        return
    claim_folder(out, PREDICTION, [place.place])
    with locked(out):
        claim_folder(out, PREDICTION, [place.place])
        write_dataset_description(out, _NAME, purpose=PREDICTION)
        yield


def _say_changes(place: CohortPlace, out: Path, bundle: str, running: Running) -> None:
    """Say what another prediction in the folder was made with, and begin this one."""
    before = bundle_before(out)
    if before not in (None, bundle):
        running.say(
            f"{out} has predictions of other networks ({str(before)[:8]}): all scans"
            f" are predicted again, with those of {bundle[:8]}; the files of the others"
            f" stay in {ANSWERS}"
        )
    for sentence in [] if place.raw is None else summary_of(place.raw.left_out, out):
        running.say(f"left out: {sentence}")
    begin_record(out / COHORT_PREDICTION, {"networks": {"bundle": bundle}})


def _made(
    raw: FoundScans,
    out: Path,
    settings: PreprocessSettings,
    card: BundleCard,
    left_out: set[ScanId],
    running: Running,
) -> tuple[list[Ready | Refused], Grid]:
    """Preprocess raw scans, but for those that are left out."""
    chosen = [one for one in raw.scans if one.scan not in left_out]
    items = made_maps(replace(raw, scans=chosen), out, settings, running)
    write_left_out(out, raw.left_out)
    template = load_template(card.resolution, settings.template)
    return items, grid_with(card, template.brain.affine)


def _recorded(
    asked: CohortAsked,
    place: CohortPlace,
    out: Path,
    bundles: Sequence[Bundle],
    scans: Sequence[ScanId],
) -> tuple[CohortPrediction, pd.DataFrame]:
    """Write the cohort's table and the record, and read what there is."""
    networks = networks_of(bundles)
    labels = tuple(scan.label for scan in scans)
    table = _rows(out, networks.bundle, labels)
    if place.known is None:
        (out / COHORT).unlink(missing_ok=True)
    else:
        write_cohort(out / COHORT, place.known)
    same = names_trained_on(bundles, (scan.participant_id for scan in scans))
    record = CohortPrediction(
        networks=networks,
        scans=labels,
        predicted=int((~table["quality"].isin([FAILED, LEFT_OUT])).sum()),
        failed=int((table["quality"] == FAILED).sum()),
        left_out=int((table["quality"] == LEFT_OUT).sum()),
        overlap=asked.overlap,
        same_names=len(same) if asked.overlap == "other-people" else 0,
        diagnoses=place.reason or None,
    )
    write_cohort_prediction(out, record)
    return record, table
