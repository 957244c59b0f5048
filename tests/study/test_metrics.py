"""``metrics.json``: what is written is read again, older versions too."""

import shutil
from pathlib import Path

import pytest

from crosswarp.bids.tables import write_table
from crosswarp.documents import read_json
from crosswarp.errors import InputError, MissingDerivativeError
from crosswarp.evaluation.evaluate import evaluate_run
from crosswarp.files import write_json
from crosswarp.provenance import products_of
from crosswarp.study.metrics import NOT_EXCHANGED, read_metrics, write_metrics
from crosswarp.study.names import METRICS
from tests.report.fake_run import FakeRun

SMALL = FakeRun(
    participants=12, folds=2, strengths={"one": 1.0}, classes=("CN", "MCI", "AD")
)


@pytest.fixture(scope="module")
def evaluated(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """Predictions of three classes, evaluated; tests copy it."""
    run = tmp_path_factory.mktemp("evaluated")
    write_table(run / "predictions.tsv", SMALL.predictions())
    evaluate_run(run, resamples=100)
    return run


@pytest.fixture
def run(evaluated: Path, tmp_path: Path) -> Path:
    return Path(shutil.copytree(evaluated, tmp_path / "run"))


def test_what_was_read_is_written_byte_for_byte(run: Path) -> None:
    before = (run / METRICS).read_bytes()
    record = read_json(run / METRICS)
    write_metrics(
        run,
        read_metrics(run),
        products=record["products"],
        sources=record["made_from"],
    )
    assert (run / METRICS).read_bytes() == before
    assert set(record["products"]) == set(products_of(run, record["products"]))


def test_a_file_of_an_earlier_version_is_read(run: Path) -> None:
    older = read_json(run / METRICS)
    for name in ("exchange", "pretraining", "products", "made_from"):
        del older[name]
    model = older["models"]["one"]
    del model["by_class"]
    for cell in model["cells"]:
        del cell["temperature"]["log_se"], cell["temperature"]["fitted_on"]
    for entry in model["calibration"]:
        del entry["slope"], entry["intercept"], entry["in_the_large"]
    write_json(run / METRICS, older | {"of_a_later_one": 1})
    found = read_metrics(run)
    assert found.exchange.reason == NOT_EXCHANGED
    assert found.models["one"].by_class == ()
    assert found.models["one"].calibration[0].slope is None
    assert found.models["one"].cells[0].temperature.log_se is None


@pytest.mark.parametrize(
    ("changes", "fault"),
    [
        ({"models": None}, "models: "),
        ({"participants": "many"}, "participants: "),
        ({"flags": "none"}, "flags: "),
    ],
)
def test_what_is_no_evaluation_is_refused(
    run: Path, changes: dict[str, object], fault: str
) -> None:
    write_json(run / METRICS, read_json(run / METRICS) | changes)
    again = rf"{fault}.*; run `crosswarp evaluate .*` again"
    with pytest.raises(InputError, match=again):
        read_metrics(run)


def test_a_field_that_is_gone_is_named(run: Path) -> None:
    whole = read_json(run / METRICS)
    del whole["primary"]["reference"]
    write_json(run / METRICS, whole)
    with pytest.raises(InputError, match=r"primary\.reference: Field required"):
        read_metrics(run)


def test_without_an_evaluation_the_command_is_named(tmp_path: Path) -> None:
    with pytest.raises(MissingDerivativeError, match="`crosswarp evaluate` writes it"):
        read_metrics(tmp_path)
