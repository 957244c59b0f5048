"""Mean difference and effect size at each voxel."""

import shutil
from pathlib import Path

import numpy as np
import pytest

from crosswarp.bids.ids import ScanId
from crosswarp.bids.names import template_path
from crosswarp.bids.tables import read_table, write_table
from crosswarp.errors import MissingDerivativeError, ShapeError
from crosswarp.report.figures import group_difference, group_means
from crosswarp.report.group_maps import (
    group_maps,
    group_moments,
    read_group_maps,
    write_group_maps,
)
from crosswarp.report.maps import map_path, read_map
from crosswarp.report.run import Run
from crosswarp.study.names import GROUP_MAPS_CARD
from tests.report.fake_run import SPACE, FakeRun, save

AFFINE = np.diag([8.0, 8.0, 8.0, 1.0])
EXTENT = (4, 5, 6)


def log_jacobian(run: Path, number: int, session: str = "ses-M00") -> Path:
    return map_path(Run(run), ScanId(f"sub-{number:03d}", session), "logjacobian")


def mask_path(run: Path) -> Path:
    root = run.parent / "derivatives"
    return template_path(root, space=SPACE, res=2, desc="brain", suffix="mask")


def random_maps(run: Path) -> dict[int, np.ndarray]:
    """Give every participant a small random map; odd numbers have AD."""
    rng = np.random.default_rng(0)
    maps = {}
    for number in range(16):
        maps[number] = rng.normal(0.1 * (number % 2), 1, EXTENT).astype(np.float32)
        save(log_jacobian(run, number), maps[number], AFFINE)
    return maps


def test_effect_is_the_one_of_all_maps_at_once(run: Path) -> None:
    maps = random_maps(run)
    log_jacobian(run, 14).unlink()
    ill = np.stack([maps[number] for number in range(1, 16, 2)]).astype(float)
    well = np.stack([maps[number] for number in range(0, 14, 2)]).astype(float)
    effect = group_maps(Run(run))
    assert effect.counts == {"CN": 7, "AD": 8}
    np.testing.assert_allclose(effect.means["CN"].values, well.mean(axis=0), atol=1e-6)
    difference = ill.mean(axis=0) - well.mean(axis=0)
    pooled = (7 * ill.var(axis=0, ddof=1) + 6 * well.var(axis=0, ddof=1)) / 13
    np.testing.assert_allclose(effect.difference.values, difference, atol=1e-6)
    np.testing.assert_allclose(
        effect.cohens_d.values, difference / np.sqrt(pooled), rtol=1e-5, atol=1e-6
    )
    write_group_maps(Run(run))
    read = read_group_maps(Run(run))
    assert read.counts == effect.counts
    assert list(read.means) == ["CN", "AD"]
    np.testing.assert_array_equal(read.cohens_d.values, effect.cohens_d.values)
    np.testing.assert_array_equal(read.means["AD"].affine, AFFINE)


def test_nothing_varies_and_nothing_outside_the_brain(run: Path) -> None:
    for number in range(16):
        values = np.full(EXTENT, 0.3 if number % 2 else 0.1)
        values[0] += 0.01 * number
        save(log_jacobian(run, number), values, AFFINE)
    brain = np.ones(EXTENT, dtype=np.float32)
    brain[:, 0] = 0
    save(mask_path(run), brain, AFFINE)
    effect = group_maps(Run(run))
    assert np.all(effect.cohens_d.values[1:] == 0)
    assert np.all(effect.cohens_d.values[0, 1:] > 1)
    np.testing.assert_allclose(effect.difference.values[1:, 1:], 0.2, rtol=1e-5)
    for found in (effect.difference, effect.cohens_d, *effect.means.values()):
        assert np.all(found.values[:, 0] == 0)


def test_a_person_counts_once(run: Path) -> None:
    maps = random_maps(run)
    path = run / "predictions.tsv"
    table = read_table(path)
    later = table[table["participant_id"] == "sub-001"].assign(session_id="ses-M12")
    write_table(path, type(table)(np.vstack([table, later]), columns=table.columns))
    visit = log_jacobian(run, 1, "ses-M12")
    visit.parent.mkdir(parents=True)
    save(visit, np.full(EXTENT, 100.0), AFFINE)
    moments = group_moments(Run(run), "AD")
    assert moments.count == 8
    first = np.stack([maps[number] for number in range(1, 16, 2)])
    np.testing.assert_allclose(moments.mean, first.mean(axis=0), atol=1e-6)


def test_one_person_is_no_group(run: Path) -> None:
    for number in range(3, 16, 2):
        log_jacobian(run, number).unlink()
    with pytest.raises(MissingDerivativeError, match=r"too few .* of AD .*: 1"):
        group_maps(Run(run))
    log_jacobian(run, 1).unlink()
    with pytest.raises(MissingDerivativeError, match=r"too few .* of AD .*: 0"):
        group_maps(Run(run))


def test_maps_on_other_grids_are_refused(run: Path) -> None:
    whole = read_map(log_jacobian(run, 0)).extent
    save(log_jacobian(run, 3), np.zeros(EXTENT), AFFINE)
    with pytest.raises(ShapeError, match=r"sub-003.* has extent \(4, 5, 6\), others"):
        group_moments(Run(run), "AD")
    for number in range(1, 16, 2):
        save(log_jacobian(run, number), np.zeros(EXTENT), AFFINE)
    with pytest.raises(
        ShapeError, match=rf"CN have extent \({whole[0]}, .* of AD \(4, 5"
    ):
        group_maps(Run(run))


def test_maps_of_an_earlier_report_serve_where_the_derivatives_are_not(
    run: Path,
) -> None:
    random_maps(run)
    write_group_maps(Run(run))
    before = read_group_maps(Run(run)).cohens_d.values
    shutil.rmtree(run.parent / "derivatives")
    write_group_maps(Run(run))
    np.testing.assert_array_equal(read_group_maps(Run(run)).cohens_d.values, before)
    drawn = group_difference.draw(Run(run))
    assert "8 tested AD" in drawn.caption
    # Not for other predictions.
    path = run / "predictions.tsv"
    write_table(path, read_table(path).iloc[::-1])
    write_group_maps(Run(run))
    with pytest.raises(MissingDerivativeError, match="derivatives is not where"):
        read_group_maps(Run(run))


def test_run_without_maps_says_why(run: Path) -> None:
    with pytest.raises(MissingDerivativeError, match="`crosswarp report` writes it"):
        read_group_maps(Run(run))
    shutil.rmtree(run.parent / "derivatives")
    folder = write_group_maps(Run(run))
    assert [path.name for path in folder.iterdir()] == [GROUP_MAPS_CARD]
    (folder / GROUP_MAPS_CARD).write_text("{")
    write_group_maps(Run(run))
    with pytest.raises(MissingDerivativeError, match="derivatives is not where"):
        read_group_maps(Run(run))


def test_three_classes_have_three_means_and_the_ends_differ(tmp_path: Path) -> None:
    classes = ("CN", "MCI", "AD")
    folder = FakeRun(
        participants=12, folds=2, classes=classes, strengths={"one": 1.0}
    ).write(tmp_path)
    found = group_maps(Run(folder))
    assert found.counts == dict.fromkeys(classes, 4)
    apart = found.means["AD"].values - found.means["CN"].values
    np.testing.assert_allclose(found.difference.values, apart, atol=1e-6)
    write_group_maps(Run(folder))
    figure = group_means.draw(Run(folder))
    assert "4 CN, 4 MCI, 4 AD" in figure.caption
    limits = {
        image.get_clim()
        for axes in figure.figure.axes
        for image in axes.images
        if image.get_cmap().name == "RdBu_r"
    }
    assert len(limits) == 1
