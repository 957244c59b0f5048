"""A study of a BIDS data set whose maps are tiny, made in this process in a moment."""

import zlib
from pathlib import Path

import numpy as np
import pytest
import yaml

from crosswarp.execution.work import Work
from crosswarp.preprocessing.request import ScanRequest
from crosswarp.preprocessing.scan import ScanResult
from crosswarp.registration.template import Template
from crosswarp.types.arrays import SpatialMap
from tests.made_maps import make_maps, write_scans
from tests.tiny_maps import EXTENT, REGION, tiny_affine, tiny_brain, write_map

MODEL = {"like": "compact_jsm", "name": "jsm", "features": 8, "standardise": "fixed"}

CHOICES = {
    "name": "tiny",
    "data": {"bids": "raw"},
    "preprocessing": {"resolution": 2},
    "folds": {"folds": 2},
    "models": [MODEL],
    "training": {"epochs": 1, "batch_size": 4},
    "evaluation": {"resamples": 100},
    "explanation": False,
}


def write_data(folder: Path, participants: int = 9) -> Path:
    """Write a data set: CN and AD in turn, and one scan more that is refused."""
    names = [f"sub-{n:02d}" for n in range(1, participants)]
    raw = write_scans(folder / "raw", *names)
    write_scans(raw, "sub-00", text="bad scan of")
    rows = [
        f"{name}\t{('CN', 'AD')[n % 2]}" for n, name in enumerate(["sub-00", *names])
    ]
    table = "\n".join(["participant_id\tdiagnosis", *rows, ""])
    (raw / "participants.tsv").write_text(table)
    return raw


def write_study(folder: Path, **changes: object) -> Path:
    """Write the file of a study of `write_data`."""
    path = folder / "study.yaml"
    folder.mkdir(exist_ok=True)
    path.write_text(yaml.safe_dump({**CHOICES, **changes}, sort_keys=False))
    return path


def tiny_maps(request: ScanRequest) -> ScanResult:
    """Stand in for the chain: noise, and in AD a region that shrinks."""
    return make_maps(request, _write)


def quick(monkeypatch: pytest.MonkeyPatch) -> None:
    """Let no registration run, and the template be tiny, too."""
    monkeypatch.setattr("crosswarp.preprocessing.data_set.WORK", Work(tiny_maps))
    brain = tiny_brain()
    template = Template(SpatialMap(brain.astype(np.float32), tiny_affine()), brain, 2)
    monkeypatch.setattr(
        "crosswarp.preprocessing.cohort.load_template", lambda *_: template
    )


def _write(path: Path, request: ScanRequest) -> None:
    if not path.name.endswith(".nii.gz"):
        path.write_text(request.fingerprint)
        return
    rng = np.random.default_rng(zlib.crc32(request.scan.label.encode()))
    values = rng.normal(0, 0.1, EXTENT) * tiny_brain()
    if int(request.scan.participant_id[-2:]) % 2:
        values[REGION] -= 1
    write_map(path, values)
