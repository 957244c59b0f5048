"""A BIDS data set of empty files: what is found depends on names alone."""

from collections.abc import Callable
from pathlib import Path

import pytest


@pytest.fixture
def add_scans(tmp_path: Path) -> Callable[..., None]:
    """Add T1w files, each given as ``sub-01[/ses-1][:name]``."""

    def add(*sessions: str) -> None:
        for session in sessions:
            folder, _, name = session.partition(":")
            path = tmp_path / folder / "anat" / (name or default_name(folder))
            path.parent.mkdir(parents=True, exist_ok=True)
            path.touch()

    return add


def default_name(folder: str) -> str:
    return f"{folder.replace('/', '_')}_T1w.nii.gz"
