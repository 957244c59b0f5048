"""crosswarp model weights, as a person calls it."""

import dataclasses
from pathlib import Path

import pytest
from typer.testing import CliRunner

from crosswarp.cli.main import app
from crosswarp.errors import InputError
from crosswarp.models.weights.sources import SOURCES
from tests.models.weights.server import serving

NAME = "medicalnet_resnet18"


def call(*words: object) -> str:
    result = CliRunner().invoke(app, ["model", "weights", *map(str, words)])
    if result.exception is not None:
        raise result.exception
    return result.output


def test_the_list_says_what_a_reader_must_know(tmp_path: Path) -> None:
    said = call("list", "--folder", tmp_path)
    assert said.startswith(f"folder: {tmp_path}\n")
    for source in SOURCES.values():
        assert f"\n{source.name} (absent)\n" in said
        assert f"  ADNI: {source.adni}\n" in said
        assert f"  from: {source.url}\n" in said


def test_fetch_and_verify(tmp_path: Path, monkeypatch) -> None:
    with serving({"/w": b"weights"}) as address:
        source = dataclasses.replace(SOURCES[NAME], url=f"{address}/w", sha256=None)
        monkeypatch.setitem(SOURCES, NAME, source)
        assert "fetched: as first fetched" in call("fetch", NAME, "--folder", tmp_path)
        assert "was there: as" in call("fetch", NAME, "--folder", tmp_path)
    assert f"{NAME}: as first fetched" in call("verify", "--folder", tmp_path)
    (tmp_path / f"{NAME}.pth").write_bytes(b"others")
    with pytest.raises(InputError, match=f"changed or absent in .*: {NAME}; fetch"):
        call("verify", "--folder", tmp_path)
    with pytest.raises(InputError, match="swin_unetr_ct"):
        call("verify", "swin_unetr_ct", "--folder", tmp_path)
