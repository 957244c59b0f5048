"""Steps on another cohort: its table, its predictions, and how good they are."""

from collections.abc import Sequence
from pathlib import Path

from crosswarp.bids.ledger import LEDGER
from crosswarp.bids.tables import read_table
from crosswarp.errors import InputError, LeakageError
from crosswarp.running.folder import StudyFolder
from crosswarp.running.job import STOPS, Job
from crosswarp.running.steps import Step
from crosswarp.running.tables import archive_cohort, tell_cohort


def check_external(folder: StudyFolder, asked: Sequence[Step]) -> None:
    """Refuse another cohort without scans or diagnoses, before anything is done.

    Args:
        folder: Of the study.
        asked: Steps to do; nothing is looked at unless the cohort is among them.

    Raises:
        InputError: If no scan is found, or no diagnosis is known.
    """
    from crosswarp.bids.cohort import read_cohort
    from crosswarp.prediction.cohort_place import find_cohort

    other = folder.study.external
    if other is None or other.place is None or "external_evaluate" not in asked:
        return
    found = find_cohort(other.place, folder.external)
    if other.diagnoses is not None:
        read_cohort(other.diagnoses, unlabelled=True)
    elif found.known is None:
        msg = (
            f"the other cohort has no diagnoses: {found.reason}. Give a table of them"
            " as external.cohort in the study file"
        )
        raise InputError(msg)


def external_line(folder: StudyFolder) -> str:
    """Say how many scans of another cohort are predicted, and by which network.

    Args:
        folder: Of the study.
    """
    from crosswarp.prediction.cohort_place import find_cohort

    other, named = folder.study.external, folder.external_networks
    by = f"by {named.relative_to(folder.out).as_posix()}"
    if other is None or other.place is None:
        return f"the scans of {folder.external_cohort.name}, {by}"
    found = find_cohort(other.place, folder.external)
    scans = "finished maps" if found.raw is None else f"{len(found.raw.scans)} scans"
    return f"{scans}, {by}"


def make_external_cohort(job: Job) -> None:
    """Write the table of another cohort's archive."""
    other = job.study.external
    if other is None or other.archive is None:
        return
    out = job.folder.external_cohort
    tell_cohort(job, archive_cohort(job, other.archive, other.rules, out))


def predict_external(job: Job) -> None:
    """Predict the scans of another cohort; those that fail stop no other.

    Raises:
        LeakageError: If participants were trained on and are not to be left out.
        IncompleteError: If no scan has a prediction, or the machine was in the way of
            some, which another try may mend.
    """
    from crosswarp.prediction.cohort import (
        CohortAsked,
        check_predicted,
        predict_cohort,
    )
    from crosswarp.prediction.made_maps import Running

    folder, other = job.folder, job.study.external
    if other is None:
        return
    out = folder.external
    asked = CohortAsked(folder.external_networks, folder.external_scans, other.overlap)
    running = Running(job.engine, job.progress, job.warn, job.retry_failed)
    try:
        record, _ = predict_cohort(asked, out, running)
    except LeakageError as error:
        msg = f"{error}. In a study file it is the key external.overlap"
        raise LeakageError(msg) from error
    refused = job.study.missing_maps == "refuse"
    if not record.predicted or refused or _waits(out / LEDGER):
        check_predicted(record, out)
    left_out = f", {record.left_out} left out" if record.left_out else ""
    if record.failed:
        job.warn(f"{record.failed} scans of the other cohort have no prediction")
    job.say(
        f"{record.predicted} of {len(record.scans)} scans of the other cohort predicted"
        f" by {record.networks.model}{left_out}: {out}"
    )


def evaluate_external(job: Job) -> None:
    """Evaluate the predictions for another cohort, and write their page."""
    from crosswarp.evaluation.wording import estimate_text
    from crosswarp.prediction.external import evaluate_cohort
    from crosswarp.prediction.recalibrate import SHARE, Drawing
    from crosswarp.report.external.page import write_external_page

    other, chosen, out = job.study.external, job.study.evaluation, job.folder.external
    if other is None:
        return
    share = SHARE if other.recalibrate is None else other.recalibrate
    drawing = Drawing(share, chosen.resamples, chosen.seed)
    found = evaluate_cohort(out, other.diagnoses, drawing).found
    for flag in found.flags:
        job.warn(f"warning: {flag}")
    if found.note:
        job.say(found.note)
    auc = found.metrics.overall.get("roc_auc")
    told = "not defined" if auc is None else estimate_text(auc)
    job.say(f"{found.networks.model} on the other cohort: AUC {told}")
    job.say(f"page: {write_external_page(out)}")


def _waits(ledger: Path) -> bool:
    """Whether the machine was in the way of a scan, which says nothing of the scan."""
    if not ledger.is_file():
        return False
    return bool(read_table(ledger)["status"].isin(STOPS).any())
