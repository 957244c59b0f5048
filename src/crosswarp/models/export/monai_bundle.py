"""A MONAI bundle: the network, and configurations that MONAI's programs read."""

import importlib.metadata
from importlib import import_module
from pathlib import Path
from typing import Any, Final

import torch
from torch import nn

from crosswarp.errors import MissingPackageError
from crosswarp.files import write_json
from crosswarp.models.bundle import Bundle, BundleCard, load_bundle, save_bundle
from crosswarp.models.export.check import Answer, check_alike
from crosswarp.types.tensors import Logits, Volume

METADATA: Final = "configs/metadata.json"
INFERENCE: Final = "configs/inference.json"
MODELS: Final = "models"

_TYPES: Final = {"t1w": "desc-preproc", "jsm": "desc-logjacobian"}


class ImageNetwork(nn.Module):
    """A network that takes both maps as two channels of one image, as MONAI has it.

    Args:
        network: ``forward(t1w, jsm)`` to logits.
    """

    def __init__(self, network: nn.Module) -> None:
        super().__init__()
        self.network = network

    def forward(self, image: Volume) -> Logits:
        """Return one logit per diagnosis."""
        logits: Logits = self.network(image[:, :1], image[:, 1:])
        return logits


def image_network(folder: str) -> ImageNetwork:
    """Load the network of a MONAI bundle; its configuration calls this.

    Args:
        folder: With the weights in safetensors and the card: no pickle is read.
    """
    return ImageNetwork(load_bundle(Path(folder)).network).eval()


def write_monai_bundle(folder: Path, bundle: Bundle) -> float:
    """Write a MONAI bundle and check it through MONAI's own parser.

    ``network_def`` needs crosswarp to be installed, which ``metadata.json`` says.

    Args:
        folder: To write to.
        bundle: Bundle of the original network.

    Returns:
        The largest difference of a logit.

    Raises:
        MissingPackageError: If MONAI is not installed.
        InputError: If the answers differ.
    """
    parser = _parser()
    save_bundle(folder / MODELS, bundle.network, bundle.card, bundle.reference)
    write_json(folder / METADATA, _metadata(bundle.card))
    write_json(folder / INFERENCE, _inference(bundle.card))
    parser.read_config(folder / INFERENCE)
    parser.read_meta(folder / METADATA)
    parser["bundle_root"] = str(folder)
    network = parser.get_parsed_content("network_def")
    return check_alike(bundle, _answer(network), "MONAI")


def _answer(network: nn.Module) -> Answer:
    def ask(t1w: Volume, jsm: Volume) -> Logits:
        with torch.inference_mode():
            logits: Logits = network(torch.cat([t1w, jsm], dim=1))
        return logits

    return ask


def _parser() -> Any:  # noqa: ANN401 - MONAI is untyped
    try:
        return import_module("monai.bundle").ConfigParser()
    except ImportError as error:
        msg = (
            f"a MONAI bundle needs MONAI, it is not installed ({error}); pip install"
            " 'crosswarp[monai]'"
        )
        raise MissingPackageError(msg) from error


def _metadata(card: BundleCard) -> dict[str, Any]:
    version = importlib.metadata.version
    return {
        "version": "1.0.0",
        "changelog": {"1.0.0": f"exported by crosswarp {version('crosswarp')}"},
        "monai_version": version("monai"),
        "pytorch_version": version("torch").split("+")[0],
        "numpy_version": version("numpy"),
        "required_packages_version": {
            name: version(name) for name in ("crosswarp", "safetensors", "nibabel")
        },
        "name": card.model.name,
        "task": f"Classify {' against '.join(card.classes)} from a brain MRI",
        "description": f"Two maps on {card.space} at {card.resolution} mm, made by"
        " crosswarp preprocess, to one logit a diagnosis. Research software, not a"
        " medical device.",
        "authors": "see the model card",
        "copyright": "of whoever trained it",
        "intended_use": "research on groups like the one it was trained on",
        "data_source": f"{len(card.people)} {card.origin} participants",
        "data_type": "NIfTI",
        "network_data_format": {
            "inputs": {"image": _image(card)},
            "outputs": {"pred": _logits(card)},
        },
    }


def _image(card: BundleCard) -> dict[str, Any]:
    return {
        "type": "image",
        "format": "magnitude",
        "modality": "MR",
        "num_channels": 2,
        "spatial_shape": list(card.extent),
        "dtype": "float32",
        "value_range": [],
        "is_patch_data": False,
        "channel_def": {"0": "T1w, 0 to 1", "1": "log-Jacobian"},
    }


def _logits(card: BundleCard) -> dict[str, Any]:
    return {
        "type": "probabilities",
        "format": "logits",
        "num_channels": len(card.classes),
        "spatial_shape": [1],
        "dtype": "float32",
        "value_range": [],
        "is_patch_data": False,
        "channel_def": {str(n): name for n, name in enumerate(card.classes)},
    }


def _inference(card: BundleCard) -> dict[str, Any]:
    starts, stops = ([bounds[n] for bounds in card.box] for n in (0, 1))
    name = f"space-{card.space}_res-{card.resolution}_{_TYPES['t1w']}_T1w.nii.gz"
    swapped = f".replace('{_TYPES['t1w']}', '{_TYPES['jsm']}')"
    keys = ["t1w", "jsm"]
    return {
        "imports": ["$import pathlib", "$import torch"],
        "bundle_root": ".",
        "dataset_dir": "derivatives",
        "device": "$torch.device('cpu')",
        "t1w_maps": f"$sorted(map(str, pathlib.Path(@dataset_dir).rglob('*_{name}')))",
        "datalist": f"$[{{'t1w': p, 'jsm': p{swapped}}} for p in @t1w_maps]",
        "network_def": {
            "_target_": "crosswarp.models.export.monai_bundle.image_network",
            "folder": f"$@bundle_root + '/{MODELS}'",
        },
        "preprocessing": {
            "_target_": "Compose",
            "transforms": [
                {
                    "_target_": "LoadImaged",
                    "keys": keys,
                    "image_only": True,
                    "reader": "NibabelReader",
                },
                {"_target_": "EnsureChannelFirstd", "keys": keys},
                {
                    "_target_": "SpatialCropd",
                    "keys": keys,
                    "roi_start": starts,
                    "roi_end": stops,
                },
                {"_target_": "ConcatItemsd", "keys": keys, "name": "image"},
                {"_target_": "ToTensord", "keys": "image", "track_meta": False},
            ],
        },
        "dataset": {
            "_target_": "Dataset",
            "data": "@datalist",
            "transform": "@preprocessing",
        },
        "inferer": {"_target_": "SimpleInferer"},
        "probabilities": "$[@inferer(sample['image'][None].to(@device),"
        " @network_def.to(@device)).softmax(1)[0].tolist() for sample in @dataset]",
    }
