"""Networks that see the change between two scans of a participant."""

import shutil

import numpy as np
import pytest

from crosswarp.bids.cohort import read_cohort, write_cohort
from crosswarp.bids.ids import ScanId
from crosswarp.documents import read_json, read_object
from crosswarp.errors import InputError, LeakageError, MissingDerivativeError
from crosswarp.files import write_json
from crosswarp.inputs.grid import Grid
from crosswarp.inputs.samples import read_map
from crosswarp.inputs.store import open_store, write_store
from crosswarp.models.export.write import export_bundle
from crosswarp.prediction.bundles import load_bundles
from crosswarp.training.experiment import read_experiment
from crosswarp.training.fold import train_fold
from crosswarp.training.plan import Plan, plan_run
from tests.tiny_maps import map_path
from tests.training.conftest import Tiny
from tests.training.visits import FIRST, LATER, add_visits, record

BOTH = {"like": "compact_cross_attention", "features": 8, "standardise": "fixed"}


@pytest.fixture
def visits(tiny: Tiny) -> Tiny:
    add_visits(tiny)
    return tiny


def plan(tiny: Tiny, *, allow_missing: bool = False, **changes) -> Plan:
    experiment = read_experiment(tiny.write(**changes))
    return plan_run(experiment, allow_missing=allow_missing)


def stored(tiny: Tiny, name: str, desc: str, grid: Grid) -> np.ndarray:
    maps = tiny.folder / "derivatives"
    return read_map(map_path(maps, ScanId(name, LATER), desc), grid)


def test_a_network_is_given_the_maps_that_are_named(visits) -> None:
    made = plan(visits, maps=["jsm", "rate"])
    folder = visits.folder / "store"
    write_store(folder, made.samples, made.grid)
    store, name = open_store(folder), made.samples[3].scan.participant_id
    first = stored(visits, name, "logjacobian", made.grid)
    change = stored(visits, name, "change", made.grid)
    assert np.allclose(store.t1w[3], first, atol=1e-3)
    assert np.allclose(store.jsm[3], change / 2, atol=1e-3)


def test_scans_without_an_earlier_one_are_not_counted(
    visits,
) -> None:
    made = plan(visits, maps=["t1w", "change"], scans_per_participant="all")
    assert {files.scan.session_id for files in made.samples} == {LATER}
    assert len(made.samples) == 16
    assert made.passed_over.empty
    assert "at 2 mm, t1w and change\n" in made.summary()


def test_other_maps_make_other_cells(visits) -> None:
    choices = (["t1w", "jsm"], ["t1w", "change"], ["jsm", "change"], ["jsm", "rate"])
    cohort = read_cohort(visits.folder / "cohort.tsv")
    later = cohort[cohort["session_id"] == LATER]
    write_cohort(visits.folder / "cohort.tsv", later)
    cells = [plan(visits, maps=maps).cells(visits.folder)[0] for maps in choices]
    assert len({cell.fingerprint for cell in cells}) == len(choices)


def test_a_network_of_both_maps_is_trained_and_not_asked_about_one_scan(visits) -> None:
    cell = visits.cells(
        maps=["jsm", "change"], models=[BOTH], training=visits.training(epochs=1)
    )[0]
    train_fold(cell)
    bundle = cell.folder / "bundle"
    assert read_json(bundle / "bundle.json")["maps"] == ["jsm", "change"]
    assert "from a log-Jacobian map and a map of change" in (
        bundle / "README.md"
    ).read_text(encoding="utf-8")
    with pytest.raises(InputError, match="not made for one scan"):
        load_bundles(bundle)
    with pytest.raises(InputError, match="change between two scans"):
        export_bundle(bundle, visits.folder / "export", "onnx")


@pytest.mark.parametrize(
    ("key", "value", "says"),
    [
        ("LaterSession", FIRST, "says that it is of session ses-M00"),
        ("LaterFingerprint", "of another participant", "or of another participant's"),
        ("IntervalYears", None, "the time between its visits is not known"),
    ],
)
def test_what_does_not_belong_together_is_refused(visits, key, value, says) -> None:
    scan = ScanId("sub-03", LATER)
    path = record(map_path(visits.folder / "derivatives", scan, "change"))
    write_json(path, {**read_object(path), key: value})
    with pytest.raises(InputError, match=f"sub-03_ses-M12: .*{says}"):
        plan(visits, maps=["jsm", "rate"])


def test_participants_without_a_change_are_named(visits) -> None:
    scan = ScanId("sub-03", LATER)
    map_path(visits.folder / "derivatives", scan, "change").unlink()
    with pytest.raises(MissingDerivativeError, match="of a later session"):
        plan(visits, maps=["jsm", "change"])
    made = plan(visits, maps=["jsm", "change"], allow_missing=True)
    row = made.missing.iloc[-1]
    assert (row["participant_id"], row["lacks"]) == ("sub-03", "change")
    assert "was not compared with an earlier scan" in row["reason"]


def test_one_head_under_two_names_is_found_by_the_scans_own_maps(visits) -> None:
    maps = visits.folder / "derivatives"
    for desc in ("preproc", "logjacobian"):
        one, other = (
            map_path(maps, ScanId(name, LATER), desc) for name in ("sub-02", "sub-04")
        )
        shutil.copy(one, other)
    made = plan(visits, maps=["t1w", "change"])
    with pytest.raises(LeakageError, match="sub-02 and sub-04"):
        write_store(visits.folder / "store", made.samples, made.grid)


def test_volumes_of_one_scan_are_not_measured_on_a_change(visits) -> None:
    made = plan(visits, maps=["jsm", "change"])
    assert "log-Jacobian map of one scan" in made.absent["hippocampal_volume"]
    with pytest.raises(InputError, match="hippocampal_volume is measured on"):
        plan(visits, maps=["jsm", "change"], baselines=["hippocampal_volume"])


def test_one_map_twice_is_refused(visits) -> None:
    with pytest.raises(InputError, match="names jsm twice"):
        read_experiment(visits.write(maps=["jsm", "jsm"]))


def test_bundles_of_one_scan_say_what_they_said(tiny) -> None:
    cell = tiny.cells(training=tiny.training(epochs=1))[0]
    train_fold(cell)
    assert "maps" not in read_json(cell.folder / "bundle" / "bundle.json")
