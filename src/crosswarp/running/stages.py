"""The steps of a study, each a call of the function that its command calls."""

from collections.abc import Callable
from typing import Final

from crosswarp.archives.cohort import CohortReport, write_bids_cohort
from crosswarp.bids.cohort import VIRTUAL_NOTICE
from crosswarp.bids.ledger import LEDGER
from crosswarp.bids.series import SeriesChoice
from crosswarp.running.external import (
    evaluate_external,
    make_external_cohort,
    predict_external,
)
from crosswarp.running.job import STOPS, Job, experiment_of
from crosswarp.running.steps import Step
from crosswarp.running.tables import archive_cohort, tell_cohort
from crosswarp.study.names import ATTRIBUTION, METRICS


def simulate(job: Job) -> None:
    """Make the virtual participants."""
    from crosswarp.simulation.base_heads import prepare_own_heads
    from crosswarp.simulation.cohort import simulate_cohort

    choices, raw = job.study.data.simulation, job.folder.raw
    if choices is None:
        return
    own = prepare_own_heads(choices.heads, raw) if choices.heads else ()
    table = simulate_cohort(raw, choices.settings(job.workers, own), job.progress)
    job.say(f"{len(table)} virtual participants in {raw}")
    job.say(VIRTUAL_NOTICE)


def preprocess(job: Job) -> None:
    """Make the maps; scans that fail are told, and the study goes on without them.

    Raises:
        IncompleteError: If no scan has maps, or the machine was in the way of some,
            which another try may mend.
    """
    from crosswarp.preprocessing.cohort import asked_rows, check_ledger
    from crosswarp.preprocessing.data_set import ScansAsked, preprocess_data_set

    chosen, out = job.study.preprocessing, job.folder.derivatives
    asked = ScansAsked(
        job.folder.scans,
        chosen.participants,
        chosen.prefer,
        SeriesChoice.parse(chosen.dicom_series),
        60 * chosen.timeout_minutes,
        chosen.memory_mb,
        job.retry_failed,
        job.redo,
    )
    ledger, found = preprocess_data_set(
        asked,
        out,
        chosen.settings,
        engine=job.engine,
        progress=job.progress,
        say=job.warn,
    )
    rows = asked_rows(ledger, found)
    failed = rows[rows["status"] != "ok"]
    refused = job.study.missing_maps == "refuse"
    if len(failed) == len(rows) or refused or failed["status"].isin(STOPS).any():
        check_ledger(ledger, out, found)
    if len(failed):
        job.warn(
            f"{len(failed)} of {len(rows)} scans have no maps, see {out / LEDGER}; the"
            " study goes on without them"
        )
    job.say(f"{len(rows) - len(failed)} scans have maps in {out}")


def cohort(job: Job) -> None:
    """Write the table of scans."""
    tell_cohort(job, _written_cohort(job))


def _written_cohort(job: Job) -> CohortReport:
    folder, rules, archive = job.folder, job.study.cohort, job.study.data.archive
    if archive is None:
        return write_bids_cohort(
            folder.raw, folder.cohort, rules.labels, overwrite=job.overwrite
        )
    return archive_cohort(job, archive, rules, folder.out)


def folds(job: Job) -> None:
    """Write the table of folds: of the participants with maps, if that is enough."""
    from crosswarp.inputs.fold_choices import AGE_EDGES, FoldChoices
    from crosswarp.inputs.fold_table import FoldFiles, write_new_folds
    from crosswarp.inputs.scan_files import Derivatives

    chosen, folder, settings = job.study.folds, job.folder, job.study.preprocessing
    maps = Derivatives(folder.derivatives, settings.space, settings.resolution)
    seed = job.study.seed if chosen.seed is None else chosen.seed
    choices = FoldChoices(
        chosen.folds,
        chosen.repeats,
        seed,
        chosen.validation_fraction,
        stratify=chosen.stratify,
        age_edges=chosen.age_edges or AGE_EDGES,
        group=chosen.group,
        leave_one_out=chosen.leave_one_out,
        test_where=chosen.test_where,
    )
    files = FoldFiles(None, chosen.apply, chosen.balance, chosen.publish, chosen.salt)
    written = write_new_folds(
        folder.cohort,
        folder.folds,
        choices,
        files,
        maps=maps if job.study.missing_maps == "leave out" else None,
        overwrite=job.overwrite,
    )
    for sentence in written.remarks:
        job.warn(sentence)
    for sentence in written.summary:
        job.say(sentence)


def compare(job: Job) -> None:
    """Train all models on all folds."""
    from crosswarp.training.tasks import compare_tasks

    made = compare_tasks(
        experiment_of(job.folder),
        job.folder.run,
        engine=job.engine,
        allow_missing=job.study.missing_maps == "leave out",
        progress=job.progress,
        say=job.say,
    )
    for folder, predictions in made.items():
        there = set(predictions["model"])
        names = ", ".join(name for name in job.study.names if name in there)
        job.say(f"{len(predictions)} predictions of {names} in {folder}")


def evaluate(job: Job) -> None:
    """Compute the statistics."""
    from crosswarp.evaluation.tasks import evaluate_tasks

    chosen = job.study.evaluation
    done, failures = evaluate_tasks(
        job.folder.run,
        reference=chosen.reference,
        resamples=chosen.resamples,
        seed=chosen.seed,
    )
    for folder, found in done.items():
        for flag in found.metrics.flags:
            job.warn(f"warning: {flag}")
        job.say(f"metrics: {folder / METRICS}")
    failures.show()


def explain(job: Job) -> None:
    """Make the attribution maps."""
    from crosswarp.explanation.tasks import explain_tasks

    if job.study.explanation is None:
        return
    cards, failures = explain_tasks(
        job.folder.run,
        models=list(job.study.explanation.models) or None,
        workers=job.workers,
        progress=job.progress,
    )
    for folder, card in cards.items():
        models = ", ".join(card.models)
        job.say(f"attribution of {models} in {folder / ATTRIBUTION}")
    failures.show()


def report(job: Job) -> None:
    """Write the pages."""
    from crosswarp.report.tasks import report_tasks

    pages, failures = report_tasks(job.folder.run)
    for page in pages:
        job.say(f"report: {page}")
    failures.show()


STAGES: Final[dict[Step, Callable[[Job], None]]] = {
    "simulate": simulate,
    "preprocess": preprocess,
    "cohort": cohort,
    "folds": folds,
    "compare": compare,
    "evaluate": evaluate,
    "explain": explain,
    "report": report,
    "external_cohort": make_external_cohort,
    "external_predict": predict_external,
    "external_evaluate": evaluate_external,
}
"""What each step does."""
