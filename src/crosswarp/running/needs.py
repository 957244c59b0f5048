"""Whether what steps read is there, or made by a step before them."""

from collections.abc import Iterator, Sequence
from pathlib import Path
from typing import Final

from crosswarp.archives.known import ARCHIVES, check_archive
from crosswarp.errors import MissingDerivativeError
from crosswarp.running.folder import StudyFolder
from crosswarp.running.steps import Step, steps_of
from crosswarp.study.names import (
    COHORT_PREDICTION,
    METRICS,
    PREDICTIONS,
    RUN_RECORD,
)
from crosswarp.study.settings import Study

_AFTER: Final[dict[Step, tuple[Step, ...]]] = {
    "simulate": (),
    "preprocess": ("simulate",),
    "cohort": ("simulate",),
    "folds": ("preprocess", "cohort"),
    "compare": ("preprocess", "cohort", "folds"),
    "evaluate": ("compare",),
    "explain": ("compare",),
    "report": ("compare", "evaluate"),
    "external_cohort": (),
    "external_predict": ("compare", "external_cohort"),
    "external_evaluate": ("external_predict",),
}
"""Steps whose products a step reads, where the study has them."""


def check_sources(study: Study) -> None:
    """Refuse an archive that there is not, or settings that it has not.

    Args:
        study: Study with all choices.

    Raises:
        InputError: Naming the archives, or the settings of this one.
    """
    asked = [(study.data.archive, study.cohort)]
    if study.external is not None:
        asked.append((study.external.archive, study.external.rules))
    for archive, rules in asked:
        if archive is not None and archive.name is not None:
            check_archive(archive.name)
            ARCHIVES[archive.name].check(rules.settings)


def require_made(folder: StudyFolder, chosen: Sequence[Step]) -> None:
    """Refuse steps that read what earlier ones, which are not asked for, have not made.

    Args:
        folder: Of the study.
        chosen: Steps, in order.

    Raises:
        MissingDerivativeError: With all that is not there, and what to type.
    """
    steps = steps_of(folder.study)
    lacking = {
        before: product
        for step in chosen
        for before in _before(step, folder)
        if before in steps and before not in chosen
        for product in [_product(before, folder)]
        if not product.exists()
    }
    if not lacking:
        return
    first = min(lacking, key=steps.index)
    listed = "; ".join(
        f"there is no {product}, which the step {step} makes"
        for step, product in sorted(
            lacking.items(), key=lambda one: steps.index(one[0])
        )
    )
    msg = f"{listed}. Give `steps='{first}..{chosen[-1]}'`"
    raise MissingDerivativeError(msg)


def _before(step: Step, folder: StudyFolder) -> Iterator[Step]:
    yield from _AFTER[step]
    if step == "preprocess" and folder.study.data.archive is not None:
        yield "cohort"  # the table says where the scans are


def _product(step: Step, folder: StudyFolder) -> Path:
    """Name what says that a step was done; without tasks, of its only run."""
    made: dict[Step, Path] = {
        "simulate": folder.raw,
        "preprocess": folder.derivatives,
        "cohort": folder.cohort,
        "folds": folder.folds,
        "evaluate": folder.runs()[0] / METRICS,
        "external_cohort": folder.external_cohort,
        "external_predict": folder.external / COHORT_PREDICTION,
    }
    if step in made:
        return made[step]
    names = [folder.run / name for name in (RUN_RECORD, PREDICTIONS)]
    return next((path for path in names if path.exists()), folder.run)
