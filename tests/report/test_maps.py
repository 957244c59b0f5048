"""Maps for the pictures: found, averaged, refused."""

from pathlib import Path

import numpy as np
import pytest

from crosswarp.bids.ids import ScanId
from crosswarp.errors import MissingDerivativeError, ScanError
from crosswarp.report.maps import (
    example_scan,
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


def test_map_with_four_axes_is_refused(tmp_path: Path) -> None:
    save(tmp_path / "four.nii.gz", np.zeros((3, 4, 5, 2)), AFFINE)
    with pytest.raises(ScanError, match=r"four\.nii\.gz should have three axes, got 4"):
        read_map(tmp_path / "four.nii.gz")


def test_template_that_was_not_kept_is_none(run: Path) -> None:
    assert template_map(Run(run), "mask") is not None
    for path in (run.parent / "derivatives").glob("tpl-*"):
        path.unlink()
    assert template_map(Run(run), "mask") is None
