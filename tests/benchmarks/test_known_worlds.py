"""Maps of a known world: what is planted can be read off them."""

from pathlib import Path
from typing import Any

import nibabel as nib
import numpy as np
import pytest
from benchmarks.known_worlds.__main__ import main
from benchmarks.known_worlds.cohort import ORACLE, SETTINGS, make_world
from benchmarks.known_worlds.maps import Share, make_maps, make_share
from benchmarks.known_worlds.scanned import SCANNED
from benchmarks.validation_study.truth import HEADS as HEADS_FOLDER

from crosswarp.atlas import load_atlas
from crosswarp.bids.cohort import read_cohort
from crosswarp.bids.ids import ScanId
from crosswarp.bids.tables import read_table
from crosswarp.documents import read_json
from crosswarp.errors import IncompleteError
from crosswarp.execution.isolated import Outcome
from crosswarp.execution.pool import LocalEngine
from crosswarp.execution.work import Work
from crosswarp.files import write_json
from crosswarp.preprocessing.request import map_path
from crosswarp.registration.template import load_template
from crosswarp.simulation.dataset import truth_folder
from crosswarp.simulation.presets import preset_settings
from crosswarp.simulation.regions import CEREBRA
from crosswarp.study.names import COHORT, DERIVATIVES

pytestmark = pytest.mark.slow

HEADS = ("mni2009c",)
"""The template's own head: no registration is needed to label it."""


@pytest.fixture(scope="module")
def folder(tmp_path_factory: pytest.TempPathFactory) -> Path:
    work = tmp_path_factory.mktemp("worlds")
    return make_world(work, "both", 2, 5, HEADS, workers=2)


def test_each_participant_has_both_maps_and_an_oracle(folder: Path) -> None:
    table = read_cohort(folder / COHORT)
    assert table["diagnosis"].tolist() == ["CN", "AD"]
    oracle = read_table(folder / ORACLE)["oracle"].astype(float)
    assert oracle[1] > oracle[0]


def test_the_log_jacobian_has_the_volume_that_was_drawn(folder: Path) -> None:
    severities = read_table(folder / ORACLE)["severity"].astype(float)
    means = []
    for person in ("sub-001", "sub-002"):
        path = map_path(folder / DERIVATIVES, ScanId(person), 2, "logjacobian")
        image = nib.load(path)
        assert isinstance(image, nib.Nifti1Image)
        labels, _ = load_atlas(image.shape, image.affine)
        inside = np.isin(labels, CEREBRA["lateral_ventricle"])
        means.append(image.get_fdata()[inside].mean())
    assert (means[1] > means[0]) == (severities[1] > severities[0])


def test_what_is_there_is_not_made_again(folder: Path) -> None:
    path = map_path(folder / DERIVATIVES, ScanId("sub-001"), 2, "preproc")
    before = path.stat().st_mtime_ns
    assert make_world(folder.parent, "both", 2, 5, HEADS) == folder
    assert path.stat().st_mtime_ns == before


def test_maps_do_not_depend_on_the_process(folder: Path, tmp_path: Path) -> None:
    settings = preset_settings("both", participants=2, seed=5, heads=HEADS)
    heads = truth_folder(folder.parent / HEADS_FOLDER)
    make_share(Share(tmp_path, heads, (1,), settings))
    for desc in ("preproc", "logjacobian"):
        here = map_path(tmp_path, ScanId("sub-001"), 2, desc)
        there = map_path(folder / DERIVATIVES, ScanId("sub-001"), 2, desc)
        assert here.read_bytes() == there.read_bytes()


def test_what_cannot_be_made_is_told(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    def run(_engine: LocalEngine, _work: Work, pieces: Any, **_: Any) -> Any:
        return {name: Outcome("failed", None, "no head", 1.0, 1.0) for name in pieces}

    monkeypatch.setattr(LocalEngine, "run", run)
    settings = preset_settings("both", participants=9, seed=5, heads=HEADS)
    with pytest.raises(IncompleteError, match=r"participants 001-008: failed: no head"):
        make_maps(tmp_path / "maps", tmp_path, range(1, 10), settings, workers=1)


def test_maps_of_other_settings_are_refused(folder: Path) -> None:
    kept = read_json(folder / SETTINGS)
    write_json(folder / SETTINGS, {**kept, "seed": 99})
    with pytest.raises(ValueError, match="other settings"):
        make_world(folder.parent, "both", 2, 5, HEADS)
    write_json(folder / SETTINGS, kept)


def test_the_same_participants_can_be_scanned_and_preprocessed(
    folder: Path, tmp_path: Path
) -> None:
    words = ["world=both", "seed=5", "participants=2", "head=mni2009c", "stage=none"]
    main([str(tmp_path), *words, f"maps={SCANNED}", "workers=2"])
    scanned = tmp_path / SCANNED / folder.name
    assert (scanned / ORACLE).read_bytes() == (folder / ORACLE).read_bytes()
    assert (scanned / COHORT).read_bytes() == (folder / COHORT).read_bytes()
    for person in read_cohort(folder / COHORT)["participant_id"]:
        for desc in ("preproc", "logjacobian"):
            true, found = (
                nib.load(map_path(place / DERIVATIVES, ScanId(person), 2, desc))
                for place in (folder, scanned)
            )
            inside = load_template(2).mask
            pair = [image.get_fdata()[inside] for image in (true, found)]
            assert np.corrcoef(*pair)[0, 1] > 0.4
            assert not np.array_equal(*pair)


def test_other_maps_than_true_and_scanned_are_refused(tmp_path: Path) -> None:
    with pytest.raises(ValueError, match="maps=found"):
        main([str(tmp_path), "world=both", "maps=found"])
