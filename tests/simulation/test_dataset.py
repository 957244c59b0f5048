"""What lies on disk: the same bytes each time, and a data set that BIDS takes."""

import json
import subprocess
import time
from pathlib import Path

import nibabel as nib
import numpy as np
import pytest

from crosswarp.bids.names import raw_path
from crosswarp.errors import ScanError
from crosswarp.readers.reading import read_t1w
from crosswarp.simulation.acquisition import scanner_lattice
from crosswarp.simulation.cohort import simulate_cohort
from crosswarp.simulation.dataset import (
    MadeScan,
    numbers_done,
    record_path,
    truth_folder,
    write_participant,
)
from crosswarp.simulation.drawing import VirtualParticipant, draw_participant
from crosswarp.simulation.participant import RegionTruth
from crosswarp.simulation.scanning import ScanTruth
from crosswarp.simulation.settings import SimulationSettings
from crosswarp.types.arrays import SpatialMap

TRUTH = MadeScan(
    [RegionTruth("amygdala_left", 1000.0, 800.0, 0.8, 0.9, 1.0)],
    ScanTruth(0.0, 0.0, "none"),
)

GZIP_TIME = slice(4, 8)
"""Bytes of a gzip file that hold when it was packed."""


@pytest.fixture(scope="module")
def person(small_settings: SimulationSettings) -> VirtualParticipant:
    return draw_participant(12, small_settings)


@pytest.fixture
def scan(rng: np.random.Generator, grid_shape: tuple[int, int, int]) -> SpatialMap:
    values = rng.uniform(-50, 40_000, grid_shape).astype(np.float32)
    return SpatialMap(values, scanner_lattice(2.0).affine)


def write(out: Path, person: VirtualParticipant, scan: SpatialMap) -> Path:
    write_participant(out, person, scan, TRUTH, "0123")
    return raw_path(out, person.scan)


def test_the_clock_is_not_in_the_bytes(
    tmp_path: Path, person: VirtualParticipant, scan: SpatialMap
) -> None:
    first = write(tmp_path / "a", person, scan).read_bytes()
    time.sleep(1.1)
    second = write(tmp_path / "b", person, scan).read_bytes()
    assert first == second
    assert first[GZIP_TIME] == bytes(4)


def test_a_scan_is_stored_as_a_scanner_would(
    tmp_path: Path, person: VirtualParticipant, scan: SpatialMap
) -> None:
    image = nib.load(write(tmp_path, person, scan))
    assert image.get_data_dtype() == np.int16
    assert (image.header["sform_code"], image.header["qform_code"]) == (1, 1)
    assert image.header.get_xyzt_units()[0] == "mm"
    np.testing.assert_allclose(image.affine, scan.affine, atol=1e-4)
    np.testing.assert_allclose(image.header.get_qform(), scan.affine, atol=1e-4)
    expected = np.clip(np.round(scan.values), 0, 32_767)
    np.testing.assert_array_equal(np.asanyarray(image.dataobj), expected)


def test_a_scan_of_eight_bits_is_stored_in_eight(
    tmp_path: Path, person: VirtualParticipant, scan: SpatialMap
) -> None:
    dark = SpatialMap(scan.values * np.float32(255 / 40_000), scan.affine)
    image = nib.load(write(tmp_path, person, dark))
    assert image.get_data_dtype() == np.uint8
    expected = np.clip(np.round(dark.values), 0, 255)
    np.testing.assert_array_equal(np.asanyarray(image.dataobj), expected)


def test_a_truncated_file_cannot_be_read(
    tmp_path: Path, person: VirtualParticipant, scan: SpatialMap
) -> None:
    made = MadeScan(TRUTH.regions, ScanTruth(0.0, 0.0, "truncated_file"))
    whole = write(tmp_path / "a", person, scan)
    write_participant(tmp_path / "b", person, scan, made, "0123")
    path = raw_path(tmp_path / "b", person.scan)
    assert path.stat().st_size == int(whole.stat().st_size * 0.6)
    with pytest.raises(ScanError):
        read_t1w(path)


def test_who_is_done_is_found(
    tmp_path: Path, person: VirtualParticipant, scan: SpatialMap
) -> None:
    assert numbers_done(tmp_path) == []
    write(tmp_path, person, scan)
    assert numbers_done(tmp_path) == [12]
    assert record_path(tmp_path, person.scan).parent == truth_folder(tmp_path)


def errors_of_validator(root: Path) -> list[tuple[str, str]]:
    # The headers are read as well: these are whole images.
    run = subprocess.run(
        ["bids-validator-deno", "--json", str(root)],
        capture_output=True,
        text=True,
        check=False,
    )
    issues = json.loads(run.stdout)["issues"]["issues"]
    return [
        (issue["code"], issue.get("location", ""))
        for issue in issues
        if issue["severity"] == "error"
    ]


@pytest.mark.slow
def test_the_validator_takes_a_cohort_and_its_truth(
    out: Path, small_settings: SimulationSettings
) -> None:
    simulate_cohort(out, small_settings)
    assert errors_of_validator(out) == []
    assert errors_of_validator(truth_folder(out)) == []
    (out / "sub-001/anat/sub-001_brain.nii.gz").write_bytes(b"")
    assert errors_of_validator(out)
