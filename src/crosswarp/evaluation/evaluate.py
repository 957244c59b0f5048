"""Evaluate a run: from ``predictions.tsv`` to metrics, comparisons and tables."""

from collections.abc import Mapping, Sequence
from dataclasses import replace
from pathlib import Path
from typing import Any

from crosswarp.bids.cohort import VIRTUAL_NOTICE
from crosswarp.documents import read_object
from crosswarp.errors import InputError
from crosswarp.evaluation.added_value import (
    covariate_model,
    volume_models,
    with_absent,
)
from crosswarp.evaluation.cells import cells_of, people_of
from crosswarp.evaluation.context import Context, read_context
from crosswarp.evaluation.covariates import with_baseline
from crosswarp.evaluation.differences import (
    PRIMARY,
    TESTS,
    comparison_rows,
    differences_of,
    fold_rows,
)
from crosswarp.evaluation.exchange import exchange_metrics
from crosswarp.evaluation.family import corrected, family_of, known_model
from crosswarp.evaluation.flags import (
    failed_flags,
    fold_flags,
    join_flags,
    red_flags,
    result_flags,
    site_flags,
)
from crosswarp.evaluation.harmonisation import harmonisation_flags
from crosswarp.evaluation.model import Described, Design, describe
from crosswarp.evaluation.predictions import Predictions
from crosswarp.evaluation.pretraining import (
    pretraining_flags,
    pretraining_metrics,
    pretraining_of,
)
from crosswarp.evaluation.tables import COLUMNS, framed
from crosswarp.evaluation.written import (
    READ,
    predictions_of,
    sizes_of,
    write_evaluations,
)
from crosswarp.evaluation.written import Evaluation as Evaluation
from crosswarp.files import file_digest
from crosswarp.outputs import RUN, claim_names
from crosswarp.statistics.cells import Cell
from crosswarp.statistics.comparison import permutations_for
from crosswarp.statistics.intervals import LEVEL, RESAMPLES, participant_weights
from crosswarp.study.experiment import RunExperiment, find_run_experiment
from crosswarp.study.metrics import (
    CohortFound,
    Metrics,
    NamedTests,
    Settings,
)
from crosswarp.study.names import (
    COMPARISONS,
    FOLD_DIFFERENCES,
    METRICS,
    PREDICTIONS,
    SITES,
)
from crosswarp.study.run import require_run, sources_now, working_on


def evaluate_run(
    run: Path,
    *,
    reference: str | None = None,
    resamples: int = RESAMPLES,
    seed: int = 0,
) -> Evaluation:
    """Evaluate a run and write ``metrics.json`` and its tables into it.

    The cohort, the ledger of the derivatives and the folds are read where the run's
    experiment file names them. Without them there are no subgroups, no sites and no
    model of covariates, and ``metrics.json`` says why. The experiment file declares
    the primary comparison and its family. A run with tasks is evaluated by
    `tasks.evaluate_tasks`.

    Args:
        run: Folder with ``predictions.tsv``.
        reference: Model that the others are compared with; the declared one when
            None, or else the first.
        resamples: Bootstrap draws; at least 100.
        seed: Of draws and exchanges; the same seed gives the same files.

    Raises:
        InputError: If a table is not sound (see `read_predictions`), or has no
            model called ``reference``, or lacks one that the experiment declares.
        OccupiedError: If the folder has tables of these names that are not ours.
        LeakageError: If a network is tested on participants of its pretraining, and
            the experiment did not say that this is wanted.
        MixedError: If the files of the run do not belong together.
        LockedError: If another process works on the run.
    """
    if not (run / PREDICTIONS).is_file():
        predictions_of(run)  # says so; the folder may be no run
    with working_on(run):
        found = evaluated(run, reference=reference, resamples=resamples, seed=seed)
        write_evaluations({run: found}, [run])
    return found


def evaluated(
    run: Path, *, reference: str | None, resamples: int, seed: int
) -> Evaluation:
    """Evaluate a run without writing anything; see `evaluate_run`."""
    if resamples < 100:
        msg = f"an interval needs at least 100 resamples, got {resamples}"
        raise InputError(msg)
    predictions = predictions_of(run)
    record = require_run(run)
    ours = RUN.is_here(run) or "predictions" in read_object(run / METRICS)
    claim_names(run, [METRICS, *COLUMNS], ours, "crosswarp evaluate", METRICS)
    sources = sources_now(run, READ)
    context = read_context(run)
    seen = pretraining_of(run, predictions)
    declared = find_run_experiment(run)
    evaluation = evaluate(predictions, reference, resamples, seed, context, declared)
    flags = [
        *pretraining_flags(seen),
        *failed_flags(record),
        *harmonisation_flags(run, predictions.models),
    ]
    metrics = evaluation.metrics.with_changes(
        volumes=with_absent(evaluation.metrics.volumes, record),
        pretraining=pretraining_metrics(seen),
        flags=(*evaluation.metrics.flags, *flags),
        exchange=exchange_metrics(run, predictions, resamples, seed),
        predictions=file_digest(run / PREDICTIONS),
    )
    return replace(evaluation, metrics=metrics, sources=sources | sizes_of(context))


def evaluate(
    predictions: Predictions,
    reference: str | None = None,
    resamples: int = RESAMPLES,
    seed: int = 0,
    context: Context | None = None,
    declared: RunExperiment | None = None,
) -> Evaluation:
    """Evaluate checked predictions.

    Args:
        predictions: Predictions of all models.
        reference: As for `evaluate_run`.
        resamples: As for `evaluate_run`.
        seed: As for `evaluate_run`.
        context: What is known of the participants.
        declared: What the experiment file says.
    """
    context = context or Context()
    baseline = with_baseline(predictions, context)
    predictions = baseline.predictions
    declared = declared or RunExperiment()
    family = family_of(predictions.models, reference, declared)
    people = people_of(predictions)
    weights = participant_weights(people, resamples, seed)
    design = Design(predictions.classes, people, weights, context.scans, seed)
    cells = {
        model: cells_of(predictions, model, people) for model in predictions.models
    }
    described = {model: describe(cells[model], design) for model in cells}
    against = cells[family.reference]
    permutations = permutations_for(len(family.members))
    differences = {
        name: differences_of(
            cells[name],
            against,
            weights,
            seed,
            permutations,
            (described[name].auc, described[family.reference].auc),
        )
        for name in cells
        if name != family.reference
    }
    rows = _rows(described)
    rows[FOLD_DIFFERENCES] = [
        {"model": name, "reference": family.reference} | row
        for name in differences
        for row in fold_rows(cells[name], against, len(people.ids))
    ]
    kinds = {n: "covariates" if n == baseline.name else "trained" for n in cells}
    metrics = Metrics(
        **_described(predictions, against),
        settings=Settings(
            level=LEVEL,
            resamples=resamples if len(weights) > 1 else 0,
            permutations=permutations,
            seed=seed,
        ),
        reference=family.reference,
        primary=family.described(PRIMARY),
        participants=len(people.ids),
        cohort=CohortFound(found=context.scans is not None, reason=context.reason),
        covariates=covariate_model(baseline, cells, len(people.ids)),
        volumes=volume_models(cells, len(people.ids), declared),
        models={
            name: found.metrics.model_copy(update={"kind": kinds[name]})
            for name, found in described.items()
        },
        flags=(),
    )
    flags = (
        *fold_flags(predictions, context.folds),
        *join_flags(predictions, context),
        *result_flags(metrics, predictions.has_real),
        *site_flags(rows[SITES]),
        *red_flags(predictions, against, people, context.folds),
    )
    metrics = metrics.with_changes(flags=flags)
    rows[COMPARISONS] = comparison_rows(
        metrics.models, differences, family, metrics.participants
    )
    tables = {name: framed(name, rows[name], metrics.note) for name in COLUMNS}
    (found,) = with_families([Evaluation(metrics, tables[COMPARISONS], tables)])
    return found


def with_families(
    evaluations: Sequence[Evaluation], tasks: Sequence[str] = ()
) -> list[Evaluation]:
    """Correct the p values of one run, or of all tasks of a run, as one family.

    Args:
        evaluations: One a task.
        tasks: Their names; none for a run without tasks.
    """
    tables = corrected([evaluation.comparisons for evaluation in evaluations])
    comparisons = int(sum(table["p_holm"].notna().sum() for table in tables))
    found = []
    for evaluation, table in zip(evaluations, tables, strict=True):
        changed = {"tasks": tuple(tasks), "comparisons": comparisons}
        primary = evaluation.metrics.primary.model_copy(update=changed)
        found.append(
            Evaluation(
                evaluation.metrics.with_changes(primary=primary),
                table,
                {**evaluation.tables, COMPARISONS: table},
                evaluation.sources,
            )
        )
    return found


def reference_of(predictions: Predictions, name: str | None) -> str:
    """Find the reference; the first model when none is named."""
    if name is None:
        return predictions.models[0]
    return known_model(name, predictions.models, "to compare with")


def _described(predictions: Predictions, cells: list[Cell]) -> dict[str, Any]:
    """Give the fields that say what was evaluated, and by which tests."""
    return {
        "note": VIRTUAL_NOTICE if predictions.has_virtual else None,
        "classes": predictions.classes,
        "positive": predictions.positive,
        "scans": sum(len(c.truth) for c in cells if c.repeat == cells[0].repeat),
        "repeats": len({cell.repeat for cell in cells}),
        "folds": len({cell.fold for cell in cells}),
        "tests": NamedTests(primary=PRIMARY, columns=dict(TESTS)),
    }


def _rows(described: Mapping[str, Described]) -> dict[str, list[dict[str, Any]]]:
    """Put the models' rows of each table together."""
    return {
        name: [
            {"model": model} | row
            for model, found in described.items()
            for row in found.rows.get(name, [])
        ]
        for name in COLUMNS
    }
