"""One small data set, preprocessed once: a real head among scans that must fail."""

import shutil
from dataclasses import dataclass
from pathlib import Path

import numpy as np
import pandas as pd

from crosswarp.preprocessing.settings import PreprocessSettings
from crosswarp.registration.settings import GreedySettings
from tests.heads import colin27_path, write_head

FAST = PreprocessSettings(resolution=2, registration=GreedySettings())
"""For tests that need maps and not the best ones."""

QUICK = FAST.model_copy(
    update={"registration": GreedySettings(deformable_iterations=(10, 2))}
)
"""For maps that are compared with each other, or refused, and not looked at."""


@dataclass(frozen=True)
class Preprocessed:
    """Where the data set and its derivatives are."""

    raw: Path
    out: Path
    ledger: pd.DataFrame


def raw_t1w(root: Path, participant: str, extension: str = ".nii.gz") -> Path:
    return root / participant / "anat" / f"{participant}_T1w{extension}"


def write_data_set(root: Path) -> None:
    """Write a real head, and what may lie among real heads."""
    extent = (181, 217, 181)
    affine = np.diag([1.0, 1, 1, 1])
    affine[:3, 3] = (-90, -125, -71)
    (root / "sub-good" / "anat").mkdir(parents=True)
    shutil.copy(colin27_path(), raw_t1w(root, "sub-good"))
    cube = np.zeros(extent, np.int16)
    cube[50:130, 60:150, 50:130] = 500
    write_head(raw_t1w(root, "sub-cube"), cube, affine)
    write_head(raw_t1w(root, "sub-zeros"), np.zeros(extent, np.int16), affine)
    write_head(raw_t1w(root, "sub-volumes"), np.ones((20, 20, 20, 4), np.int16), affine)
    write_head(raw_t1w(root, "sub-cut"), cube, affine)
    whole = raw_t1w(root, "sub-cut").read_bytes()
    raw_t1w(root, "sub-cut").write_bytes(whole[: len(whole) // 2])


def preprocess_data_set(raw: Path, out: Path) -> Preprocessed:
    """Run the real chain, as `crosswarp preprocess` does."""
    # Imported here, so that tests without preprocessing do not wait for its libraries.
    from crosswarp.bids.dataset import find_scans
    from crosswarp.execution.pool import LocalEngine
    from crosswarp.preprocessing.cohort import preprocess_cohort

    write_data_set(raw)
    ledger = preprocess_cohort(find_scans(raw), out, FAST, engine=LocalEngine(2))
    return Preprocessed(raw, out, ledger)
