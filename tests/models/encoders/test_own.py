"""A user's encoder: a class in a file, named as module:Class."""

import sys
from collections.abc import Callable
from pathlib import Path

import pytest
import torch
from pydantic import ValidationError

from crosswarp.errors import InputError
from crosswarp.models.build import build_network
from crosswarp.models.bundle import BundleCard, load_bundle, save_bundle
from crosswarp.models.own_encoders import own_encoder
from crosswarp.models.settings import ModelSettings

SMALL = """
from torch import nn

from crosswarp.models.encoders.encoder import Encoder


class Small(Encoder):
    def __init__(self, in_channels=1):
        super().__init__()
        self.in_channels = in_channels
        self.out_features = 8
        self.smallest_extent = 9
        self.whole_stride = 4
        self.body = nn.Sequential(nn.Conv3d(in_channels, 8, 4, 4), nn.BatchNorm3d(8))

    def forward(self, volume):
        self.check_extent(volume)
        return self.body(volume)
"""
CHOICES = {"name": "mine", "fusion": "none", "maps": ("jsm",)}
EXTENT = (12, 13, 14)

Write = Callable[[str, str], str]


@pytest.fixture
def write(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Write:
    """Write a module into the folder that the program is started from."""
    monkeypatch.chdir(tmp_path)
    monkeypatch.setattr("sys.path", list(sys.path))
    own_encoder.cache_clear()

    def write_module(name: str, text: str) -> str:
        monkeypatch.delitem(sys.modules, name, raising=False)
        (tmp_path / f"{name}.py").write_text(text, encoding="utf-8")
        return name

    return write_module


def settings(encoder: str, **changes: object) -> ModelSettings:
    return ModelSettings.model_validate({**CHOICES, "encoder": encoder, **changes})


def test_a_class_of_the_users_becomes_a_network(write: Write) -> None:
    chosen = settings(f"{write('mine_alone', SMALL)}:Small")
    network = build_network(chosen, 2, EXTENT)
    volume = torch.randn(2, 1, *EXTENT)
    assert network(volume, volume).shape == (2, 2)
    assert chosen.token_features == 8
    assert chosen.has_batch_norm


@pytest.mark.parametrize("fusion", ["cross_attention", "stacked", "late_averaging"])
def test_it_goes_into_every_kind_of_fusion(write: Write, fusion: str) -> None:
    name = f"{write('mine_fused', SMALL)}:Small"
    chosen = settings(name, fusion=fusion, maps=("t1w", "jsm"))
    volume = torch.randn(2, 1, *EXTENT)
    assert build_network(chosen, 3, EXTENT)(volume, volume).shape == (2, 3)


def test_each_map_may_have_an_encoder_of_its_own(write: Write) -> None:
    name = f"{write('mine_beside', SMALL)}:Small"
    chosen = settings(
        "compact_cnn", jsm_encoder=name, fusion="gating", maps=("t1w", "jsm")
    )
    volume = torch.randn(2, 1, 26, 30, 28)
    assert build_network(chosen, 2, (26, 30, 28))(volume, volume).shape == (2, 2)
    assert list(chosen.own_sources) == [name]


@pytest.mark.parametrize(
    ("module", "changed", "reason"),
    [
        ("fault_plain", ("(Encoder)", "(nn.Module)"), "derived from crosswarp.models"),
        ("fault_none", ("class Small", "class Other"), "no class Small; it has Other"),
        ("fault_syntax", ("def forward", "deff forward"), "imported: SyntaxError"),
        ("fault_lib", ("from torch import nn", "import no_such"), "no_such"),
        ("fault_made", ("in_channels=1", "size"), r"cannot be built|in_channels is"),
        ("fault_init", ("self.out_features = 8", "1 / 0"), "ZeroDivisionError"),
        ("fault_kept", ("= 4\n", "= 'four'\n"), "whole_stride is 'four'"),
        ("fault_count", ("out_features = 8", "out_features = 7"), r"expected \(1, 7"),
        ("fault_run", ("self.check_extent", "self.check"), "fails on a volume of"),
        ("fault_axes", ("self.body(volume)", "volume.mean()"), r"of shape \(\)"),
        ("fault_large", ("extent = 9", "extent = 999"), "smallest_extent 999"),
    ],
    ids=lambda value: value if isinstance(value, str) else "",
)
def test_a_broken_contract_is_said(
    write: Write, module: str, changed: tuple[str, str], reason: str
) -> None:
    write(module, SMALL.replace(*changed))
    with pytest.raises(ValidationError, match=reason) as refused:
        settings(f"{module}:Small")
    assert module in str(refused.value)


def test_a_module_that_is_not_there_says_where_it_is_looked_for(write: Write) -> None:
    del write
    with pytest.raises(ValidationError, match=r"no module 'absent_one'.*PYTHONPATH"):
        settings("absent_one:Small")
    with pytest.raises(ValidationError, match="as module:Class, got 'a b:Small'"):
        settings("a b:Small")


def card(encoder: str) -> BundleCard:
    return BundleCard(
        model=settings(encoder),
        classes=("CN", "AD"),
        space="any",
        resolution=2,
        grid_extent=EXTENT,
        box=((0, 12), (0, 13), (0, 14)),
    )


def test_a_bundle_is_read_where_the_class_is(write: Write, tmp_path: Path) -> None:
    name = f"{write('mine_kept', SMALL)}:Small"
    described = card(name)
    network = build_network(described.model, 2, EXTENT)
    save_bundle(tmp_path / "bundle", network, described)
    loaded = load_bundle(tmp_path / "bundle")
    for key, value in network.state_dict().items():
        assert torch.equal(loaded.network.state_dict()[key], value)

    write("mine_kept", SMALL.replace("nn.BatchNorm3d(8)", "nn.BatchNorm3d(8) "))
    own_encoder.cache_clear()
    with pytest.raises(InputError, match="mine_kept:Small was changed since"):
        load_bundle(tmp_path / "bundle")

    (tmp_path / "mine_kept.py").unlink()
    sys.modules.pop("mine_kept")
    own_encoder.cache_clear()
    with pytest.raises(InputError, match=r"only where its class can be imported: no m"):
        load_bundle(tmp_path / "bundle")
