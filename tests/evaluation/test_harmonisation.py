"""Test scans whose site was not known are counted over folds."""

from pathlib import Path

from crosswarp.evaluation.harmonisation import harmonisation_flags
from crosswarp.study.fold import ModelFold
from crosswarp.study.harmonisation import Harmonisation, write_harmonisation


def write(run: Path, model: str, fold: int, passed_through: int) -> None:
    folder = ModelFold(model, 0, fold).folder(run)
    folder.mkdir(parents=True)
    found = Harmonisation(
        regions=("hippocampus",),
        sites={},
        mean=(0.0,),
        deviation=(1.0,),
        covariates=(),
        centre=(),
        slopes=(),
        tested=10,
        passed_through=passed_through,
    )
    write_harmonisation(folder, found)


def test_scans_that_passed_through_are_said(tmp_path: Path) -> None:
    for fold, passed in enumerate((0, 3, 10)):
        write(tmp_path, "volumes", fold, passed)
        write(tmp_path, "known", fold, 0)
    ModelFold("network", 0, 0).folder(tmp_path).mkdir(parents=True)
    assert harmonisation_flags(tmp_path, ["volumes", "known", "network", "none"]) == [
        "volumes: 13 of 30 test scans are of sites with fewer than two training"
        " participants; no effect of the site was taken out of them."
    ]
