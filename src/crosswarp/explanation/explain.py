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
from crosswarp.errors import IncompleteError, InputError
from crosswarp.execution.engine import Engine
from crosswarp.execution.logs import LOGS
from crosswarp.execution.pool import LocalEngine
from crosswarp.execution.progress import Progress, SilentProgress
from crosswarp.execution.work import Work
from crosswarp.explanation.cell import CellToExplain, Sums, explain_cell
from crosswarp.explanation.gradients import STEPS
from crosswarp.explanation.regions import rank_regions
from crosswarp.files import (
    file_digest,
    fingerprint,
    read_json,
    write_json,
    written_whole,
)
from crosswarp.inputs.grid import Grid
from crosswarp.inputs.samples import (
    Derivatives,
    ScanFiles,
    find_grid,
    find_samples,
)
from crosswarp.training.experiment import Experiment, read_experiment
from crosswarp.training.scans import PREDICTIONS

ATTRIBUTION: Final = "attribution"
CARD: Final = "attribution.json"
REGIONS: Final = "regions.tsv"

SMOOTHING_MM: Final = 3.0
"""SD of the Gaussian over the maps that are drawn: gradients through maxima fall on
single voxels. Shares and sums of regions are of the maps before it."""

STEPS_VERSION: Final = 2
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
) -> dict[str, Any]:
    """Write attribution maps and a ranking of regions for the models of a run.

    What is there already, for these predictions, is left as it is.

    Args:
        run: Folder that `crosswarp compare` has worked on.
        models: Which; the first of the experiment when None.
        workers: Networks at a time, one core each.
        progress: Told of every network.

    Returns:
        What ``attribution/attribution.json`` holds.

    Raises:
        InputError: If the run has no such model, or its files do not fit together.
        MissingDerivativeError: If maps are gone.
        IncompleteError: If a network could not be explained.
    """
    experiment = read_experiment(run / "experiment.yaml")
    chosen = models or [experiment.models[0].name]
    _check_models(experiment, chosen)
    digest = fingerprint(file_digest(run / PREDICTIONS), chosen, STEPS, STEPS_VERSION)
    card_path = run / ATTRIBUTION / CARD
    if card_path.is_file() and read_json(card_path).get("fingerprint") == digest:
        return dict(read_json(card_path))
    predictions = read_table(
        run / PREDICTIONS, text=("model", "participant_id", "session_id")
    )
    inputs = _inputs(experiment)
    engine, progress = LocalEngine(workers), progress or SilentProgress()
    errors = [
        _explain_model(run, model, predictions, inputs, engine, progress)
        for model in chosen
    ]
    card = {
        "method": METHOD,
        "steps": STEPS,
        "scans": int((predictions["split"] == "test").sum() // _models(predictions)),
        "atlas": NAME,
        "maps": "mean over the tested scans of the positive class",
        "smoothing_mm": SMOOTHING_MM,
        "shares": "of the mean size over all tested scans",
        "completeness_error_logits": round(max(errors), 5),
        "predictions_digest": file_digest(run / PREDICTIONS),
        "models": chosen,
        "note": _note(predictions),
        "fingerprint": digest,
    }
    write_json(card_path, card)
    return card


def _explain_model(
    run: Path,
    model: str,
    predictions: pd.DataFrame,
    inputs: Inputs,
    engine: Engine,
    progress: Progress,
) -> float:
    """Explain one model's answers; return the median error, in logits."""
    tested = predictions.query("model == @model and split == 'test'")
    cells = {
        cell.bundle.parent.name: cell for cell in _cells(run, model, tested, inputs)
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
    _write(run / ATTRIBUTION / model, means, inputs, _note(predictions))
    return float(np.median(errors))


def _cells(
    run: Path, model: str, tested: pd.DataFrame, inputs: Inputs
) -> Iterator[CellToExplain]:
    """Give the network of each fold with the scans that it held out."""
    for (repeat, fold), part in tested.groupby(["repeat", "fold"]):
        folder = run / "models" / model / f"repeat-{repeat}_fold-{fold}" / "bundle"
        labels = _labels(part)
        gone = [label for label in labels if label not in inputs.samples]
        if gone:
            msg = f"{', '.join(gone)} was tested but has no maps any more"
            raise InputError(msg)
        held_out = tuple(inputs.samples[label] for label in labels)
        samples = tuple(inputs.samples.values())
        yield CellToExplain(folder, held_out, samples, inputs.grid)


def _labels(rows: pd.DataFrame) -> list[str]:
    ids = zip(rows["participant_id"], rows["session_id"], strict=True)
    return [ScanId.from_row(str(person), session).label for person, session in ids]


def _write(
    folder: Path, means: dict[str, Sums], inputs: Inputs, note: str | None
) -> None:
    grid = inputs.grid
    labels, regions = load_atlas(grid.extent, grid.affine)
    brain = np.asarray(nib.load(inputs.brain).dataobj) > 0
    tables = []
    for name, mean in sorted(means.items()):
        widths = SMOOTHING_MM / np.array(grid.spacing)
        smooth = ndimage.gaussian_filter(mean.signed, widths)
        image = nib.Nifti1Image(smooth.astype(np.float32), grid.affine)
        with written_whole(folder / f"{name}.nii.gz") as temporary:
            nib.save(image, temporary)
        table = rank_regions(mean.absolute, mean.signed, labels, regions, brain)
        table.insert(2, "map", name)
        tables.append(table.assign(note=note))
    write_table(folder / REGIONS, pd.concat(tables))


def _inputs(experiment: Experiment) -> Inputs:
    check_space(experiment.space)
    maps = Derivatives(experiment.derivatives, experiment.space, experiment.resolution)
    cohort = read_cohort(experiment.cohort)
    wanted = cohort[cohort["diagnosis"].isin([str(c) for c in experiment.classes])]
    samples = find_samples(wanted, maps, allow_missing=True)
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
