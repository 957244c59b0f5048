"""A MONAI bundle: MONAI's own parser loads it, and it answers as the original does."""

import json
import sys
from pathlib import Path

import nibabel as nib
import pytest
import torch
from monai.bundle import ConfigParser
from monai.bundle.properties import MetaProperties

from crosswarp.bids.ids import ScanId
from crosswarp.errors import MissingPackageError
from crosswarp.models.bundle import load_bundle
from crosswarp.models.export.write import export_bundle
from tests.tiny_maps import map_path, write_tiny_cohort


def parsed(out: Path, dataset: Path) -> ConfigParser:
    parser = ConfigParser()
    parser.read_config(out / "configs/inference.json")
    parser.read_meta(out / "configs/metadata.json")
    parser["bundle_root"] = str(out)
    parser["dataset_dir"] = str(dataset)
    return parser


# MONAI makes all of its readers, the ones that are not asked for too.
@pytest.mark.filterwarnings("ignore:NvImgCodecPydicomReader:UserWarning")
def test_maps_on_disk_get_the_originals_probabilities(bundle, tmp_path) -> None:
    out = tmp_path / "monai"
    assert export_bundle(bundle, out, "monai") <= 1e-6
    write_tiny_cohort(tmp_path, participants=2)
    got = parsed(out, tmp_path / "derivatives").get_parsed_content("probabilities")
    original = load_bundle(bundle)
    box = tuple(slice(*bounds) for bounds in original.card.box)
    expected = []
    for number in range(2):
        maps = [
            torch.from_numpy(
                nib.load(
                    map_path(tmp_path / "derivatives", ScanId(f"sub-0{number}"), desc)
                ).get_fdata(dtype="float32")[box]
            )[None, None]
            for desc in ("preproc", "logjacobian")
        ]
        expected.append(original.network(*maps).softmax(1)[0])
    torch.testing.assert_close(torch.tensor(got), torch.stack(expected))


def test_metadata_has_what_monai_requires(bundle: Path, tmp_path: Path) -> None:
    out = tmp_path / "monai"
    export_bundle(bundle, out, "monai")
    parser = parsed(out, tmp_path)
    for name, wanted in MetaProperties.items():
        place = wanted["id"].replace("::", "#")
        if name != "channel_def" or wanted["required"]:
            assert parser.get(place) is not None, name
    metadata = json.loads((out / "configs/metadata.json").read_text())
    image = metadata["network_data_format"]["inputs"]["image"]
    assert image["spatial_shape"] == [24, 26, 24]
    assert metadata["data_source"] == "2 virtual participants"
    assert not list(out.rglob("*.pt")), "no pickle"


def test_without_monai(bundle: Path, tmp_path: Path, monkeypatch) -> None:
    monkeypatch.setitem(sys.modules, "monai.bundle", None)
    with pytest.raises(MissingPackageError, match="needs MONAI"):
        export_bundle(bundle, tmp_path / "monai", "monai")
