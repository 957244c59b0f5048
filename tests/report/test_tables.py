"""Tables show what the files hold."""

from pathlib import Path

import numpy as np
import pytest

from crosswarp.bids.tables import read_table, write_table
from crosswarp.documents import read_json
from crosswarp.errors import MissingDerivativeError
from crosswarp.evaluation.evaluate import evaluate_run
from crosswarp.files import write_json
from crosswarp.report.parts import Table
from crosswarp.report.run import Run
from crosswarp.report.tables import (
    cohort,
    comparison,
    folds,
    metrics,
    models,
    quality,
    regions,
    settings,
    subgroups,
    versions,
    volumes,
)
from crosswarp.study.metrics import VolumeModels
from tests.report.fake_run import FakeRun, write_attribution


def test_cohort_counts_people_age_and_sex(run: Path) -> None:
    path = run.parent / "cohort.tsv"
    table = read_table(path)
    ill = table["diagnosis"] == "AD"
    table["age_years"] = np.where(ill, 80.0, 70.0)
    table.loc[1, "age_years"] = 88.0
    table["sex"] = np.where(ill, "F", "M")
    write_table(path, table)
    well, sick, everyone = cohort.tabulate(Run(run)).rows
    assert well == ["CN", "8", "8", "70.0 ± 0.0", "70 to 70", "0", "8"]
    assert sick == ["AD", "8", "8", "81.0 ± 2.8", "80 to 88", "8", "0"]
    assert everyone[:3] == ["All", "16", "16"]


def test_cohort_of_unknown_ages_is_a_dash(run: Path) -> None:
    path = run.parent / "cohort.tsv"
    write_table(path, read_table(path).assign(age_years=None))
    assert cohort.tabulate(Run(run)).rows[0][3:5] == ["\u2013", "\u2013"]


def test_folds_count_scans_and_trained_people(run: Path) -> None:
    table = folds.tabulate(Run(run))
    assert table.columns[2:5] == ["Training participants", "Test CN", "Test AD"]
    # With two folds, who is not tested is validated: no one is left to train on.
    assert table.rows[0] == ["0", "0", "0", "4", "4", "4", "4"]


def test_quality_names_who_failed_and_why(run: Path) -> None:
    table = quality.tabulate(Run(run))
    assert table.note.startswith("16 scans passed. 1 failed")
    assert "sub-900: incomplete file, copy it again" in table.note
    (overlap,) = (row for row in table.rows if row[0].startswith("Affine overlap"))
    assert overlap[1] == "16"
    assert 0.93 < float(overlap[2]) < 0.99


def test_quality_without_failures_says_so(run: Path) -> None:
    path = run.parent / "derivatives" / "ledger.tsv"
    write_table(path, read_table(path).query("status == 'ok'"))
    assert quality.tabulate(Run(run)).note == "16 scans passed. None failed."


def test_models_show_size_and_cost(run: Path) -> None:
    row = models.tabulate(Run(run)).rows[0]
    # Seconds of the two folds: 14.2 and 15.2.
    assert row[:-2] == [
        "one",
        "compact_cnn",
        "stacked",
        "412,866",
        "120",
        "14.7",
        "911",
    ]


def test_models_show_what_they_lose_by_exchanged_maps(run: Path) -> None:
    table = models.tabulate(Run(run))
    assert table.columns[-2:] == ["AUC loss, T1w exchanged", "AUC loss, JSM exchanged"]
    for name, row in zip(Run(run).models(), table.rows, strict=True):
        found = Run(run).metrics.exchange.models[name]["jsm"].auc_fall
        assert row[-2] == "0, not used"
        assert row[-1].startswith(f"{found.value:.3f} [".replace("-", "\u2212"))
    assert "mean of 2 random exchanges" in table.note


def test_what_was_not_exchanged_is_said(run: Path) -> None:
    (run / "exchange.tsv").unlink()
    evaluate_run(run, resamples=100)
    table = models.tabulate(Run(run))
    assert [row[-2:] for row in table.rows] == [["\u2013"] * 2] * len(table.rows)
    assert "not measured: the run has no exchange.tsv" in table.note
    metrics = read_json(run / "metrics.json")
    del metrics["exchange"]
    write_json(run / "metrics.json", metrics)
    note = models.tabulate(Run(run)).note
    assert "not measured by the version of crosswarp that evaluated" in note
    (run / "metrics.json").unlink()
    assert "`crosswarp evaluate` writes it" in models.tabulate(Run(run)).note


def test_models_of_which_nothing_is_known_are_left_out(run: Path) -> None:
    (run / "experiment.yaml").unlink()
    for path in (run / "models").rglob("*.json"):
        path.unlink()
    with pytest.raises(MissingDerivativeError, match=r"neither .* describe the models"):
        models.tabulate(Run(run))


def test_comparison_agrees_with_the_metrics(run: Path) -> None:
    table = comparison.tabulate(Run(run))
    one, two = table.rows
    assert table.caption == "Comparison of models by ROC-AUC"
    assert (table.columns[0], table.columns[-1]) == ("Model", "Comparison")
    found = read_json(run / "metrics.json")["models"]
    for row, name in ((one, "one"), (two, "two")):
        assert row[1].startswith(f"{found[name]['mean']['roc_auc']:.3f} ± ")
        assert row[2].startswith(f"{found[name]['overall']['roc_auc']['value']:.3f} [")
    assert one[3:] == ["reference", "\u2013", "\u2013", "\u2013"]
    difference = (
        found["two"]["overall"]["roc_auc"]["value"]
        - found["one"]["overall"]["roc_auc"]["value"]
    )
    assert two[3].replace("\u2212", "-").startswith(f"{difference:.3f} [")


def test_metrics_say_their_operating_point(run: Path) -> None:
    note = metrics.tabulate(Run(run)).note
    assert note.startswith(
        "Operating point, over folds of all models: 0.5, too few validation scans:"
        " 4 folds."
    )
    document = read_json(run / "metrics.json")
    for model in document["models"].values():
        for cell in model["cells"]:
            cell["threshold"] = None
    write_json(run / "metrics.json", document)
    note = metrics.tabulate(Run(run)).note
    assert note.startswith("Decisions: the class with the largest probability.")


def test_settings_hide_folders_and_versions_are_flat(run: Path) -> None:
    rows = dict(settings.tabulate(Run(run)).rows)
    assert rows["cohort"] == "cohort.tsv"
    assert rows["classes"] == "CN, AD"
    assert not any(name.startswith("models") for name in rows)
    assert rows["training.epochs"] == "20"
    assert ["versions.torch", "2.13.0"] in versions.tabulate(Run(run)).rows


def test_regions_are_the_densest_named_ones(reported: Path) -> None:
    rows = regions.tabulate(Run(reported)).rows
    assert [row[1] for row in rows[:2]] == ["amygdala, right", "hippocampus, left"]
    assert [row[0] for row in rows] == ["log-Jacobian map"] * 2 + ["T1w image"] * 2
    assert rows[1][2:] == ["8.1", "2.0"]
    note = regions.tabulate(Run(reported)).note
    assert "1 is the average voxel of the brain" in note
    assert (
        "Outside the brain lies 3.4 % of that to the log-Jacobian map and 0.0 % of that"
        " to the T1w image." in note
    )


def test_densities_over_the_whole_grid_are_not_shown(run: Path) -> None:
    """As versions before 1 was the brain's average wrote them."""
    write_attribution(run, "one")
    card = read_json(run / "attribution" / "attribution.json")
    del card["density"]
    write_json(run / "attribution" / "attribution.json", card)
    with pytest.raises(MissingDerivativeError, match="divided by the whole grid"):
        regions.tabulate(Run(run))


def test_small_groups_are_marked(reported: Path) -> None:
    table = subgroups.tabulate(Run(reported))
    groups = {row[1].removesuffix(" *"): row for row in table.rows}
    assert {"F", "M", "70-79"} <= set(groups)
    assert any(row[1].endswith(" *") for row in table.rows)
    assert "read nothing into it" in table.note


def test_every_model_stands_beside_the_volume_of_the_hippocampus(
    reported: Path,
) -> None:
    table = volumes.tabulate(Run(reported))
    assert table.columns[2:] == ["Above hippocampal_volume"]
    rows = {row[0]: row[2] for row in table.rows}
    assert list(rows) == Run(reported).compared()
    assert rows.pop("hippocampal_volume") == "\u2013"
    assert all("[" in shown for shown in rows.values())
    assert "on the volume of the hippocampi, over head size" in table.note
    assert "the models are told where the disease is" in table.note
    compared = comparison.tabulate(Run(reported))
    (bar,) = (row for row in compared.rows if row[0] == "hippocampal_volume")
    assert bar[-1] == "outside the family"
    assert bar[-2] == "\u2013", "it is corrected with no others"
    assert "hippocampal_volume" in [
        row[0] for row in models.tabulate(Run(reported)).rows
    ]


def test_a_volume_that_the_maps_cannot_have_is_said_beside_the_other() -> None:
    words = volumes.volume_words(
        VolumeModels(
            models=("hippocampal_volume",),
            reason=None,
            absent={"hippocampal_ventricular_volume": "no voxel of ventricles"},
        )
    )
    assert words.endswith("No hippocampal_ventricular_volume: no voxel of ventricles.")


def test_power_is_not_asked_of_what_stands_in_every_table(reported: Path) -> None:
    pairs = {pair.model for pair in Run(reported).power.pairs}
    assert pairs == {"cross_attention", "early_fusion", "jsm_only"}


def test_volumes_of_real_participants_are_no_simulation(tmp_path: Path) -> None:
    strengths = {"one": 1.5, "hippocampal_volume": 1.0}
    small = FakeRun(
        participants=16,
        folds=2,
        origin="real",
        strengths=strengths | {"hippocampal_ventricular_volume": 1.1},
    )
    folder = small.write(tmp_path)
    evaluate_run(folder, resamples=100)
    table = volumes.tabulate(Run(folder))
    assert "simulation" not in table.note
    assert "on the volume of the hippocampi, or on that of the hippocampi and" in (
        table.note
    )
    assert len(table.columns) == 4


def test_age_sex_and_head_size_alone_stand_below_the_networks(reported: Path) -> None:
    names = [row[0] for row in comparison.tabulate(Run(reported)).rows]
    assert names[-1] == "covariates"
    assert names[:-1] == Run(reported).models()


def test_intervals_beside_many_columns_stand_below_their_values() -> None:
    """Long names of models would be cut off on paper otherwise."""
    row = ["hippocampal_volume", "0.5 [0.4, 0.6]", *["1"] * 7]
    assert Table("", [str(n) for n in range(9)], [row]).is_stacked
    assert not Table("", [str(n) for n in range(8)], [row[:8]]).is_stacked
