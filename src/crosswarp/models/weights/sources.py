"""Weights that can be fetched, and what a reader of a result must know of them."""

import difflib
from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import Any, Final

from crosswarp.errors import InputError

_MEDMETRIC: Final = "github.com/yasinzaii/medmetric at 45b1df36, not by who made them"


@dataclass(frozen=True)
class WeightSource:
    """Weights of one encoder.

    Attributes:
        name: What to write in an experiment file.
        encoder: That they fit.
        url: Of the file, https.
        licence: Licence as its source states it.
        trained_on: Data and task.
        adni: Whether participants of ADNI may have been among them: to test on these
            would be leakage.
        reference: Where all this is said.
        sha256: Of the file where somebody states it; None where nobody does.
        sha256_stated_by: Publisher of the SHA-256.
        prefixes: At the start of its keys, taken off in this order.
        renamed: Parts of its keys and what they are called here.
        left_out: Starts of keys of heads, which an encoder does not have.
        has_adni: Whether participants of ADNI are known to be among them; then nobody
            of ADNI is tested unless the experiment says so.
        made_with: Arguments of the encoder that the file needs.
    """

    name: str
    encoder: str
    url: str
    licence: str
    trained_on: str
    adni: str
    reference: str
    sha256: str | None = None
    sha256_stated_by: str | None = None
    prefixes: tuple[str, ...] = ("module.",)
    renamed: tuple[tuple[str, str], ...] = ()
    left_out: tuple[str, ...] = ()
    has_adni: bool = False
    made_with: Mapping[str, Any] = field(default_factory=dict)

    @property
    def file(self) -> str:
        """Name of the file on disk."""
        return f"{self.name}.pth"


def _medicalnet(depth: int, sha256: str) -> WeightSource:
    return WeightSource(
        name=f"medicalnet_resnet{depth}",
        encoder=f"resnet{depth}",
        url=f"https://huggingface.co/TencentMedicalNet/MedicalNet-Resnet{depth}"
        f"/resolve/main/resnet_{depth}_23dataset.pth",
        licence="MIT",
        trained_on="segmentation in 23 data sets of CT and MRI of several organs, the"
        " brain among them; they are not listed",
        adni="not known: the data sets are not listed, overlap cannot be excluded",
        reference="Chen et al. (2019), Med3D, arXiv 1904.00625; github.com/Tencent/"
        "MedicalNet, update of 2019-07-30",
        sha256=sha256,
        sha256_stated_by=_MEDMETRIC,
    )


_BEFORE_1_5: Final = {"repeated": True}
"""Swin UNETR as MONAI had it before version 1.5; see `RepeatedMerging`."""

_MONAI: Final = (
    "https://github.com/Project-MONAI/MONAI-extra-test-data/releases/download/0.8.1"
)

_ALL: Final = (
    _medicalnet(10, "afa8055f3e47f4a18239495d92a7abc587902c69c31c743de2b2784653b72605"),
    _medicalnet(18, "61224f9317fcce873366deb3703183e92cc47325b726b69691b33536244e10f4"),
    _medicalnet(34, "3ea7188e396774e4ef95b66e5e90a78273bb33f6e58d3d717bf24f5f1aaeaa28"),
    _medicalnet(50, "ff48a62219073fb977fd3f4ddfb8dc1367f0ec156c8d6f6c37e205bd683a246e"),
    WeightSource(
        name="swin_unetr_ct",
        encoder="swin_unetr",
        url=f"{_MONAI}/model_swinvit.pt",
        licence="not stated for the file; its repository is Apache-2.0",
        trained_on="self-supervised, 5,050 public CT scans of chest, abdomen, head and"
        " neck; no MRI",
        adni="none: CT alone",
        reference="Tang et al. (2022), CVPR; MONAI's research-contributions,"
        " SwinUNETR/Pretrain",
        renamed=(("mlp.fc1.", "mlp.linear1."), ("mlp.fc2.", "mlp.linear2.")),
        left_out=("rotation_", "contrastive_", "conv.", "norm."),
        made_with=_BEFORE_1_5,
    ),
    WeightSource(
        name="swin_unetr_ct_mr",
        encoder="swin_unetr",
        url=f"{_MONAI}/ssl_pretrained_weights.pth",
        licence="not stated for the file; its repository is Apache-2.0",
        trained_on="self-supervised, about 50,000 public CT and MR scans in 14 data"
        " sets, of the brain AOMIC, QTIM, BraTS 2021, UPenn-GBM",
        adni="not among the 14 data sets that are listed",
        reference="Valanarasu et al. (2023), arXiv 2307.16896; MONAI's tutorials,"
        " self_supervised_pretraining/swinunetr_pretrained",
        prefixes=("module.", "encoder."),
        renamed=tuple((f"layers{n}.0.0.", f"layers{n}.0.") for n in (1, 2, 3, 4)),
        left_out=("mask_token", "norm.", "out.", "decoder"),
        made_with=_BEFORE_1_5,
    ),
    WeightSource(
        name="brainsegfounder_ukb",
        encoder="swin_unetr",
        url="https://huggingface.co/smilelab/BrainSegFounder/resolve/main"
        "/model_weights_UKB-pretrain.pt",
        licence="UK Biobank's material transfer agreement (uk-biobank-mta), as its"
        " model card states; read it before use",
        trained_on="self-supervised, brain MRI of some 41,000 participants of UK"
        " Biobank (fields 20252 and 20253)",
        adni="none: UK Biobank alone",
        reference="Cox et al. (2024), Medical Image Analysis, arXiv 2406.10395;"
        " model card smilelab/BrainSegFounder. Not tried on the file itself: its keys"
        " are as others describe them",
        prefixes=("module.", "swinViT."),
        left_out=("rotation_", "contrastive_", "conv."),
        made_with=_BEFORE_1_5,
    ),
    WeightSource(
        name="neuro_simclr_resnet18",
        encoder="resnet18",
        url="https://github.com/emilykaczmarek/3D-Neuro-SimCLR/releases/download/v1.0.0"
        "/simclr_3d_brain_foundation.tar",
        licence="not stated: no licence was found in its repository; ask its authors",
        trained_on="self-supervised, with first_stride 1, 44,958 T1w scans of 18,759"
        " people from ADNI and ten other data sets of healthy people, dementia,"
        " Parkinson's disease and stroke",
        adni="inside: participants of ADNI are refused in test parts, unless the"
        " experiment says test_on_pretrained: true",
        reference="Kaczmarek et al. (2025), ICCV workshop CVAMD, arXiv 2509.10620; the"
        " README of its repository. Not tried on the file itself: its keys are as"
        " others describe them",
        sha256="f046dafe009de0cfa113a022c1ef9603d123834f217074eb86d26037e72b98f5",
        sha256_stated_by="one user's published loader, not by who made them",
        prefixes=("module.", "encoder."),
        left_out=("projector.",),
        has_adni=True,
        made_with={"shortcut": "B with bias"},
    ),
)

SOURCES: Final[dict[str, WeightSource]] = {source.name: source for source in _ALL}


def find_source(name: str) -> WeightSource:
    """Look weights up.

    Raises:
        InputError: If there are none of that name; names the nearest.
    """
    if name not in SOURCES:
        near = difflib.get_close_matches(name, SOURCES, n=1)
        hint = f", did you mean {near[0]}" if near else ""
        msg = f"no weights {name!r}{hint}? There are: {', '.join(SOURCES)}"
        raise InputError(msg)
    return SOURCES[name]
