"""A real head with its regions, and small virtual cohorts."""

from pathlib import Path

import pytest

from crosswarp.bids.diagnoses import Diagnosis
from crosswarp.simulation.base_heads import take_over_head
from crosswarp.simulation.dataset import truth_folder
from crosswarp.simulation.heads import Head, load_head
from crosswarp.simulation.settings import (
    AcquisitionSettings,
    AtrophySettings,
    Normal,
    SimulationSettings,
)
from tests.sharing import ready_head


@pytest.fixture(scope="session")
def atlas_head(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """Root of a cohort with the head that has the atlas's own labels; only read."""
    return ready_head(tmp_path_factory, "mni2009c")


@pytest.fixture(scope="session")
def labels(atlas_head: Path) -> Path:
    """Folder of that head."""
    return truth_folder(atlas_head)


@pytest.fixture(scope="session")
def head(labels: Path) -> Head:
    return load_head("mni2009c", labels)


@pytest.fixture(scope="session")
def colin(tmp_path_factory: pytest.TempPathFactory) -> Head:
    """The man's head; its labels come through a real registration, some ten seconds."""
    return load_head("colin27", truth_folder(ready_head(tmp_path_factory, "colin27")))


@pytest.fixture
def out(tmp_path: Path, atlas_head: Path) -> Path:
    """Folder for a cohort, with its real head: to make that ready takes seconds."""
    take_over_head(atlas_head, tmp_path / "bids", "mni2009c")
    return tmp_path / "bids"


@pytest.fixture(scope="session")
def small_settings() -> SimulationSettings:
    """Few regions and wide voxels: a head takes a second."""
    severity = {
        Diagnosis.CN: Normal(mean=0, sd=0.1),
        Diagnosis.MCI: Normal(mean=0.5, sd=0.1),
        Diagnosis.AD: Normal(mean=1, sd=0.1),
    }
    return SimulationSettings(
        participants=2,
        seed=3,
        heads=("mni2009c",),
        atrophy=AtrophySettings(
            pattern={"hippocampus": 0.7, "lateral_ventricle": 1.6}, severity=severity
        ),
        acquisition=AcquisitionSettings(spacing=4.0),
    )
