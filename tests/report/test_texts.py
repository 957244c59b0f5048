"""Texts are filled from the run."""

from pathlib import Path

from crosswarp.documents import read_json
from crosswarp.files import write_json
from crosswarp.report.run import Run
from crosswarp.report.texts import flags, limits, methods
from tests.report.fake_run import accept, change_experiment


def methods_of(run: Path) -> str:
    return " ".join(methods.write(Run(run)).paragraphs)


def test_methods_hold_the_numbers_of_the_run(run: Path) -> None:
    maps, training, statistics, beyond = methods.write(Run(run)).paragraphs
    assert "MNI152NLin2009cSym template (2 mm)" in maps
    assert (
        "2 models (one, two) were compared for the classification of AD versus CN in 16"
        " scans of 16 participants by 2-fold" in training
    )
    assert "epochs 20" in training
    assert "repeated" not in training
    assert "100 bootstrap resamples" in statistics
    assert "Subgroups were" in beyond
    # Two folds leave no one to train a model of age, sex and head size on.
    assert "logistic regression" not in beyond


def test_methods_name_the_baseline_and_the_attribution(reported: Path) -> None:
    *_, beyond, attribution = methods.write(Run(reported)).paragraphs
    assert "logistic regression on age, sex and head size" in beyond
    assert "Regions are those of an atlas." in attribution


def test_methods_name_the_volumes_and_how_sites_were_harmonised(
    reported: Path, run: Path
) -> None:
    assert "on the volume of the hippocampi over head size" in methods_of(reported)
    assert "hippocampi" not in methods_of(run)
    assert "ComBat" not in methods_of(run)
    own = {"name": "own", "features": "volumes", "harmonise": "site"}
    change_experiment(run, baselines=[own])
    accept(run)
    assert "of sites on the volumes of own were removed by ComBat" in methods_of(run)


def test_methods_name_repeats(run: Path) -> None:
    metrics = read_json(run / "metrics.json")
    write_json(run / "metrics.json", metrics | {"repeats": 3})
    assert (
        "2-fold cross-validation, repeated 3 times,"
        in (methods.write(Run(run)).paragraphs[1])
    )


def test_flags_are_those_of_the_evaluation(run: Path) -> None:
    metrics = read_json(run / "metrics.json")
    assert metrics["flags"]
    said = ["AUC -0.25 [-1.000, +0.5] of sub-01, aged 60-69"]
    write_json(run / "metrics.json", metrics | {"flags": said})
    minus = "AUC \u22120.25 [\u22121.000, +0.5] of sub-01, aged 60-69"
    assert flags.write(Run(run)).points == [minus]
    assert flags.write(Run(run)).is_warning
    write_json(run / "metrics.json", metrics | {"flags": []})
    assert flags.write(Run(run)).points == []
    assert flags.write(Run(run)).paragraphs[0].startswith("No red flag")


def test_limits_begin_with_virtual_participants(reported: Path, run: Path) -> None:
    assert (
        limits.write(Run(reported)).points[0].startswith("The participants are virtual")
    )
    assert (
        limits.write(Run(run)).points[0].startswith("Research software, not a medical")
    )
