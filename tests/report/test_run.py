"""A run folder read on demand."""

from pathlib import Path

import pytest
import yaml

from crosswarp.errors import InputError, MissingDerivativeError
from crosswarp.report.run import Run


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
