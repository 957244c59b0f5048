"""`crosswarp predict` and `crosswarp preprocess`, as a shell calls them."""

import json
from pathlib import Path

import pandas as pd
import pytest
import torch
from typer.testing import CliRunner

import crosswarp
from crosswarp.cli.main import app
from crosswarp.errors import InputError
from crosswarp.models.build import build_network
from crosswarp.models.bundle import save_bundle
from crosswarp.models.bundle_card import ReferenceMaps
from crosswarp.preprocessing.cohort import run_plan
from tests.prediction.test_predict import card, write_bundle
from tests.preprocessed import Preprocessed, raw_t1w

GREEDY = ("--registration", "greedy")

TEMPORAL = ((24, 73), (38, 76), (18, 56))
"""A box around both hippocampi: a network sees it ten times as fast as the brain."""

pytestmark = [pytest.mark.slow, pytest.mark.registration]


@pytest.fixture
def words(preprocessed: Preprocessed, tmp_path: Path) -> list[str]:
    bundle = write_bundle(tmp_path / "bundle")
    scan = raw_t1w(preprocessed.raw, "sub-good")
    return ["predict", str(bundle), str(scan), str(preprocessed.out), "--quiet"]


def test_the_probability_is_printed(words: list[str]) -> None:
    result = CliRunner().invoke(app, words)
    assert result.exit_code == 0, result.output
    lines = result.output.splitlines()
    assert lines[0] == "sub-good: quality control: ok"
    assert "sub-good: probability of AD 0." in result.output
    assert "sub-good: decision " in result.output
    assert "written by an earlier version, without temperature" in result.output
    assert "not a medical device" in result.output
    page = next(line for line in lines if line.startswith("page: "))
    assert "Answer of compact_cross_attention" in Path(page[6:]).read_text("utf-8")


def test_json_for_programs(words: list[str]) -> None:
    result = CliRunner().invoke(app, [*words, "--json"])
    answer = json.loads(result.stdout)
    assert next(iter(answer)) == "quality"
    assert sum(p["mean"] for p in answer["probabilities"].values()) == pytest.approx(1)


def test_what_is_known_of_the_person_is_of_one_scan(words: list[str]) -> None:
    folder = [words[0], words[1], str(Path(words[2]).parents[2]), *words[3:]]
    result = CliRunner().invoke(app, [*folder, "--age", "70"])
    assert result.exit_code == 1
    assert "is a cohort, whose table has age" in str(result.exception)
    result = CliRunner().invoke(app, [*words, "--prevalence", "10"])
    assert "is a share between 0 and 1" in str(result.exception)


def test_one_scan_is_explained_beside_its_answer(
    words: list[str], preprocessed: Preprocessed, tmp_path: Path
) -> None:
    known = ReferenceMaps(diagnosis="CN", participants=12)
    described = card(reference_maps=known, box=TEMPORAL)
    network = build_network(described.model, 2, described.extent)
    means = [torch.full((1, 1, *described.extent), value) for value in (0.3, 0.0)]
    save_bundle(tmp_path / "kept", network, described, (means[0], means[1]))
    asked = ["explain", str(tmp_path / "kept"), *words[2:]]
    result = CliRunner().invoke(app, asked)
    assert result.exit_code == 0, result.output
    assert "logits: T1w image" in result.output
    assert "logits, by occlusion" in result.output
    page = result.output.split("page: ")[1].strip()
    assert "What each region says for AD" in Path(page).read_text("utf-8")
    found = crosswarp.explain(tmp_path / "kept", words[2], preprocessed.out)
    assert found.shares["reference"] == found.found.shares.reference
    assert {"hippocampus", "amygdala"} <= set(found.regions["region"])
    assert len(found.attention) > 0
    assert found.maps()["jsm"].extent == described.grid_extent
    assert found.maps(on_scan=True)["jsm"].extent != described.grid_extent
    assert len(found.plot().axes) >= 3
    assert found.prediction.doubts.empty
    assert found.prediction.regions.empty
    assert set(found.prediction.shares) == {"t1w", "jsm", "reference"}
    with pytest.raises(InputError, match="the model, the scan and the output folder"):
        crosswarp.explain(tmp_path / "kept", words[2])


DOUBT = "the brain lies against the edge; is a part of the head cut off?"


@pytest.fixture
def doubted(monkeypatch: pytest.MonkeyPatch) -> None:
    """Let the quality control doubt every scan."""

    def ledger(*given: object, **chosen: object) -> pd.DataFrame:
        found = run_plan(*given, **chosen)  # type: ignore[arg-type]
        return found.assign(qc="check", reason=DOUBT)

    monkeypatch.setattr("crosswarp.prediction.predict.run_plan", ledger)


@pytest.mark.usefixtures("doubted")
def test_what_must_be_checked_is_said_before_the_probability(words: list[str]) -> None:
    first, second, *rest = CliRunner().invoke(app, words).output.splitlines()
    assert first == f"sub-good: quality control: check, {DOUBT}"
    assert "probability of CN" in second
    assert DOUBT not in "\n".join(rest)  # said once


@pytest.mark.usefixtures("doubted")
def test_strict_makes_it_an_error(words: list[str]) -> None:
    result = CliRunner().invoke(app, [*words, "--strict"])
    assert result.exit_code == 1
    assert "probability" not in result.output
    assert DOUBT in str(result.exception)
    assert "\n" not in str(result.exception)


def test_preprocess_ends_with_what_failed(preprocessed: Preprocessed) -> None:
    words = ["preprocess", str(preprocessed.raw), str(preprocessed.out)]
    result = CliRunner().invoke(app, [*words, *GREEDY, "--resolution", "2", "--quiet"])
    assert result.exit_code == 1
    assert "4 of 5 scans failed, see" in str(result.exception)


def test_preprocess_of_one_participant(
    preprocessed: Preprocessed, tmp_path: Path
) -> None:
    result = CliRunner().invoke(
        app,
        [
            "preprocess",
            str(preprocessed.raw),
            str(tmp_path),
            *("--participant-label", "zeros"),
            "--quiet",
        ],
    )
    assert "1 of 1 scans failed" in str(result.exception)
