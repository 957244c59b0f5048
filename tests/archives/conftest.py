"""An empty download of ADNI."""

from pathlib import Path

import pytest

from tests.archives.trees import Ida


@pytest.fixture
def ida(tmp_path: Path) -> Ida:
    return Ida(tmp_path)
