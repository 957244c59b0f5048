"""A new fusion is one file and one entry of the table: all else follows from it."""

import importlib
from pathlib import Path

import pytest
import torch
from pydantic import ValidationError

from crosswarp.models.build import build_network
from crosswarp.models.bundle import BundleCard, load_bundle, save_bundle
from crosswarp.models.fusion.table import CHOICES, FUSIONS, FusionEntry
from crosswarp.models.reconstruction import encoders_of
from crosswarp.models.settings import ModelSettings

FILE = """
from crosswarp.models.fusion.fusion import Fusion
from crosswarp.models.tokens import as_tokens


class Sum(Fusion):
    def __init__(self, features, layers):
        super().__init__()
        self.out_features = features
        self.layers = layers

    def forward(self, t1w, jsm):
        return as_tokens(t1w + self.layers * jsm)
"""

EXTENT = (26, 30, 28)


@pytest.fixture
def summed(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> dict[str, object]:
    """Write a fusion and enter it; return a network's choices that name it."""
    (tmp_path / "summed_fusion.py").write_text(FILE)
    monkeypatch.syspath_prepend(tmp_path)
    importlib.invalidate_caches()
    entry = FusionEntry("summed_fusion:Sum", ("layers",))
    monkeypatch.setitem(FUSIONS, "summed", entry)
    return {"name": "a", "encoder": "compact_cnn", "fusion": "summed", "layers": 3}


def test_a_file_and_an_entry_are_enough(
    summed: dict[str, object], tmp_path: Path
) -> None:
    settings = ModelSettings.model_validate({**summed, "features": 8})
    network = build_network(settings, 2, EXTENT).eval()
    assert network.fusion.layers == 3
    assert list(encoders_of(network, settings)) == ["t1w", "jsm"]
    t1w, jsm = torch.randn(2, 1, 1, *EXTENT)
    one, other = network(t1w, jsm), network(t1w, 2 * jsm)
    assert one.shape == (1, 2)
    assert not torch.equal(one, other)
    card = BundleCard(
        model=settings,
        classes=("CN", "AD"),
        space="MNI152NLin2009cSym",
        resolution=2,
        grid_extent=EXTENT,
        box=tuple((0, n) for n in EXTENT),
    )
    save_bundle(tmp_path / "bundle", network, card)
    again = load_bundle(tmp_path / "bundle").network
    assert torch.equal(again(t1w, jsm), one)


def test_choices_that_mean_nothing_are_refused(summed: dict[str, object]) -> None:
    with pytest.raises(ValidationError, match="heads has no meaning for encoder"):
        ModelSettings.model_validate({**summed, "heads": 2})
    with pytest.raises(ValidationError, match="takes both maps"):
        ModelSettings.model_validate({**summed, "maps": ("t1w",)})


def test_a_wrong_name_names_the_new_one_too(summed: dict[str, object]) -> None:
    with pytest.raises(ValidationError, match="did you mean summed"):
        ModelSettings.model_validate({**summed, "fusion": "sumed"})


def test_every_choice_of_an_entry_is_one_of_settings() -> None:
    """A field that no list names would be accepted where it means nothing."""
    meant = frozenset().union(*(entry.means for entry in FUSIONS.values()))
    assert meant == CHOICES <= set(ModelSettings.model_fields)
