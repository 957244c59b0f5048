"""A tiny cohort of two visits each, with maps of the change between them."""

from pathlib import Path

import numpy as np
import pandas as pd

from crosswarp.bids.cohort import read_cohort, write_cohort
from crosswarp.bids.ids import ScanId
from crosswarp.documents import read_object
from crosswarp.files import write_json
from tests.tiny_maps import EXTENT, REGION, map_path, tiny_brain, write_map
from tests.training.conftest import Tiny

FIRST, LATER = "ses-M00", "ses-M12"
DESCRIPTIONS = ("preproc", "logjacobian")


def record(path: Path) -> Path:
    """The sidecar of a map."""
    return path.with_name(path.name.replace(".nii.gz", ".json"))


def add_visits(tiny: Tiny, years: float | None = 2.0) -> None:
    """Make each scan the later one of two, and add maps of the change: less in AD."""
    cohort = read_cohort(tiny.folder / "cohort.tsv")
    maps, rng = tiny.folder / "derivatives", np.random.default_rng(5)
    for row in cohort.to_dict("records"):
        person = str(row["participant_id"])
        before, later = ScanId(person), ScanId(person, LATER)
        for desc in DESCRIPTIONS:
            old, new = (map_path(maps, scan, desc) for scan in (before, later))
            new.parent.mkdir(parents=True, exist_ok=True)
            old.rename(new)
            record(old).rename(record(new))
        change = rng.normal(0, 0.02, EXTENT) * tiny_brain()
        change[REGION] -= 0.3 * (row["diagnosis"] == "AD")
        path = map_path(maps, later, "change")
        write_map(path, change)
        made = read_object(record(map_path(maps, later, "logjacobian")))
        content = {
            "FirstSession": FIRST,
            "LaterSession": LATER,
            "LaterFingerprint": made["Fingerprint"],
            "IntervalYears": years,
            "Settings": {"spacing": 2},
            "Fingerprint": f"change of {person}",
        }
        write_json(record(path), content)
    both = [cohort.assign(session_id=name) for name in (FIRST, LATER)]
    write_cohort(tiny.folder / "cohort.tsv", pd.concat(both))
