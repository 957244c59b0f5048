"""The truth on the template grid: against closed forms, and against the volumes."""

from pathlib import Path

import nibabel as nib
import numpy as np
import pytest

from crosswarp.bids.ids import ScanId
from crosswarp.bids.names import transform_path
from crosswarp.documents import read_json
from crosswarp.preprocessing.scan import map_path
from crosswarp.preprocessing.stored import STEP_MM
from crosswarp.registration.jacobian import log_jacobian
from crosswarp.registration.template import load_template
from crosswarp.simulation.drawing import draw_participant
from crosswarp.simulation.heads import Head, load_head, load_placement
from crosswarp.simulation.participant import Body, make_body
from crosswarp.simulation.regions import region_ids
from crosswarp.simulation.settings import AnatomySettings, SimulationSettings
from crosswarp.simulation.truth_files import STEP_LOG, write_true_maps
from crosswarp.simulation.truth_maps import TrueMaps, true_maps
from crosswarp.types.grid import SPACE


@pytest.fixture(scope="module")
def body(head: Head, small_settings: SimulationSettings) -> Body:
    """A patient, with all that a deformation is made of."""
    return make_body(draw_participant(2, small_settings), head, small_settings)


@pytest.fixture(scope="module")
def maps(body: Body, labels: Path) -> TrueMaps:
    return true_maps(body, load_placement("mni2009c", labels), 2)


def test_there_and_back(body: Body, rng: np.random.Generator) -> None:
    points = rng.uniform((-60, -90, -40), (60, 60, 70), (500, 3)).astype(np.float32)
    there = np.c_[body.place(points), np.ones(500)] @ body.deformation.to_head.T
    bent = body.deformation.anatomy.move(there[:, :3].astype(np.float32))
    back = body.deformation.atrophy.move(bent)
    np.testing.assert_allclose(back, points, atol=0.3)
    assert np.abs(back - points).mean() < 0.03


def test_pose_and_size_alone_are_the_affine(
    head: Head, labels: Path, small_settings: SimulationSettings
) -> None:
    """Nothing is left for the displacement; the affine is the truth."""
    still = small_settings.model_copy(
        update={
            "anatomy": AnatomySettings(log_jacobian_sd=0),
            "atrophy": small_settings.atrophy.model_copy(
                update={"pattern": {"hippocampus": 1.0}, "region_sd": 0.0}
            ),
        }
    )
    moved = make_body(draw_participant(1, still), head, still)
    found = true_maps(moved, load_placement("mni2009c", labels), 2)
    np.testing.assert_allclose(found.affine, moved.to_scanner, atol=1e-3)
    np.testing.assert_allclose(found.displacement, 0, atol=0.01)
    np.testing.assert_allclose(found.log_jacobian, 0, atol=0.01)


def test_regions_of_the_map_have_the_true_volumes(
    body: Body, maps: TrueMaps, labels: Path, small_settings: SimulationSettings
) -> None:
    """The sum of determinant and affine over a region is its volume: sign and size."""
    regions = load_head("mni2009c", labels, step=2).labels
    scale = np.linalg.det(maps.affine) * 8
    ids = region_ids(small_settings.structures)
    for truth in body.regions:
        inside = regions == ids[truth.region]
        volume = np.exp(maps.log_jacobian[inside]).sum() * scale
        assert volume == pytest.approx(truth.true_mm3, rel=0.06)
    shrunk = regions == ids["hippocampus_left"]
    grown = regions == ids["lateral_ventricle_left"]
    assert maps.log_jacobian[shrunk].mean() < maps.log_jacobian[grown].mean() - 0.4


def test_determinants_are_positive_everywhere(body: Body, maps: TrueMaps) -> None:
    assert np.isfinite(maps.log_jacobian).all()
    for field in (body.anatomy, body.atrophy):
        field.check_positive()


def test_a_finer_grid_says_the_same(body: Body, maps: TrueMaps, labels: Path) -> None:
    fine = true_maps(body, load_placement("mni2009c", labels), 1)
    inside = load_template(2).mask
    every_second = fine.log_jacobian[::2, ::2, ::2][inside]
    r = np.corrcoef(every_second, maps.log_jacobian[inside])[0, 1]
    assert r > 0.99


def test_on_disk(maps: TrueMaps, tmp_path: Path) -> None:
    scan = ScanId("sub-001")
    write_true_maps(tmp_path, scan, maps, 2)
    warp = nib.load(transform_path(tmp_path, scan, space=SPACE, extension=".nii.gz"))
    assert warp.get_data_dtype() == np.int16
    assert warp.header.get_intent()[0] == "vector"
    displacement = warp.get_fdata(dtype=np.float32)[:, :, :, 0]
    np.testing.assert_allclose(displacement, maps.displacement, atol=STEP_MM)
    path = map_path(tmp_path, scan, 2, "logjacobian")
    stored = nib.load(path)
    np.testing.assert_allclose(
        stored.get_fdata(dtype=np.float32), maps.log_jacobian, atol=STEP_LOG
    )
    # The two belong together: one is the log-Jacobian of the other.
    again = log_jacobian(displacement, stored.affine)
    np.testing.assert_allclose(again, maps.log_jacobian, atol=0.005)
    sidecar = read_json(path.with_suffix("").with_suffix(".json"))
    assert "registration to the template" in sidecar["Description"]
    text = transform_path(tmp_path, scan, space=SPACE, extension=".txt")
    np.testing.assert_allclose(np.loadtxt(text), maps.affine, rtol=1e-6)
