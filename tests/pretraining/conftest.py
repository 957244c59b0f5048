"""A tiny pretraining on disk: maps of people without a diagnosis."""

from pathlib import Path

import pytest
import yaml

from crosswarp.bids.tables import read_table, write_table
from crosswarp.pretraining.settings import PretrainingSettings, read_pretraining
from tests.tiny_maps import write_tiny_cohort

CHOICES = {
    "name": "tiny",
    "seed": 1,
    "derivatives": "derivatives",
    "scans": "scans.tsv",
    "model": {"like": "compact_cross_attention", "name": "fused", "features": 8},
    "mask": {"block_mm": 8, "share": 0.5},
    "epochs": 3,
    "batch_size": 4,
}


class TinyPretraining:
    """A folder with maps, a table without diagnoses, and a file to write."""

    def __init__(self, folder: Path) -> None:
        self.folder = folder
        write_tiny_cohort(folder, participants=10)
        scans = read_table(folder / "cohort.tsv")
        write_table(folder / "scans.tsv", scans[["participant_id", "session_id"]])

    def write(self, **changes: object) -> Path:
        path = self.folder / "pretraining.yaml"
        path.write_text(yaml.safe_dump({**CHOICES, **changes}))
        return path

    def settings(self, **changes: object) -> PretrainingSettings:
        return read_pretraining(self.write(**changes))


@pytest.fixture
def tiny(tmp_path: Path) -> TinyPretraining:
    return TinyPretraining(tmp_path)
