"""A bundle whose network was never trained: exports must keep its answers."""

from pathlib import Path

import pytest
import torch

from crosswarp.models.build import build_network
from crosswarp.models.bundle import BundleCard, save_bundle
from crosswarp.models.catalogue import CATALOGUE
from crosswarp.study.keyed_ids import KeyedIds
from tests.tiny_maps import EXTENT, RESOLUTION, SPACE

CARD = BundleCard(
    model=CATALOGUE["compact_cross_attention"].model_copy(
        update={"features": 8, "standardise": "voxel"}
    ),
    classes=("CN", "AD"),
    space=SPACE,
    resolution=RESOLUTION,
    grid_extent=EXTENT,
    box=((1, 25), (2, 28), (3, 27)),
    trained_on=KeyedIds.of(["sub-01", "sub-02"], "a salt of tests"),
    origin="virtual",
)


@pytest.fixture
def bundle(tmp_path: Path) -> Path:
    folder = tmp_path / "run/models/compact_cross_attention/repeat-0_fold-0/bundle"
    network = build_network(CARD.model, 2, CARD.extent)
    network.fit(*torch.rand(2, 5, 1, 1, *CARD.extent))
    save_bundle(folder, network.eval(), CARD)
    return folder
