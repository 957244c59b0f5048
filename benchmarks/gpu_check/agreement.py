"""CPU against GPU: encoders, fusions, registration, attribution, a training run."""

import copy
from functools import partial
from typing import Final, get_args

import numpy as np
import torch
from scipy import ndimage
from torch import Tensor, nn
from torch.nn.functional import cross_entropy

from benchmarks.gpu_check.rows import NO_GPU, Table, Verdict, judged
from crosswarp.explanation.gradients import integrated_gradients
from crosswarp.models.build import build_encoder, build_network
from crosswarp.models.catalogue import CATALOGUE
from crosswarp.models.fusion.table import FUSIONS
from crosswarp.models.pattern_choices import CROSSED, PATTERNS
from crosswarp.models.patterns import PatternClassifier
from crosswarp.models.settings import EncoderName, ModelSettings
from crosswarp.registration.build import register
from crosswarp.registration.jacobian import log_jacobian
from crosswarp.registration.settings import (
    MapSettings,
    RegistrationSettings,
    TorchSettings,
    TwoStageSettings,
)
from crosswarp.types.arrays import SpatialMap
from crosswarp.types.grid import Extent

MOST_RELATIVE: Final = 1e-3
"""Length of a difference over that of the CPU's answer; 32-bit floats, no TF32."""

MOST_MM: Final = 0.1
"""Mean distance, in the brain, between where two registrations take a voxel."""

MOST_AUC: Final = 0.02

SMALL: Final[Extent] = (30, 32, 34)
"""Voxels of the maps for what does not depend on their size."""


def compare(table: Table, other: torch.device | None) -> None:
    """Add the rows of everything that must be the same on both.

    Args:
        table: Table that the rows are added to.
        other: Device that is held against the CPU; only the CPU's side runs when None.
    """
    # Patterns are no encoder of tokens; they are looked at with their fusion.
    for encoder in (name for name in get_args(EncoderName) if name != PATTERNS):
        table.look("encoder", encoder, partial(_encoder, encoder, other))
    for fusion in FUSIONS:
        table.look("fusion", fusion, partial(_fusion, fusion, other))
    back_ends: dict[str, RegistrationSettings] = {
        settings.backend: settings
        for settings in (
            MapSettings(device="cpu", deformable_iterations=(20, 10)),
            TorchSettings(device="cpu", deformable_iterations=(20, 10)),
            TwoStageSettings(
                device="cpu",
                first_iterations=(20, 10),
                second_iterations=(10, 6),
            ),
        )
    }
    for name, settings in back_ends.items():
        table.look("registration", name, partial(_registration, settings, other))
    table.look("attribution", "integrated gradients", partial(_attribution, other))
    table.look("training", "AUC, held out", partial(_training, other))


def _encoder(name: EncoderName, other: torch.device | None) -> tuple[str, Verdict]:
    alone: dict[str, object] = {"fusion": "none", "maps": ("t1w",)}
    settings = ModelSettings.model_validate({"name": name, "encoder": name, **alone})
    torch.manual_seed(0)
    encoder = build_encoder(settings, "t1w").eval()
    i = encoder.smallest_extent
    maps = torch.rand(1, 1, i, i + 1, i + 2)
    with torch.inference_mode():
        here = encoder(maps)
        if other is None:
            return NO_GPU, "skipped"
        there = encoder.to(other)(maps.to(other)).cpu()
    return judged(_relative(here, there), MOST_RELATIVE)


def _fusion(name: str, other: torch.device | None) -> tuple[str, Verdict]:
    """Compare logits, and the gradient of the first layer."""
    network, t1w, jsm = _small_network(name)
    here = _gradients(network, t1w, jsm)
    if other is None:
        return NO_GPU, "skipped"
    network.zero_grad()
    there = _gradients(network.to(other), t1w.to(other), jsm.to(other))
    gaps = [_relative(a, b) for a, b in zip(here, there, strict=True)]
    return judged(max(gaps), MOST_RELATIVE)


def _small_network(fusion: str) -> tuple[nn.Module, Tensor, Tensor]:
    encoder: dict[str, object] = {"encoder": "compact_cnn", "features": 8}
    if fusion == CROSSED:
        encoder = {"encoder": PATTERNS}
    choices = {"name": "small", **encoder, "fusion": fusion}
    if fusion == "none":
        choices["maps"] = ("jsm",)
    torch.manual_seed(0)
    network = build_network(ModelSettings.model_validate(choices), 2, SMALL)
    t1w, jsm = torch.rand(2, 2, 1, *SMALL)
    if isinstance(network, PatternClassifier):
        network.fit([t1w], [jsm])
        nn.init.normal_(network.head.weight)  # at zero there is nothing to compare
    return network.train(), t1w, jsm


def _gradients(network: nn.Module, t1w: Tensor, jsm: Tensor) -> tuple[Tensor, Tensor]:
    logits = network(t1w, jsm)
    logits.square().sum().backward()
    first = next(p for p in network.parameters() if p.grad is not None)
    assert first.grad is not None
    return logits.detach().cpu(), first.grad.detach().cpu().clone()


def _registration(
    settings: RegistrationSettings, other: torch.device | None
) -> tuple[str, Verdict]:
    template, participant = made_heads()
    here = register(template, participant, settings)
    if other is None:
        return NO_GPU, "skipped"
    chosen = settings.model_copy(update={"device": other.type})
    there = register(template, participant, chosen)
    brain = template.values > 0
    apart = (here.displacement - there.displacement)[brain]
    logs = [log_jacobian(r.displacement, template.affine) for r in (here, there)]
    r = float(np.corrcoef(logs[0][brain], logs[1][brain])[0, 1])
    found, verdict = judged(
        float(np.linalg.norm(apart, axis=-1).mean()), MOST_MM, " mm"
    )
    return f"{found}; log-Jacobians correlate by {r:.4f}", verdict


def made_heads(spacing: float = 4.0) -> tuple[SpatialMap, SpatialMap]:
    """Make two brains without any file: blobs, and the same with one that grew.

    Args:
        spacing: Millimetres between voxels.
    """
    extent = tuple(round(mm / spacing) for mm in (192, 228, 192))
    noise = np.random.default_rng(0).standard_normal(extent)
    texture = ndimage.gaussian_filter(noise, 8 / spacing)
    axes = [np.linspace(-1, 1, n) for n in extent]
    x, y, z = np.meshgrid(*axes, indexing="ij")
    inside = (x / 0.7) ** 2 + (y / 0.75) ** 2 + (z / 0.7) ** 2 < 1
    blobs = 0.5 + 0.2 * texture / texture.std()
    values = np.where(inside, blobs.clip(0.1, 1), 0).astype(np.float32)
    affine = np.diag([spacing, spacing, spacing, 1.0])
    affine[:3, 3] = [-96, -114, -96]
    bell = np.exp(-((x - 0.2) ** 2 + y**2 + z**2) / 0.08)
    places = np.indices(extent) - 1.5 * bell * np.stack([x - 0.2, y, z])
    grown = ndimage.map_coordinates(values, places, order=1).astype(np.float32)
    return SpatialMap(values, affine), SpatialMap(grown, affine)


def _attribution(other: torch.device | None) -> tuple[str, Verdict]:
    network, t1w, jsm = _small_network("cross_attention")
    network.eval()
    scan, baseline = (t1w[:1], jsm[:1]), (t1w[1:], jsm[1:])
    maps, _ = integrated_gradients(network, scan, baseline, positive=1, steps=4)
    if other is None:
        return NO_GPU, "skipped"
    there, _ = integrated_gradients(
        network.to(other),
        (scan[0].to(other), scan[1].to(other)),
        (baseline[0].to(other), baseline[1].to(other)),
        positive=1,
        steps=4,
    )
    gaps = [_relative(a, b.cpu()) for a, b in zip(maps, there, strict=True)]
    return judged(max(gaps), MOST_RELATIVE)


def _training(other: torch.device | None) -> tuple[str, Verdict]:
    settings = CATALOGUE["compact_jsm"].model_copy(update={"features": 8})
    torch.manual_seed(0)
    network = build_network(settings, 2, SMALL)
    copied = copy.deepcopy(network)
    here = _trained_auc(network, torch.device("cpu"))
    if other is None:
        return f"CPU: {here:.3f}; {NO_GPU}", "skipped"
    there = _trained_auc(copied, other)
    found, verdict = judged(abs(here - there), MOST_AUC)
    return f"CPU {here:.3f}, GPU {there:.3f}; {found}", verdict


def _trained_auc(network: nn.Module, device: torch.device) -> float:
    """Train on 48 made-up scans, and tell 64 others apart."""
    drawn = torch.Generator().manual_seed(1)
    network.to(device).train()
    optimiser = torch.optim.AdamW(network.parameters(), 3e-3)
    for _ in range(12):
        for jsm, truth in [_made_scans(8, drawn) for _ in range(6)]:
            optimiser.zero_grad()
            there = jsm.to(device)
            loss = cross_entropy(network(there, there), truth.to(device))
            loss.backward()  # type: ignore[no-untyped-call]
            optimiser.step()
    network.eval()
    jsm, truth = _made_scans(64, drawn)
    with torch.inference_mode():
        logits = network(jsm.to(device), jsm.to(device)).cpu()
    return auc(logits[:, 1] - logits[:, 0], truth)


def _made_scans(scans: int, drawn: torch.Generator) -> tuple[Tensor, Tensor]:
    """Draw noise that half of the scans have a smaller region in; too little to see."""
    truth = torch.arange(scans) % 2
    jsm = torch.randn(scans, 1, *SMALL, generator=drawn)
    strength = 0.25 + 0.1 * torch.randn(scans, generator=drawn)
    jsm[:, :, 10:20, 10:20, 10:20] -= (strength * truth)[:, None, None, None, None]
    return jsm, truth


def auc(scores: Tensor, truth: Tensor) -> float:
    """Share of the pairs of a case and a control that are in the right order.

    Args:
        scores: Evidence for the second class.
        truth: Class of each scan, 0 or 1.
    """
    cases, controls = scores[truth == 1], scores[truth == 0]
    above = cases[:, None] - controls[None, :]
    return float(((above > 0).double() + 0.5 * (above == 0)).mean())


def _relative(here: Tensor, there: Tensor) -> float:
    """Length of the difference over that of the CPU's answer."""
    gap = (here.double() - there.double()).norm()
    return float(gap / here.double().norm().clamp(min=1e-12))
