"""A real head with its regions, and small virtual cohorts."""

from pathlib import Path

import pytest

from crosswarp.bids.diagnoses import Diagnosis
from crosswarp.simulation.heads import Head, label_head, load_head
from crosswarp.simulation.settings import (
    AcquisitionSettings,
    AtrophySettings,
    Normal,
    SimulationSettings,
)


@pytest.fixture(scope="session")
def labels(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """Label map of the head that has the atlas's own."""
    folder = tmp_path_factory.mktemp("labels")
    label_head("mni2009c", folder)
    return folder


@pytest.fixture(scope="session")
def head(labels: Path) -> Head:
    return load_head("mni2009c", labels)


@pytest.fixture(scope="session")
def colin(tmp_path_factory: pytest.TempPathFactory) -> Head:
    """The man's head; its labels come through a real registration, some ten seconds."""
    folder = tmp_path_factory.mktemp("colin27")
    label_head("colin27", folder)
    return load_head("colin27", folder)


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
