"""A user's own head: named by its content, refused in one line, or used."""

from pathlib import Path

import nibabel as nib
import numpy as np
import pytest
from typer.testing import CliRunner

from crosswarp.cli.main import app
from crosswarp.errors import InputError
from crosswarp.simulation.base_heads import prepare_own_heads
from crosswarp.simulation.dataset import truth_folder
from crosswarp.simulation.heads import Head, load_head, load_placement
from crosswarp.simulation.own_heads import own_head_name
from crosswarp.simulation.presets import preset_settings
from tests.faults.planted import PERSON, PLACES, hits, plant_beside, plant_in


def write(path: Path, values: np.ndarray, affine: np.ndarray) -> Path:
    nib.save(nib.Nifti1Image(values.astype(np.float32), affine), path)
    return path


def test_a_name_tells_nothing_of_the_person(tmp_path: Path) -> None:
    values = np.ones((4, 4, 4))
    one = write(tmp_path / "anna.nii", values, np.eye(4))
    other = write(tmp_path / "berta.nii", values, np.eye(4))
    assert own_head_name(one) == own_head_name(other)
    third = write(tmp_path / "anna2.nii", 2 * values, np.eye(4))
    assert own_head_name(third) != own_head_name(one)
    name = own_head_name(one)
    assert name.startswith("own")
    assert preset_settings("easy", participants=1, heads=(name,)).heads == (name,)


def test_a_head_that_is_not_there_is_said(tmp_path: Path) -> None:
    out = tmp_path / "bids"
    command = ["simulate", str(out), "--head", str(tmp_path / "none.nii.gz")]
    result = CliRunner().invoke(app, command)
    assert isinstance(result.exception, InputError)
    assert "no head at" in str(result.exception)
    assert not out.exists()


def test_what_is_no_head_is_refused_in_one_line(
    tmp_path: Path, rng: np.random.Generator
) -> None:
    noise = write(
        tmp_path / "noise.nii.gz",
        rng.uniform(0, 9, (40, 44, 42)),
        np.diag([2, 2, 2, 1]),  # too small for a brain, so that nothing is registered
    )
    out = tmp_path / "bids"
    with pytest.raises(InputError, match=r"noise\.nii\.gz cannot be a base head: "):
        prepare_own_heads([noise], out)
    assert not out.exists()


def test_other_content_is_refused_first(tmp_path: Path) -> None:
    head = write(tmp_path / "head.nii", np.ones((4, 4, 4)), np.eye(4))
    with pytest.raises(InputError, match="holds something else"):
        prepare_own_heads([head], tmp_path)


@pytest.mark.slow
@pytest.mark.registration
def test_a_tilted_head_is_laid_as_the_template_lies(tmp_path: Path, head: Head) -> None:
    """The template itself, tilted and moved: found again, in its own size."""
    tilt = np.deg2rad(12)
    turn = np.eye(4)
    turn[1:3, 1:3] = [[np.cos(tilt), -np.sin(tilt)], [np.sin(tilt), np.cos(tilt)]]
    turn[:3, 3] = (6, -12, 20)
    noise = np.random.default_rng(0).normal(0, 5, head.t1w.extent)
    values = np.abs(400 * head.t1w.values + noise)[::2, ::2, ::2]
    affine = turn @ head.t1w.affine @ np.diag([2, 2, 2, 1])
    person = tmp_path / PLACES["home"]
    person.mkdir()
    path = write(person / f"{PERSON}.nii.gz", values, affine)
    plant_in(path)
    plant_beside(path)
    out = tmp_path / "bids"
    [name] = prepare_own_heads([path], out)
    assert hits([person])
    assert hits([out]) == []
    again = load_head(name, truth_folder(out))
    assert again.t1w.extent == head.t1w.extent
    inside = head.brain & again.brain
    assert inside.sum() > 0.95 * head.brain.sum()
    r = np.corrcoef(again.t1w.values[inside], head.t1w.values[inside])[0, 1]
    assert r > 0.9
    placed = load_placement(name, truth_folder(out))
    np.testing.assert_allclose(placed.affine[:3, :3], np.eye(3), atol=0.05)
    np.testing.assert_allclose(placed.affine[:3, 3], 0, atol=1.0)
    before = [p.stat().st_mtime_ns for p in truth_folder(out).rglob("*.nii.gz")]
    assert prepare_own_heads([path], out) == (name,)
    assert [p.stat().st_mtime_ns for p in truth_folder(out).rglob("*.nii.gz")] == before
