"""Attribution maps of a run: each tested scan by the network that never saw it."""

from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path
from typing import Any, Final

import nibabel as nib
import numpy as np
import pandas as pd
from scipy import ndimage

from crosswarp.atlas import NAME, check_space, load_atlas
from crosswarp.bids.cohort import VIRTUAL_NOTICE, read_cohort
from crosswarp.bids.ids import ScanId
from crosswarp.bids.tables import read_table, write_table
from crosswarp.bids.volumes import open_volume
from crosswarp.documents import read_object
from crosswarp.errors import IncompleteError, InputError
from crosswarp.evaluation.predictions import CELL, TEXT
from crosswarp.execution.engine import Engine
from crosswarp.execution.logs import LOGS
from crosswarp.execution.pool import LocalEngine
from crosswarp.execution.progress import Progress, SilentProgress
from crosswarp.execution.work import Work
from crosswarp.explanation.cell import CellToExplain, Sums, explain_cell
from crosswarp.explanation.gradients import STEPS
from crosswarp.explanation.regions import OUTSIDE, rank_regions
from crosswarp.files import file_digest, fingerprint, written_folder, written_whole
from crosswarp.inputs.classes import scans_of_classes
from crosswarp.inputs.grid import Grid
from crosswarp.inputs.samples import find_grid, find_samples
from crosswarp.inputs.scan_files import ScanFiles
from crosswarp.outputs import RUN, claim_names
from crosswarp.provenance import changed_products
from crosswarp.study.attribution import Attribution, write_attribution
from crosswarp.study.fold import ModelFold
from crosswarp.study.names import (
    ATTRIBUTION,
    ATTRIBUTION_CARD,
    EXPERIMENT,
    PREDICTIONS,
    REGIONS,
)
from crosswarp.study.run import (
    require_ended,
    require_maps,
    require_run,
    sources_now,
    working_on,
)
from crosswarp.training.checks import derivatives_of
from crosswarp.training.experiment import Experiment, read_experiment

SMOOTHING_MM: Final = 3.0
"""SD of the Gaussian over the maps that are drawn: gradients through maxima fall on
single voxels. Shares and sums of regions are of the maps before it."""

STEPS_VERSION: Final = 3
"""Raised when a change of code changes the maps."""

PRELOADED: Final = ("torch", "crosswarp.explanation.cell")

METHOD: Final = (
    "integrated gradients of the evidence for the positive class (difference of"
    " logits), from the mean maps of the network's own training participants to the"
    " scan; each tested scan by the network of the fold that held it out"
)


@dataclass(frozen=True)
class Inputs:
    """What the networks of a run were shown.

    Attributes:
        samples: Scans with maps, by label.
        grid: Of the maps.
        brain: File of the template's brain mask.
    """

    samples: dict[str, ScanFiles]
    grid: Grid
    brain: Path


def explain_run(
    run: Path,
    *,
    models: list[str] | None = None,
    workers: int = 1,
    progress: Progress | None = None,
) -> Attribution:
    """Write attribution maps and a ranking of regions for the models of a run.

    What is there already, for these predictions, is left as it is.

    Args:
        run: Folder that `crosswarp compare` has worked on.
        models: Which; the first of the experiment when None.
        workers: Networks at a time, one core each.
        progress: Told of every network.

    Returns:
        What was done, as ``attribution/attribution.json`` holds it.

    Raises:
        InputError: If the run has no such model, or its files do not fit together.
        OccupiedError: If the folder's attribution is not ours.
        MissingDerivativeError: If maps are gone.
        IncompleteError: If a network could not be explained.
        MixedError: If the files of the run do not belong together, or maps were made
            anew since training.
        LockedError: If another process works on the run.
    """
    require_ended(run)
    experiment = read_experiment(run / EXPERIMENT)
    chosen = models or [experiment.models[0].name]
    _check_models(experiment, chosen)
    with working_on(run):
        record = require_run(run)
        digest = fingerprint(
            file_digest(run / PREDICTIONS), chosen, STEPS, STEPS_VERSION
        )
        known = read_object(run / ATTRIBUTION / ATTRIBUTION_CARD)
        ours = RUN.is_here(run) or "models" in known
        claim_names(run, [ATTRIBUTION], ours, "crosswarp explain", ATTRIBUTION_CARD)
        whole = not changed_products(run / ATTRIBUTION, known)
        if known.get("fingerprint") == digest and whole:
            return Attribution.model_validate(known)
        inputs = _inputs(experiment)
        require_maps(record, {n: s.digest() for n, s in inputs.samples.items()})
        engine, progress = LocalEngine(workers), progress or SilentProgress()
        return _explained(run, chosen, inputs, digest, (engine, progress))


def _explained(
    run: Path,
    chosen: list[str],
    inputs: Inputs,
    digest: str,
    at_work: tuple[Engine, Progress],
) -> Attribution:
    """Explain models, and put the new folder in the place of an older one."""
    predictions = read_table(run / PREDICTIONS, text=TEXT, whole=CELL)
    # Networks with the same predictions are the same, whatever else is declared.
    sources = sources_now(run, [PREDICTIONS])
    with written_folder(run / ATTRIBUTION) as folder:
        explained = {
            model: _explain_model(run, folder / model, predictions, inputs, at_work)
            for model in chosen
        }
        card = Attribution(
            **_described(chosen, predictions, explained),
            predictions_digest=sources[PREDICTIONS] or "",
            fingerprint=digest,
        )
        write_attribution(folder, card, sources)
    return card


def _described(
    chosen: list[str],
    predictions: pd.DataFrame,
    explained: dict[str, tuple[float, dict[str, float]]],
) -> dict[str, Any]:
    return {
        "method": METHOD,
        "steps": STEPS,
        "scans": int((predictions["split"] == "test").sum() // _models(predictions)),
        "atlas": NAME,
        "maps": "mean over the tested scans of the positive class",
        "smoothing_mm": SMOOTHING_MM,
        "shares": "of the mean size over all tested scans",
        "density": "mean size over that in the template's brain",
        "outside_brain": {m: outside for m, (_, outside) in explained.items()},
        "completeness_error_logits": round(max(e for e, _ in explained.values()), 5),
        "models": tuple(chosen),
        "note": _note(predictions),
    }


def _explain_model(
    run: Path,
    folder: Path,
    predictions: pd.DataFrame,
    inputs: Inputs,
    at_work: tuple[Engine, Progress],
) -> tuple[float, dict[str, float]]:
    """Explain one model's answers, and write it into a folder of the model's name.

    Returns:
        The median error, in logits; and by map the share of the attribution that lies
        outside the template's brain, 0 to 1.
    """
    (engine, progress), model = at_work, folder.name
    answers = predictions.query("model == @model")
    cells = {
        cell.bundle.parent.name: cell for cell in _cells(run, model, answers, inputs)
    }
    progress.stage(f"explain {model}", len(cells))
    outcomes = engine.run(
        Work(explain_cell, preloaded=PRELOADED),
        cells,
        logs=run / LOGS,
        on_done=lambda label, _: progress.advance(label),
    )
    progress.done()
    sums: dict[str, Sums] = {}
    errors: list[float] = []
    positives = 0
    for label, outcome in outcomes.items():
        if outcome.status != "ok":
            msg = f"{model} {label} could not be explained: {outcome.reason}"
            raise IncompleteError(msg)
        errors += outcome.value.errors
        positives += outcome.value.positives
        for name, total in outcome.value.sums.items():
            if name in sums:
                sums[name].add(total)
            else:
                sums[name] = total
    means = {
        name: Sums(total.signed / max(positives, 1), total.absolute / len(errors))
        for name, total in sums.items()
    }
    outside = _write(folder, means, inputs, _note(predictions))
    return float(np.median(errors)), outside


def _cells(
    run: Path, model: str, answers: pd.DataFrame, inputs: Inputs
) -> Iterator[CellToExplain]:
    """Give the network of each fold with the scans that it held out."""
    for (repeat, fold), both in answers.groupby(["repeat", "fold"]):
        part = both[both["split"] == "test"]
        one = ModelFold(model, int(str(repeat)), int(str(fold)))
        labels = _labels(part)
        gone = [label for label in labels if label not in inputs.samples]
        if gone:
            msg = f"{', '.join(gone)} was tested but has no maps any more"
            raise InputError(msg)
        held_out = tuple(inputs.samples[label] for label in labels)
        samples = tuple(inputs.samples.values())
        answered = frozenset(str(person) for person in both["participant_id"])
        yield CellToExplain(one.bundle(run), held_out, samples, inputs.grid, answered)


def _labels(rows: pd.DataFrame) -> list[str]:
    ids = zip(rows["participant_id"], rows["session_id"], strict=True)
    return [ScanId.from_row(str(person), session).label for person, session in ids]


def _write(
    folder: Path, means: dict[str, Sums], inputs: Inputs, note: str | None
) -> dict[str, float]:
    """Write maps and regions; return the share outside the brain, by map."""
    grid = inputs.grid
    labels, regions = load_atlas(grid.extent, grid.affine)
    brain = open_volume(inputs.brain).values() > 0
    tables = []
    outside: dict[str, float] = {}
    for name, mean in sorted(means.items()):
        widths = SMOOTHING_MM / np.array(grid.spacing)
        smooth = ndimage.gaussian_filter(mean.signed, widths)
        image = nib.Nifti1Image(smooth.astype(np.float32), grid.affine)
        with written_whole(folder / f"{name}.nii.gz") as temporary:
            nib.save(image, temporary)
        table = rank_regions(mean.absolute, mean.signed, labels, regions, brain)
        table.insert(2, "map", name)
        beyond = table.loc[table["region"] == OUTSIDE, "share"].sum()
        outside[name] = round(float(beyond), 5)
        tables.append(table.assign(note=note))
    write_table(folder / REGIONS, pd.concat(tables))
    return outside


def _inputs(experiment: Experiment) -> Inputs:
    check_space(experiment.space)
    maps = derivatives_of(experiment)
    cohort = read_cohort(experiment.cohort)
    wanted = scans_of_classes(cohort, experiment.classes, experiment.cohort.name)
    samples = find_samples(wanted, maps, allow_missing=True, any_quality=True)
    grid = find_grid(samples, maps, crop=experiment.crop)
    return Inputs({s.scan.label: s for s in samples}, grid, maps.brain_mask)


def _check_models(experiment: Experiment, chosen: list[str]) -> None:
    names = [model.name for model in experiment.models]
    unknown = [name for name in chosen if name not in names]
    if unknown:
        msg = f"the run has no model {', '.join(unknown)}; it has {', '.join(names)}"
        raise InputError(msg)


def _models(predictions: pd.DataFrame) -> int:
    return int(predictions["model"].nunique())


def _note(predictions: pd.DataFrame) -> str | None:
    return VIRTUAL_NOTICE if (predictions["origin"] == "virtual").any() else None
