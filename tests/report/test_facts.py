"""What a run says of itself, and what it does not know."""

from pathlib import Path

import pandas as pd
import pytest
import yaml

from crosswarp.bids.tables import read_table, write_table
from crosswarp.documents import read_json
from crosswarp.files import write_json
from crosswarp.report.facts import FACTS, facts_of
from crosswarp.report.run import Run
from tests.report.fake_run import accept


def changed(run: Path, **settings: object) -> dict[str, str]:
    """Facts of the run after its training settings were changed."""
    path = run / "experiment.yaml"
    experiment = yaml.safe_load(path.read_text(encoding="utf-8"))
    experiment["training"] |= settings
    path.write_text(yaml.safe_dump(experiment), encoding="utf-8")
    return facts_of(Run(run))


def test_a_whole_run_tells_everything(reported: Path) -> None:
    facts = facts_of(Run(reported))
    assert set(facts) == set(FACTS)
    assert facts["participants"] == "40 participants (20 CN, 20 AD), 40 scans"
    assert facts["sites"] == "2 sites"
    assert facts["quality"].startswith("40 scans preprocessed, 1 refused or failed")
    assert facts["groups"] == "by sex, age band, site"
    assert facts["software"] == "crosswarp 0.1.0, torch 2.13.0, Python 3.11.7"
    assert facts["seed"] == "random, from seed 7"
    assert facts["power"].startswith("needed for 0.1 in AUC: ")
    assert facts["limits"].endswith("the participants are virtual")
    assert facts["attribution"] == "integrated gradients of cross_attention"


def test_predictions_alone_tell_who_was_tested(run: Path) -> None:
    for path in run.iterdir():
        if path.is_file() and path.name != "predictions.tsv":
            path.unlink()
    assert set(facts_of(Run(run))) == {"participants", "partitions", "limits"}


@pytest.mark.parametrize(
    ("settings", "fact", "told"),
    [
        ({"selection": "last"}, "selection", "the last epoch, fixed beforehand"),
        ({"selection": "best"}, "selection", "the lowest validation loss"),
        ({"selection": None}, "selection", "see the settings"),
        ({"class_weights": True}, "weights", "loss weighted by class"),
        ({}, "weights", "no class weights"),
        ({}, "training", "learning rate 0.00015, batch size 8, epochs 20"),
    ],
)
def test_settings_are_worded(
    run: Path, settings: dict[str, object], fact: str, told: str
) -> None:
    assert told in changed(run, **settings)[fact]


def test_unknown_sites_and_repeats_are_said(run: Path) -> None:
    cohort = run.parent / "cohort.tsv"
    write_table(cohort, read_table(cohort).assign(site=None))
    predictions = run / "predictions.tsv"
    table = read_table(predictions)
    again = table.assign(repeat=1)
    write_table(predictions, pd.concat([table, again]))
    facts = facts_of(Run(run))
    assert facts["sites"] == "sites are not known"
    assert facts["partitions"].startswith("2 folds by participant, repeated 2 times")


def test_more_than_was_simulated_is_said(reported: Path, tmp_path: Path) -> None:
    for name in ("predictions.tsv", "power.json", "power.tsv"):
        (tmp_path / name).write_bytes((reported / name).read_bytes())
    power = read_json(tmp_path / "power.json")
    power["pairs"] = power["pairs"][:1]
    power["pairs"][0] |= {"participants": None, "model": "one"}
    write_json(tmp_path / "power.json", power)
    accept(tmp_path, "power.json")
    told = facts_of(Run(tmp_path))["power"]
    assert told == f"needed for 0.1 in AUC: over {power['limit']} (one)"
