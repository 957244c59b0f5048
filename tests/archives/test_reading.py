"""Scans of an archive are read by the preprocessing, where its cohort says."""

from pathlib import Path

import numpy as np

from crosswarp.archives.writer import write_import
from crosswarp.bids.dataset import find_scans
from crosswarp.readers.source import read_source
from crosswarp.types.arrays import SpatialMap
from tests.archives.trees import MPRAGE, Ida, dx, imported, write_csv
from tests.dicom_series import write_series


def test_slices_of_the_ida_become_a_scan(
    ida: Ida, tmp_path: Path, rng: np.random.Generator
) -> None:
    ptid = "999_S_10001"
    folder = ida.dicom(ptid, MPRAGE, "2024-03-01", 77, slices=40)
    named = sorted(folder.iterdir())
    volume = SpatialMap(
        rng.integers(1, 900, (64, 72, 40)).astype(np.float32), np.diag([3, 3, 4, 1.0])
    )
    for path, name in zip(
        write_series(tmp_path / "slices", volume), named, strict=True
    ):
        path.rename(name)
    write_csv(ida.root / "DXSUM_3Feb2026.csv", [dx(ptid, "4_bl", "2024-04-01", 1)])
    out = tmp_path / "out"
    out.mkdir()
    write_import(imported(ida.root), out / "cohort.tsv", out / "excluded.tsv")
    [raw] = find_scans(out / "cohort.tsv").scans
    assert raw.scan.label == "sub-999S10001_ses-20240301"
    assert sorted(read_source(raw.path).scan.extent) == [40, 64, 72]
