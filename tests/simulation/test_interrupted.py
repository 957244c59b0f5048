"""A virtual cohort after a kill, a loss or a change: resumed, or said."""

import json
from pathlib import Path

import numpy as np
import pytest

from crosswarp.bids.names import raw_path
from crosswarp.bids.tables import read_table
from crosswarp.errors import LockedError, OccupiedError
from crosswarp.simulation import cohort
from crosswarp.simulation.cohort import ParticipantRequest, simulate_cohort
from crosswarp.simulation.dataset import (
    MadeScan,
    numbers_done,
    record_path,
    truth_folder,
    write_participant,
    write_tables,
)
from crosswarp.simulation.drawing import draw_participant, scan_of
from crosswarp.simulation.folder import claim
from crosswarp.simulation.heads import is_ready, labels_path
from crosswarp.simulation.participant import RegionTruth
from crosswarp.simulation.scanning import ScanTruth
from crosswarp.simulation.settings import SimulationSettings
from crosswarp.simulation.truth_files import true_files, write_true_maps
from crosswarp.simulation.truth_maps import TrueMaps
from crosswarp.simulation.verify import verify_virtual_cohort
from crosswarp.types.arrays import SpatialMap
from tests.locking import worked_on

REGIONS = [RegionTruth("amygdala_left", 1000.0, 800.0, 0.8, 0.9, 1.0)]


@pytest.fixture
def made(tmp_path: Path, small_settings: SimulationSettings) -> Path:
    """A cohort of two whose images hold next to nothing."""
    out = tmp_path / "bids"
    claim(out, small_settings)
    people = [draw_participant(number, small_settings) for number in (1, 2)]
    scan = SpatialMap(np.ones((4, 4, 4), np.float32), np.eye(4))
    nothing = np.zeros((4, 4, 4), np.float32)
    maps = TrueMaps(np.eye(4), np.zeros((4, 4, 4, 3), np.float32), nothing)
    for number, person in enumerate(people, 1):
        request = ParticipantRequest(out, number, small_settings)
        truth = truth_folder(out)
        write_true_maps(truth, person.scan, maps, 2)
        files = tuple(true_files(truth, person.scan, 2))
        done = MadeScan(REGIONS, ScanTruth(0.0, 0.0, "none"), files)
        write_participant(out, person, scan, done, request.fingerprint)
    write_tables(out, people)
    return out


def todo(out: Path, settings: SimulationSettings) -> list[int]:
    requests = [ParticipantRequest(out, number, settings) for number in (1, 2)]
    return [r.number for r in requests if not cohort._is_done(r)]


def test_what_is_whole_is_done(made: Path, small_settings: SimulationSettings) -> None:
    assert todo(made, small_settings) == []
    assert verify_virtual_cohort(made) == []
    simulate_cohort(made, small_settings)


@pytest.mark.parametrize("how", ["gone", "empty", "cut"])
@pytest.mark.parametrize("which", range(6))
def test_a_lost_product_is_made_again(
    made: Path, small_settings: SimulationSettings, which: int, how: str
) -> None:
    raw = raw_path(made, scan_of(2))
    files = [raw, raw.with_name(raw.name.replace(".nii.gz", ".json"))]
    files += true_files(truth_folder(made), scan_of(2), 2)
    whole = files[which].read_bytes()
    if how == "gone":
        files[which].unlink()
    else:
        files[which].write_bytes(b"" if how == "empty" else whole[:-1])
    assert todo(made, small_settings) == [2]
    [found] = verify_virtual_cohort(made)
    assert found.kind == ("gone" if how == "gone" else "damaged")
    assert found.path == files[which].relative_to(made).as_posix()


def test_changed_bytes_are_found(made: Path) -> None:
    path = true_files(truth_folder(made), scan_of(1), 2)[2]
    path.write_bytes(bytes(byte ^ 1 for byte in path.read_bytes()))
    [found] = verify_virtual_cohort(made)
    assert (found.kind, found.mend.split(" ")[:2]) == ("changed", ["rm", str(path)])


@pytest.mark.parametrize(
    "content", ["", "null", "[]", "{}", '{"Regions": 1}', "[" * 5000]
)
def test_a_record_that_is_none_stops_nobody(
    made: Path, small_settings: SimulationSettings, content: str
) -> None:
    record_path(made, scan_of(2)).write_text(content)
    (truth_folder(made) / "sub-strange_regions.json").write_text("{}")
    assert todo(made, small_settings) == [2]
    assert numbers_done(made) == [1]
    write_tables(made, [draw_participant(1, small_settings)])
    assert read_table(made / "participants.tsv")["participant_id"].tolist() == [
        "sub-001"
    ]
    kinds = {finding.kind for finding in verify_virtual_cohort(made)}
    assert kinds == {"damaged", "unfinished"}


def test_a_record_of_the_version_before_counts(
    made: Path, small_settings: SimulationSettings
) -> None:
    path = record_path(made, scan_of(1))
    record = json.loads(path.read_text())
    del record["products"], record["made_from"]
    path.write_text(json.dumps(record))
    assert todo(made, small_settings) == []
    raw_path(made, scan_of(1)).write_bytes(b"")
    assert todo(made, small_settings) == [1]


def test_a_cohort_killed_at_its_first_file_goes_on(
    tmp_path: Path, small_settings: SimulationSettings
) -> None:
    """The first file is the mark in the truth's folder."""
    truth = truth_folder(tmp_path)
    truth.mkdir(parents=True)
    (truth / ".part-host-1-simulation.json").touch()
    claim(tmp_path, small_settings)
    other = tmp_path / "other"
    (truth_folder(other) / "mine").mkdir(parents=True)
    (truth_folder(other) / "mine" / "notes.txt").touch()
    (truth_folder(other) / "mine" / "notes.txt").touch()
    with pytest.raises(OccupiedError):
        claim(other, small_settings)


def test_two_at_once_are_refused(
    made: Path, small_settings: SimulationSettings
) -> None:
    with worked_on(made), pytest.raises(LockedError):
        simulate_cohort(made, small_settings)


def test_an_empty_file_of_a_head_is_not_ready(labels: Path, tmp_path: Path) -> None:
    folder = tmp_path / "tpl-mni2009c"
    folder.mkdir()
    for path in (labels / "tpl-mni2009c").iterdir():
        (folder / path.name).symlink_to(path)
    path = labels_path(tmp_path, "mni2009c")
    assert is_ready(tmp_path, "mni2009c")
    path.unlink()
    path.write_bytes(b"")
    assert not is_ready(tmp_path, "mni2009c")
