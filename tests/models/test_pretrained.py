"""Weights of others: all keys of both sides are accounted for, nothing is run."""

import dataclasses
import pickle
from pathlib import Path

import pytest
import torch
from pydantic import ValidationError

from crosswarp.errors import InputError
from crosswarp.models.build import build_encoder, build_network
from crosswarp.models.encoders import resnet, swin
from crosswarp.models.encoders.encoder import Encoder
from crosswarp.models.encoders.resnet import ResNetEncoder
from crosswarp.models.encoders.swin import SwinEncoder
from crosswarp.models.pretrained import load_into, start_from_weights
from crosswarp.models.settings import ModelSettings
from crosswarp.models.weights.sources import SOURCES, WeightSource

CROSS = {"name": "a", "encoder": "resnet10", "fusion": "cross_attention", "width": 16}


@pytest.fixture(autouse=True)
def _thin(monkeypatch) -> None:
    monkeypatch.setattr(resnet, "WIDTHS", (4, 8, 12, 16))
    monkeypatch.setattr(swin, "EMBEDDED", 12)


def without_digest(name: str) -> WeightSource:
    return dataclasses.replace(SOURCES[name], sha256=None, sha256_stated_by=None)


MEDICALNET = without_digest("medicalnet_resnet10")


def trained(encoder: Encoder) -> dict[str, torch.Tensor]:
    """Weights of an encoder that is not fresh."""
    (body,) = encoder.children()
    return {
        key: torch.rand_like(value) if value.is_floating_point() else value.clone()
        for key, value in body.state_dict().items()
    }


def write(path: Path, state: dict[str, torch.Tensor], prefix: str = "module.") -> Path:
    torch.save({"state_dict": {prefix + k: v for k, v in state.items()}}, path)
    return path


def same(encoder: Encoder, state: dict[str, torch.Tensor]) -> bool:
    (body,) = encoder.children()
    found = body.state_dict()
    return found.keys() == state.keys() and all(
        torch.equal(found[key], state[key]) for key in state
    )


@pytest.mark.parametrize(("depth", "keys"), [(10, 72), (34, 198)])
def test_medicalnet_has_as_many_keys_as_the_published_files(
    depth, keys, tmp_path
) -> None:
    """72 and 198 tensors are what others count in them."""
    encoder, state = ResNetEncoder(depth), trained(ResNetEncoder(depth))
    path = write(tmp_path / "w.pth", state)
    loaded = load_into(encoder, path, without_digest(f"medicalnet_resnet{depth}"))
    assert loaded.loaded == keys
    assert loaded.adapted is None
    assert same(encoder, state)


def test_swin_from_ct_has_other_names_and_heads(tmp_path: Path) -> None:
    encoder, state = SwinEncoder(), trained(SwinEncoder())
    theirs = {key.replace("mlp.linear", "mlp.fc"): v for key, v in state.items()}
    heads = {"rotation_head.weight": torch.zeros(4, 5), "norm.weight": torch.zeros(3)}
    path = write(tmp_path / "w.pth", {**theirs, **heads})
    loaded = load_into(encoder, path, without_digest("swin_unetr_ct"))
    assert loaded.left_out == ("module.rotation_head.weight", "module.norm.weight")
    assert same(encoder, state)


def test_swin_from_ct_and_mr_has_other_names_again(tmp_path: Path) -> None:
    encoder, state = SwinEncoder(), trained(SwinEncoder())
    theirs = {}
    for key, value in state.items():
        part, _, rest = key.partition(".0.")
        name = f"{part}.0.0.{rest}" if key.startswith("layers") else key
        theirs[f"encoder.{name}"] = value
    theirs["encoder.mask_token"] = torch.zeros(1)
    theirs["out.conv.conv.weight"] = torch.zeros(1)
    torch.save({"model": theirs}, tmp_path / "w.pth")
    loaded = load_into(encoder, tmp_path / "w.pth", without_digest("swin_unetr_ct_mr"))
    assert loaded.left_out == ("encoder.mask_token", "out.conv.conv.weight")
    assert same(encoder, state)


def test_brainsegfounder_has_the_heads_of_its_pretraining(tmp_path: Path) -> None:
    source = without_digest("brainsegfounder_ukb")
    encoder = SwinEncoder(**source.made_with)
    state = trained(encoder)
    theirs = {f"swinViT.{key}": value for key, value in state.items()}
    theirs["rotation_head.weight"] = theirs["conv.0.weight"] = torch.zeros(4, 5)
    loaded = load_into(encoder, write(tmp_path / "w.pth", theirs), source)
    assert len(loaded.left_out) == 2
    assert same(encoder, state)


def test_brainsegfounder_of_two_channels_is_brought_to_one(tmp_path: Path) -> None:
    source = without_digest("brainsegfounder_ukb")
    state = trained(SwinEncoder(2))
    theirs = {f"swinViT.{key}": value for key, value in state.items()}
    one = SwinEncoder()
    said = load_into(one, write(tmp_path / "w.pth", theirs), source).adapted
    first = "patch_embed.proj.weight"
    assert said == f"{first}: 2 input channels added up and distributed to 1"
    summed = state[first].sum(dim=1, keepdim=True)
    torch.testing.assert_close(one.transformer.state_dict()[first], summed)


def test_neuro_simclr_has_monais_shortcuts_and_a_projector(tmp_path: Path) -> None:
    source = without_digest("neuro_simclr_resnet18")
    settings = ModelSettings(
        name="a", encoder="resnet18", fusion="none", maps=("t1w",), weights=source.name
    )
    encoder, state = build_encoder(settings), trained(build_encoder(settings))
    assert "layer2.0.downsample.0.bias" in state
    theirs = {f"module.encoder.{key}": value for key, value in state.items()}
    theirs["module.projector.0.weight"] = torch.zeros(4, 5)
    optimiser = {"state": {}, "param_groups": []}
    content = {
        "epoch": 3,
        "model_state_dict": theirs,
        "optimizer_state_dict": optimiser,
    }
    torch.save(content, tmp_path / "w.pth")
    loaded = load_into(encoder, tmp_path / "w.pth", source)
    assert loaded.left_out == ("module.projector.0.weight",)
    assert same(encoder, state)


def test_every_source_says_what_a_reader_must_know() -> None:
    for source in SOURCES.values():
        assert source.url.startswith("https://")
        assert source.licence
        assert source.adni.split()[0].strip(":,") in {"none", "not", "inside"}
        assert source.has_adni == source.adni.startswith("inside")
        assert (source.sha256 is None) == (source.sha256_stated_by is None)


def test_every_fault_is_named_and_nothing_is_loaded(tmp_path: Path) -> None:
    encoder, state = ResNetEncoder(10), trained(ResNetEncoder(10))
    before = {k: v.clone() for k, v in encoder.state_dict().items()}
    del state["bn1.weight"]
    state["fc.weight"] = torch.zeros(2, 2)
    state["bn1.bias"] = torch.zeros(7)
    state["layer1.0.bn1.bias"][0] = torch.nan
    with pytest.raises(
        InputError,
        match=r"missing: bn1\.weight; unexpected: fc\.weight; of another shape:"
        r" bn1\.bias \(\(7,\), not \(4,\)\); not finite: layer1\.0\.bn1\.bias;"
        " nothing was loaded",
    ):
        load_into(encoder, write(tmp_path / "w.pth", state), MEDICALNET)
    assert all(torch.equal(before[k], v) for k, v in encoder.state_dict().items())


def test_weights_of_another_network_are_refused(tmp_path: Path) -> None:
    path = write(tmp_path / "w.pth", trained(SwinEncoder()))
    with pytest.raises(
        InputError, match=r"resnet10: missing: bn1.* and \d+ more; unexp"
    ):
        load_into(ResNetEncoder(10), path, MEDICALNET)


class Malicious:
    def __reduce__(self) -> tuple[object, tuple[str]]:
        return (print, ("run",))


@pytest.mark.parametrize(
    ("write_it", "reason"),
    [
        (lambda p: p.write_bytes(pickle.dumps(Malicious())), "weights alone"),
        (lambda p: torch.save({"state_dict": Malicious()}, p), "weights alone"),
        (lambda p: p.write_bytes(b"<html>"), "weights alone"),
        (lambda p: p.write_bytes(b""), "weights alone"),
        (lambda p: torch.save([1, 2], p), "no table of weights; got list"),
        (lambda p: torch.save({"state_dict": {"a": 1}}, p), "no table of weights"),
    ],
    ids=["pickle", "pickle in torch's format", "page", "empty", "list", "numbers"],
)
def test_what_is_no_file_of_weights(tmp_path: Path, write_it, reason, capsys) -> None:
    write_it(tmp_path / "w.pth")
    with pytest.raises(InputError, match=reason):
        load_into(ResNetEncoder(10), tmp_path / "w.pth", MEDICALNET)
    assert "run" not in capsys.readouterr().out


def test_one_channel_becomes_two_with_the_same_response(tmp_path: Path) -> None:
    state = trained(ResNetEncoder(10))
    path = write(tmp_path / "w.pth", state)
    one, two = ResNetEncoder(10).eval(), ResNetEncoder(10, in_channels=2).eval()
    load_into(one, path, MEDICALNET)
    said = load_into(two, path, MEDICALNET).adapted
    assert said == "conv1.weight: 1 input channels added up and distributed to 2"
    volume = torch.rand(1, 1, 33, 34, 35)
    torch.testing.assert_close(
        two(volume.repeat(1, 2, 1, 1, 1)), one(volume), rtol=1e-4, atol=1e-4
    )


def test_each_map_starts_from_its_own_weights(tmp_path: Path, monkeypatch) -> None:
    for name in ("medicalnet_resnet10", "swin_unetr_ct"):
        monkeypatch.setitem(SOURCES, name, without_digest(name))
    settings = ModelSettings(
        **CROSS,
        jsm_encoder="swin_unetr",
        weights="medicalnet_resnet10",
        jsm_weights="swin_unetr_ct",
    )
    network = build_network(settings, 2, (33, 33, 33))
    t1w, jsm = (m for m in network.modules() if isinstance(m, Encoder))
    states = trained(t1w), trained(jsm)
    write(tmp_path / "medicalnet_resnet10.pth", states[0])
    theirs = {k.replace("mlp.linear", "mlp.fc"): v for k, v in states[1].items()}
    write(tmp_path / "swin_unetr_ct.pth", theirs)
    done = start_from_weights(network, settings, tmp_path)
    assert [loaded.source for loaded in done] == [
        "medicalnet_resnet10",
        "swin_unetr_ct",
    ]
    assert same(t1w, states[0])
    assert same(jsm, states[1])


def test_without_weights_nothing_is_looked_for(tmp_path: Path) -> None:
    settings = ModelSettings(**CROSS)
    network = build_network(settings, 2, (33, 33, 33))
    assert start_from_weights(network, settings, tmp_path) == []


@pytest.mark.parametrize(
    ("choices", "reason"),
    [
        ({"weights": "swin_unetr_ct"}, "are for encoder swin_unetr, not resnet10"),
        ({"jsm_weights": "medicalnet_resnet18"}, "for encoder resnet18, not resnet10"),
        ({"weights": "medicalnet10"}, "no weights 'medicalnet10', did you mean medica"),
        (
            {"fusion": "stacked", "width": None, "jsm_weights": "medicalnet_resnet10"},
            "no mea",
        ),
    ],
)
def test_settings_refuse_what_does_not_fit(choices, reason: str) -> None:
    with pytest.raises(ValidationError, match=reason):
        ModelSettings.model_validate({**CROSS, **choices})
