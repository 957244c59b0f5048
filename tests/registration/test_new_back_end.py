"""A new back end is one file and one entry of the table: all else follows from it."""

import json
import os
import subprocess
import sys
from pathlib import Path

FILE = '''
"""Registers nothing: the identity."""

from typing import Literal

import numpy as np

from crosswarp.registration.result import Registration
from crosswarp.registration.schedules import BackendSettings, Resolution


class StillSettings(BackendSettings):
    backend: Literal["still"] = "still"
    resolution: Resolution = 2
    patience: int = 3


class Still:
    def __init__(self, settings):
        self.settings = settings

    def register(self, template, participant):
        shape = (*template.extent, 3)
        return Registration(np.eye(4), np.zeros(shape, np.float32))
'''

PROGRAM = """
import json
import numpy as np
from crosswarp.registration.table import BACK_ENDS, BackEnd
from still import StillSettings

BACK_ENDS["still"] = BackEnd(StillSettings, "still:Still", "nothing", "numpy")

from crosswarp.preprocessing.kept import settings_digest
from crosswarp.preprocessing.scan import _versions
from crosswarp.preprocessing.settings import PreprocessSettings
from crosswarp.registration.build import REGISTRATIONS, register, registration_named
from crosswarp.report.making import _registration
from crosswarp.training.experiment import Experiment
from crosswarp.types.arrays import SpatialMap

chosen = PreprocessSettings.model_validate(
    {"registration": {"backend": "still", "patience": 5}}
)
stored = chosen.model_dump(mode="json")
values = np.zeros((20, 20, 20), np.float32)
values[5:15, 5:15, 5:15] = np.arange(10)
image = SpatialMap(values, np.eye(4))
found = register(image, image, chosen.registration)
versions = _versions()
print(json.dumps({
    "names": list(REGISTRATIONS),
    "named": registration_named("still").model_dump(),
    "stored": stored["registration"],
    "again": PreprocessSettings.model_validate(stored) == chosen,
    "digests": settings_digest(stored) != settings_digest(
        PreprocessSettings(registration=StillSettings()).model_dump(mode="json")
    ),
    "moved": float(np.abs(found.displacement).max()),
    "words": _registration({"Settings": stored, "Versions": {"numpy": "2"}}),
    "experiment": Experiment._registered("still"),
    "version": "numpy" in versions,
}))
"""


def test_a_file_and_an_entry_are_enough(tmp_path: Path) -> None:
    (tmp_path / "still.py").write_text(FILE)
    paths = [str(tmp_path), *filter(None, [os.environ.get("PYTHONPATH")])]
    printed = subprocess.run(
        [sys.executable, "-c", PROGRAM],
        capture_output=True,
        text=True,
        check=False,
        env={**os.environ, "PYTHONPATH": os.pathsep.join(paths)},
    )
    assert printed.returncode == 0, printed.stderr
    assert json.loads(printed.stdout) == {
        "names": ["two_stage", "map", "greedy", "ants", "torch", "still"],
        "named": {"backend": "still", "resolution": 2, "patience": 3},
        "stored": {"backend": "still", "resolution": 2, "patience": 5},
        "again": True,
        "digests": True,
        "moved": 0.0,
        "words": "nothing (numpy 2, at 2 mm)",
        "experiment": "still",
        "version": True,
    }
