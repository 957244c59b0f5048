"""A tiny cohort on disk."""

from pathlib import Path

import pytest

from crosswarp.inputs.scan_files import Derivatives
from tests.tiny_maps import RESOLUTION, SPACE, write_tiny_cohort


@pytest.fixture
def tiny(tmp_path: Path) -> Path:
    write_tiny_cohort(tmp_path, participants=4)
    return tmp_path


@pytest.fixture
def derivatives(tiny: Path) -> Derivatives:
    return Derivatives(tiny / "derivatives", SPACE, RESOLUTION)
