"""Maps for the pictures: found, averaged, refused."""

from pathlib import Path

import numpy as np
import pytest

from crosswarp.bids.ids import ScanId
from crosswarp.errors import MissingDerivativeError, ScanError, ShapeError
from crosswarp.report.maps import (
    example_scan,
    group_mean,
    map_path,
    read_map,
    template_map,
)
from crosswarp.report.run import Run
from tests.report.fake_run import save

AFFINE = np.diag([8.0, 8.0, 8.0, 1.0])


def log_jacobian(run: Path, number: int) -> Path:
    return map_path(Run(run), ScanId(f"sub-{number:03d}", "ses-M00"), "logjacobian")


def test_example_is_the_first_of_the_positive_class_that_has_maps(run: Path) -> None:
    assert example_scan(Run(run)) == (ScanId("sub-001", "ses-M00"), "AD")
    log_jacobian(run, 1).unlink()
    assert example_scan(Run(run))[0].participant_id == "sub-003"
    for number in range(16):
        log_jacobian(run, number).unlink(missing_ok=True)
    with pytest.raises(MissingDerivativeError, match=r"no maps of a tested AD scan"):
        example_scan(Run(run))


def test_group_mean_is_of_the_scans_with_that_diagnosis(run: Path) -> None:
    extent = read_map(log_jacobian(run, 0)).extent
    for number in range(16):
        value = 0.3 if number % 2 else -0.1 * number
        save(log_jacobian(run, number), np.full(extent, value), AFFINE)
    log_jacobian(run, 14).unlink()
    ill, count = group_mean(Run(run), "AD")
    assert count == 8
    np.testing.assert_allclose(ill.values, 0.3, rtol=1e-6)
    well, count = group_mean(Run(run), "CN")
    assert count == 7
    np.testing.assert_allclose(well.values, -0.1 * np.mean(range(0, 14, 2)), rtol=1e-6)


def test_one_scan_is_no_group(run: Path) -> None:
    for number in range(3, 16, 2):
        log_jacobian(run, number).unlink()
    with pytest.raises(MissingDerivativeError, match=r"too few .* of AD .*: 1"):
        group_mean(Run(run), "AD")


def test_maps_on_other_grids_are_refused(run: Path) -> None:
    save(log_jacobian(run, 3), np.zeros((4, 5, 6)), AFFINE)
    with pytest.raises(ShapeError, match=r"sub-003.* has extent \(4, 5, 6\), others"):
        group_mean(Run(run), "AD")


def test_map_with_four_axes_is_refused(tmp_path: Path) -> None:
    save(tmp_path / "four.nii.gz", np.zeros((3, 4, 5, 2)), AFFINE)
    with pytest.raises(ScanError, match=r"four\.nii\.gz should have three axes, got 4"):
        read_map(tmp_path / "four.nii.gz")


def test_template_that_was_not_kept_is_none(run: Path) -> None:
    assert template_map(Run(run), "mask") is not None
    for path in (run.parent / "derivatives").glob("tpl-*"):
        path.unlink()
    assert template_map(Run(run), "mask") is None
