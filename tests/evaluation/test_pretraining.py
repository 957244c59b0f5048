"""Evaluation does not pass over whom a network's pretraining has seen."""

from pathlib import Path

import pytest

from crosswarp.bids.tables import write_table
from crosswarp.errors import InputError, LeakageError
from crosswarp.evaluation.evaluate import evaluate_run
from crosswarp.files import write_json
from tests.report.fake_run import FakeRun


@pytest.fixture
def run(tmp_path: Path) -> Path:
    write_table(tmp_path / "predictions.tsv", FakeRun().predictions())
    return tmp_path


def record(run: Path, participants: list[str], told: bool) -> None:
    models = {"cross_attention": {"participants": participants}, "gone": {}}
    content = {"test_on_pretrained": told, "models": models}
    write_json(run / "pretraining.json", content)


def in_test(run: Path) -> list[str]:
    lines = (run / "predictions.tsv").read_text().splitlines()
    column = lines[0].split("\t").index("participant_id")
    return sorted({line.split("\t")[column] for line in lines[1:]})


def test_a_network_tested_on_whom_it_saw_is_refused(run: Path) -> None:
    someone = in_test(run)[0]
    record(run, [someone, "sub-else"], told=False)
    with pytest.raises(
        LeakageError, match=f"cross_attention is tested on 1 .* seen: {someone};"
    ):
        evaluate_run(run, resamples=100)
    assert not (run / "metrics.json").exists()


def test_when_told_it_is_shown(run: Path) -> None:
    someone = in_test(run)[0]
    record(run, [someone, "sub-else"], told=True)
    metrics = evaluate_run(run, resamples=100).metrics
    assert metrics.pretraining["cross_attention"].tested_on == (someone,)
    (flag,) = [f for f in metrics.flags if "pretraining" in f]
    assert flag.startswith("cross_attention was tested on 1 participants")
    assert flag.endswith("Its results may be too good.")


def test_others_who_were_seen_do_no_harm(run: Path) -> None:
    record(run, ["sub-else"], told=False)
    metrics = evaluate_run(run, resamples=100).metrics
    assert metrics.pretraining["cross_attention"].tested_on == ()
    assert not [f for f in metrics.flags if "pretraining" in f]


def test_a_record_that_is_none_is_refused(run: Path) -> None:
    write_json(run / "pretraining.json", ["cross_attention"])
    with pytest.raises(InputError, match=r"should hold values by name, .* train again"):
        evaluate_run(run, resamples=100)
