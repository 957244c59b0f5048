"""The comparison of scalings: every variant once, on the same folds, and resumed."""

from pathlib import Path

import numpy as np
import pytest
from benchmarks import linear_scaling
from benchmarks.linear_scaling import (
    ONE_SCALE,
    OWN_SD,
    SMOOTHED,
    Source,
    compare,
    figure_of,
    from_folder,
    table,
)
from benchmarks.validation_study.difficulty import cohort_of
from benchmarks.validation_study.figures import write_figure
from benchmarks.validation_study.pieces import rows_of

from tests.tiny_maps import EXTENT, REGION, tiny_brain, write_tiny_cohort


def made_up(rng: np.random.Generator) -> Source:
    """A region varies together and holds the effect; the rest is quiet noise."""
    diagnoses = np.array(["CN", "AD"] * 16)
    jsm = rng.normal(0, 0.01, (32, *EXTENT)).astype(np.float32)
    jsm[:, *REGION] += rng.normal(0, 0.2, 32)[:, None, None, None]
    jsm[diagnoses == "AD", *REGION] -= 0.5
    volumes = jsm[:, *REGION].reshape(32, -1)[:, :3]
    cohort, spacing = cohort_of(diagnoses), (2.0, 2.0, 2.0)
    return Source("made up", cohort, {"jsm": jsm}, tiny_brain(), spacing, volumes)


@pytest.mark.slow
def test_one_scale_finds_what_own_sds_hide(
    tmp_path: Path, rng: np.random.Generator, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(linear_scaling, "DEALINGS", 1)
    compare(tmp_path, made_up(rng))
    rows = rows_of(tmp_path, linear_scaling.EXPERIMENT)
    assert len(rows) == 3 * 3 + 2
    found = rows.set_index(["model", "way"])["auc"]
    for classifier in ("logistic", "svm", "gaussian_process"):
        before, after = (found[f"{classifier}, jsm", w] for w in (OWN_SD, ONE_SCALE))
        assert after > 0.9, classifier
        assert after >= before, classifier
        assert found[f"{classifier}, jsm", SMOOTHED] > 0.85, classifier
    lines = table(rows)
    assert lines[0] == f"| maps | model | {OWN_SD} | {ONE_SCALE} | {SMOOTHED} |"
    assert len(lines) == 2 + 4
    write_figure(tmp_path / "a.svg", figure_of(rows), "AUC.")
    assert "never evidence" in (tmp_path / "a.svg").read_text(encoding="utf-8")


def test_a_cohorts_maps_are_in_its_order(tmp_path: Path) -> None:
    write_tiny_cohort(tmp_path, participants=4)
    source = from_folder(tmp_path)
    assert set(source.maps) == {"t1w", "jsm"}
    assert source.volumes is None, "the atlas is on another grid"
    shrunken = source.maps["jsm"][:, *REGION].mean(axis=(1, 2, 3)) < -0.5
    assert (shrunken == (source.cohort["diagnosis"] == "AD")).all()
    views = next(linear_scaling.variants(source)).views(source, np.ones(4, bool))
    assert set(views) == {0.0}
