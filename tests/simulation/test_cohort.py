"""A cohort on disk: BIDS, resumable, the same bytes for the same seed."""

import shutil
from pathlib import Path

import numpy as np
import pandas as pd
import pytest

from crosswarp.bids.cohort import VIRTUAL_NOTICE, make_cohort
from crosswarp.bids.dataset import find_scans
from crosswarp.bids.diagnoses import Diagnosis
from crosswarp.bids.tables import read_table
from crosswarp.documents import read_json
from crosswarp.errors import IncompleteError, InputError, OccupiedError
from crosswarp.execution.progress import SilentProgress
from crosswarp.readers.reading import read_t1w
from crosswarp.simulation.cohort import simulate_cohort, simulate_participant
from crosswarp.simulation.dataset import numbers_done, truth_folder
from crosswarp.simulation.folder import claim
from crosswarp.simulation.heads import labels_path
from crosswarp.simulation.scanning import FAULTS
from crosswarp.simulation.settings import SimulationSettings
from crosswarp.simulation.verify import verify_virtual_cohort


class Counting(SilentProgress):
    """Counts what was done."""

    def __init__(self) -> None:
        self.pieces = 0

    def advance(self, note: str = "") -> None:
        del note
        self.pieces += 1


def images(out: Path) -> dict[str, bytes]:
    return {path.name: path.read_bytes() for path in out.glob("sub-*/anat/*.nii.gz")}


@pytest.fixture(scope="module")
def made(
    tmp_path_factory: pytest.TempPathFactory, small_settings: SimulationSettings
) -> Path:
    out = tmp_path_factory.mktemp("cohort") / "bids"
    table = simulate_cohort(out, small_settings)
    assert table["participant_id"].tolist() == ["sub-001", "sub-002"]
    return out


def test_scans_are_found_and_read(made: Path) -> None:
    found = find_scans(made)
    assert [raw.scan.label for raw in found.scans] == ["sub-001", "sub-002"]
    assert found.left_out == []
    scan = read_t1w(found.scans[1].path)
    assert scan.extent == (48, 60, 50)
    assert scan.spacing == (4.0, 4.0, 4.0)
    assert 300 < np.percentile(scan.values, 95) < 700


def test_tables_make_a_virtual_cohort(made: Path) -> None:
    cohort = make_cohort(made)
    assert cohort.left_out == []
    assert cohort.table["diagnosis"].tolist() == ["CN", "AD"]
    assert set(cohort.table["origin"]) == {"virtual"}
    assert cohort.table["age_years"].between(55, 95).all()


def test_every_page_says_that_it_is_virtual(made: Path) -> None:
    assert VIRTUAL_NOTICE in (made / "README.md").read_text(encoding="utf-8")
    sidecar = made / "sub-001" / "anat" / "sub-001_T1w.json"
    assert VIRTUAL_NOTICE in read_json(sidecar)["ImageComments"]
    assert read_json(made / "dataset_description.json")["DatasetType"] == "raw"
    derived = truth_folder(made) / "dataset_description.json"
    assert read_json(derived)["DatasetType"] == "derivative"


def test_columns_are_described(made: Path) -> None:
    columns = set(read_table(made / "participants.tsv").columns)
    assert columns - set(read_json(made / "participants.json")) == {"participant_id"}


def test_the_truth_is_a_table(made: Path) -> None:
    truth = read_table(truth_folder(made) / "regions.tsv")
    assert len(truth) == 2 * 4
    assert truth.columns[:4].tolist() == [
        "participant_id",
        "diagnosis",
        "severity",
        "region",
    ]
    assert truth.notna().all(axis=None)
    ad = truth[truth["diagnosis"] == "AD"].set_index("region")
    assert ad.loc["hippocampus_left", "atrophy_ratio"] < 0.9
    assert ad.loc["lateral_ventricle_left", "atrophy_ratio"] > 1.2
    np.testing.assert_allclose(
        truth["true_mm3"], truth["base_mm3"] * truth["true_ratio"], rtol=1e-3
    )


def test_again_nothing_is_done(made: Path, small_settings: SimulationSettings) -> None:
    before = {p: p.stat().st_mtime_ns for p in made.glob("sub-*/anat/*")}
    progress = Counting()
    simulate_cohort(made, small_settings, progress)
    assert progress.pieces == 0
    assert {p: p.stat().st_mtime_ns for p in made.glob("sub-*/anat/*")} == before


def test_what_was_lost_is_made_again_and_more_can_be_added(
    made: Path, out: Path, small_settings: SimulationSettings
) -> None:
    """Another folder, another number: the first participants have the same bytes."""
    more = small_settings.model_copy(update={"participants": 3, "workers": 1})
    simulate_cohort(out, more)
    three = images(out)
    assert images(made) == {name: three[name] for name in images(made)}
    assert len(set(three.values())) == 3

    (out / "sub-002/anat/sub-002_T1w.nii.gz").unlink()
    progress = Counting()
    simulate_cohort(out, more, progress)
    assert progress.pieces == 1
    assert images(out) == three

    with pytest.raises(OccupiedError, match="holds sub-003, which a cohort of 2"):
        simulate_cohort(out, small_settings)


def test_without_true_maps_the_scans_and_tables_are_the_same(
    made: Path, tmp_path: Path, small_settings: SimulationSettings
) -> None:
    alone = tmp_path / "new"
    settings = small_settings.model_copy(update={"truth_maps": False})
    simulate_participant(alone, 2, settings, labels_of=made)
    assert images(alone) == {"sub-002_T1w.nii.gz": images(made)["sub-002_T1w.nii.gz"]}
    assert not list(truth_folder(alone).glob("sub-*/**/*.nii.gz"))
    regions, same = (
        read_table(truth_folder(root) / "regions.tsv").to_dict("records")[-4:]
        for root in (alone, made)
    )
    assert regions == same
    assert not verify_virtual_cohort(alone)
    before = labels_path(truth_folder(alone), "mni2009c")
    assert before.samefile(labels_path(truth_folder(made), "mni2009c"))


def test_one_more_participant_is_that_of_the_cohort(
    made: Path, tmp_path: Path, small_settings: SimulationSettings
) -> None:
    alone = tmp_path / "new"
    person = simulate_participant(alone, 2, small_settings, labels_of=made)
    assert person.diagnosis == Diagnosis.AD
    assert images(alone) == {"sub-002_T1w.nii.gz": images(made)["sub-002_T1w.nii.gz"]}
    table = read_table(alone / "participants.tsv")
    assert table["participant_id"].tolist() == ["sub-002"]
    taken, source = (
        labels_path(truth_folder(root), "mni2009c").read_bytes()
        for root in (alone, made)
    )
    assert taken == source

    simulate_participant(alone, 1, small_settings)
    table = read_table(alone / "participants.tsv")
    assert table["participant_id"].tolist() == ["sub-001", "sub-002"]


def test_other_settings_are_refused(
    made: Path, small_settings: SimulationSettings
) -> None:
    other = small_settings.model_copy(update={"seed": 99})
    with pytest.raises(OccupiedError, match="a virtual cohort of other settings"):
        simulate_cohort(made, other)


def test_another_seed_is_another_head(
    made: Path, tmp_path: Path, small_settings: SimulationSettings
) -> None:
    other = small_settings.model_copy(update={"seed": 4})
    simulate_participant(tmp_path / "bids", 1, other, labels_of=made)
    [(name, found)] = images(tmp_path / "bids").items()
    assert found != images(made)[name]


@pytest.mark.parametrize("name", ["notes.txt", "sub-001/anat/scan.nii"])
def test_a_folder_of_something_else_is_left_alone(
    tmp_path: Path, name: str, small_settings: SimulationSettings
) -> None:
    path = tmp_path / name
    path.parent.mkdir(parents=True, exist_ok=True)
    path.write_text("mine")
    with pytest.raises(OccupiedError, match="holds something else"):
        simulate_cohort(tmp_path, small_settings)
    assert [p for p in tmp_path.rglob("*") if p.is_file()] == [path]


def test_workers_change_nothing(
    made: Path, out: Path, small_settings: SimulationSettings
) -> None:
    """Images and true maps have the same bytes from one process or from two."""
    alone = small_settings.model_copy(update={"workers": 1})
    simulate_cohort(out, alone)
    assert images(out) == images(made)
    maps = sorted(p.name for p in truth_folder(out).glob("sub-*/anat/*.nii.gz"))
    assert len(maps) == 4
    for path in truth_folder(out).glob("sub-*/anat/*.nii.gz"):
        other = truth_folder(made) / path.relative_to(truth_folder(out))
        assert path.read_bytes() == other.read_bytes()


def test_what_is_missing_in_the_table_is_in_the_truth(
    out: Path, small_settings: SimulationSettings
) -> None:
    """And a truncated file is refused by the reader."""
    acquisition = small_settings.acquisition.model_copy(update={"bad_rate": 1.0})
    bad = small_settings.model_copy(
        update={"missing_rate": 0.9, "acquisition": acquisition, "seed": 1}
    )
    simulate_cohort(out, bad)
    known = read_table(out / "participants.tsv")
    scans = read_table(truth_folder(out) / "scans.tsv")
    assert known[["age", "sex", "site"]].isna().to_numpy().mean() > 0.5
    assert scans.notna().all(axis=None)
    assert set(scans["fault"]) <= set(FAULTS)


def test_a_file_is_not_a_folder(
    tmp_path: Path, small_settings: SimulationSettings
) -> None:
    path = tmp_path / "out"
    path.write_text("mine")
    with pytest.raises(OccupiedError, match="holds something else"):
        simulate_cohort(path, small_settings)


def test_too_small_a_disk_is_said_before_anything_is_made(
    tmp_path: Path,
    small_settings: SimulationSettings,
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    fine = small_settings.acquisition.model_copy(update={"spacing": 1.0})
    many = small_settings.model_copy(update={"participants": 8, "acquisition": fine})
    disk = shutil.disk_usage(tmp_path)._replace(free=111_000_000)
    monkeypatch.setattr(shutil, "disk_usage", lambda _: disk)
    message = r"8 heads need about 168 MB, .* has 111 MB free; make fewer"
    with pytest.raises(InputError, match=message):
        simulate_cohort(tmp_path / "bids", many)
    assert not list((tmp_path / "bids").glob("sub-*"))


def test_a_cohort_without_a_participant_gives_way(
    tmp_path: Path, small_settings: SimulationSettings
) -> None:
    """What was refused for its size does not keep the folder."""
    claim(tmp_path, small_settings)
    other = small_settings.model_copy(update={"seed": 99})
    claim(tmp_path, other)
    assert read_json(truth_folder(tmp_path) / "simulation.json")["seed"] == 99
    (truth_folder(tmp_path) / "sub-001").mkdir()
    with pytest.raises(OccupiedError, match="a virtual cohort of other settings"):
        claim(tmp_path, small_settings)


def test_one_that_fails_does_not_stop_the_others(
    out: Path, small_settings: SimulationSettings
) -> None:
    """AD asks for a hippocampus that all but vanishes; CN asks for no change."""
    atrophy = small_settings.atrophy.model_copy(
        update={"pattern": {"amygdala": 0.001}, "limits": (1e-4, 2.0)}
    )
    impossible = small_settings.model_copy(update={"atrophy": atrophy})
    with pytest.raises(IncompleteError, match=r"1 of 2 heads .* sub-002: failed: "):
        simulate_cohort(out, impossible)
    assert numbers_done(out) == [1]
    table: pd.DataFrame = read_table(out / "participants.tsv")
    assert table["participant_id"].tolist() == ["sub-001"]


def test_heads_that_cannot_be_labelled_are_said(
    out: Path, small_settings: SimulationSettings
) -> None:
    # A file where the folder of the label maps has to be.
    tiny = small_settings.model_copy(update={"participants": 1})
    simulate_participant(out, 1, tiny)
    labels = labels_path(truth_folder(out), "mni2009c")
    shutil.rmtree(labels.parent)
    labels.parent.write_text("in the way")
    with pytest.raises(IncompleteError, match="regions of mni2009c could not be found"):
        simulate_participant(out, 2, tiny)
