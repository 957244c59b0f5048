"""The same learning curves on maps that the chain found, at 2 mm: slow."""

from pathlib import Path
from typing import Any, Final

from benchmarks.validation_study.coarse import RESOLUTION, TRAINING
from benchmarks.validation_study.curves import FOLDS, NETWORKS, first_of_each
from benchmarks.validation_study.pieces import done_or_made
from benchmarks.validation_study.scoring import scores_of
from crosswarp.baselines.settings import BASELINES
from crosswarp.bids.cohort import make_cohort, write_cohort
from crosswarp.bids.dataset import find_scans
from crosswarp.bids.ids import ScanId
from crosswarp.derivatives.cohort import preprocess_cohort
from crosswarp.derivatives.scan import map_path
from crosswarp.derivatives.settings import PreprocessSettings
from crosswarp.inputs.folds import make_folds, write_folds
from crosswarp.simulation.base_heads import take_over_head
from crosswarp.simulation.cohort import simulate_cohort
from crosswarp.simulation.presets import preset_settings
from crosswarp.training.cross_validation import cross_validate
from crosswarp.training.experiment import Experiment

EXPERIMENT: Final = "chain-curves"

SIZES: Final = (60, 40, 20)


def chain_curves(work: Path, participants: int, models: int) -> None:
    """Make a cohort, preprocess it, and compare models on parts of it.

    Args:
        work: Folder of the study.
        participants: Of the whole cohort; larger sizes than that are left out.
        models: How many of the networks, besides the baselines.
    """
    raw, maps = work / "cohort" / "raw", work / "cohort" / "maps"
    settings = preset_settings("realistic", participants=participants, workers=1)
    for head in settings.heads:
        take_over_head(work / "heads", raw, head)
    simulate_cohort(raw, settings)
    preprocess_cohort(find_scans(raw), maps, PreprocessSettings(resolution=RESOLUTION))
    for size in (size for size in SIZES if size <= participants):
        compared = _compared(work, size, NETWORKS[:models])
        for name, row in compared.items():
            done_or_made(work, f"{EXPERIMENT}/{name}-{size:03d}", lambda row=row: row)


def _compared(work: Path, size: int, models: tuple[str, ...]) -> dict[str, Any]:
    raw, maps = work / "cohort" / "raw", work / "cohort" / "maps"
    table = make_cohort(raw).table
    there = [
        map_path(maps, ScanId(name), RESOLUTION, "logjacobian").is_file()
        for name in table["participant_id"]
    ]
    table = table[there].reset_index(drop=True)
    cohort = table.iloc[first_of_each(table["diagnosis"].to_numpy(), size)]
    folder = work / "chain" / f"{size:03d}"
    write_cohort(folder / "cohort.tsv", cohort)
    write_folds(folder / "folds.tsv", make_folds(cohort, folds=FOLDS))
    experiment = Experiment.model_validate(
        {
            "name": EXPERIMENT,
            "cohort": folder / "cohort.tsv",
            "derivatives": maps,
            "folds": folder / "folds.tsv",
            "models": models,
            "baselines": list(BASELINES),
            "training": TRAINING,
        }
    )
    scores = scores_of(cross_validate(experiment, folder / "run"))
    return {
        name: {"model": name, "participants": len(cohort), **score}
        for name, score in scores.items()
    }
