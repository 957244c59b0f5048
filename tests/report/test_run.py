"""A run folder read on demand."""

from pathlib import Path

import pandas as pd
import pytest
import yaml

from crosswarp.bids.tables import read_table, write_table
from crosswarp.errors import InputError, MissingDerivativeError
from crosswarp.report.run import Run
from crosswarp.report.tables import quality


def rewrite(run: Path, **changes: object) -> None:
    path = run / "experiment.yaml"
    settings = yaml.safe_load(path.read_text(encoding="utf-8"))
    path.write_text(yaml.safe_dump(settings | changes), encoding="utf-8")


def test_models_stand_in_the_order_of_the_experiment(run: Path) -> None:
    assert Run(run).models() == ["one", "two"]
    rewrite(run, models=[{"name": "two"}, {"name": "never trained"}])
    assert Run(run).models() == ["two", "one"]


def test_relative_paths_count_from_the_run(run: Path) -> None:
    rewrite(run, cohort="../cohort.tsv")
    assert len(Run(run).cohort) == 16


def test_the_ledger_is_of_the_maps_of_the_run(run: Path) -> None:
    whole = len(Run(run).ledger)
    path = Run(run).linked("derivatives") / "ledger.tsv"
    ledger = read_table(path)
    grids = [ledger.assign(space="Own", resolution=n, overlap=n) for n in (1, 2)]
    write_table(path, pd.concat(grids))
    rewrite(run, space="Own", resolution=2)
    found = Run(run).ledger
    assert len(found) == whole
    assert set(found["overlap"]) == {2}
    table = quality.tabulate(Run(run))
    assert "resolution" not in [row[0] for row in table.rows]


def test_setting_that_is_missing_is_named(run: Path) -> None:
    rewrite(run, cohort=None)
    with pytest.raises(
        MissingDerivativeError, match=r"experiment\.yaml names no cohort"
    ):
        _ = Run(run).cohort


@pytest.mark.parametrize(
    ("text", "message"),
    [("a: [", r"is not a YAML file"), ("- a", r"settings by name, got \['a'\]")],
)
def test_experiment_that_is_none_is_refused(run: Path, text: str, message: str) -> None:
    (run / "experiment.yaml").write_text(text, encoding="utf-8")
    with pytest.raises(InputError, match=message):
        _ = Run(run).experiment
