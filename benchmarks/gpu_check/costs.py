"""What training and registration cost on a CUDA device: seconds and memory."""

import time
from collections.abc import Callable
from contextlib import nullcontext
from functools import partial
from typing import Any, Final

import torch
from torch.nn.functional import cross_entropy

from benchmarks.gpu_check.agreement import made_heads
from benchmarks.gpu_check.floats import whole_floats
from benchmarks.gpu_check.rows import NO_CUDA, Table, Verdict
from crosswarp.models.build import build_network
from crosswarp.models.catalogue import CATALOGUE, EXTENTS
from crosswarp.registration.build import register
from crosswarp.registration.settings import (
    MapSettings,
    RegistrationSettings,
    TorchSettings,
    TwoStageSettings,
)

GB: Final = 1e9

SMALL_CARD_GB: Final = 12
"""Memory of the paper's card, emulated."""

MOST_SCANS: Final = 128
"""Largest batch that is tried."""

STEPS: Final = 3
"""Steps that are timed, after one that is not."""

_PAPER: Final = "paper_cross_attention"

_FORMS: Final[dict[str, dict[str, Any]]] = {
    "32-bit": {},
    "32-bit, no TF32": {"whole": True},
    "bf16": {"mixed": True},
    "bf16, channels last": {"mixed": True, "channels_last": True},
    "bf16, torch.compile": {"mixed": True, "compiled": True},
}
"""Forms in which a step is tried; 32-bit is torch's default, TF32 in convolutions."""


def measure(table: Table, device: torch.device | None) -> None:
    """Add the rows of what a GPU costs.

    Args:
        table: Table that the rows are added to.
        device: CUDA device, or another or None, of which nothing is measured.
    """
    for form, choices in _FORMS.items():
        what = f"{_PAPER}, 1 mm, batch 16, {form}"
        table.look("step", what, _if_cuda(device, partial(_step, _PAPER, 16, choices)))
    what = "swin_unetr_jsm, 1 mm, batch 1, bf16"
    swin = partial(_step, "swin_unetr_jsm", 1, _FORMS["bf16"])
    table.look("step", what, _if_cuda(device, swin))
    for gigabytes in (None, SMALL_CARD_GB):
        of = "all memory" if gigabytes is None else f"{gigabytes} GB"
        table.look(
            "largest batch",
            f"{_PAPER}, 1 mm, 32-bit, {of}",
            _if_cuda(device, partial(_largest_batch, gigabytes)),
        )
    chosen: tuple[RegistrationSettings, ...] = (
        TwoStageSettings(),
        MapSettings(),
        TorchSettings(),
    )
    for settings in chosen:
        table.look(
            "registration, seconds",
            settings.backend,
            _if_cuda(device, partial(_registration, settings)),
        )


def _if_cuda(
    device: torch.device | None, measured: Callable[[], tuple[str, Verdict]]
) -> Callable[[], tuple[str, Verdict]]:
    if device is not None and device.type == "cuda":
        return measured
    return lambda: (NO_CUDA, "skipped")


class Step:
    """A training step of one network on made-up maps, to be repeated.

    Args:
        name: Name of the network in the catalogue.
        scans: Number of scans seen at once.
        device: Device of the step.
        mixed: Whether products are taken in bf16.
        channels_last: Whether the features of a voxel lie side by side in memory.
        compiled: Whether the network goes through `torch.compile`.
    """

    def __init__(
        self,
        name: str,
        scans: int,
        device: torch.device,
        *,
        mixed: bool = False,
        channels_last: bool = False,
        compiled: bool = False,
    ) -> None:
        settings = CATALOGUE[name]
        extent = EXTENTS[1] if device.type == "cuda" else EXTENTS[2]
        network = build_network(settings, 2, extent).to(device).train()
        t1w, jsm = torch.rand(2, scans, 1, *extent, device=device)
        if channels_last:
            form: Any = torch.channels_last_3d
            moved: Any = network
            moved.to(memory_format=form)
            t1w, jsm = (m.contiguous(memory_format=form) for m in (t1w, jsm))
        self._optimiser = torch.optim.Adam(network.parameters(), 1e-4)
        self._network: Any = torch.compile(network) if compiled else network
        self._maps, self._mixed, self._device = (t1w, jsm), mixed, device
        self._truth = torch.arange(scans, device=device) % 2

    def __call__(self) -> None:
        """Go forward, backward, and one step of Adam."""
        self._optimiser.zero_grad()
        with torch.autocast(self._device.type, torch.bfloat16, enabled=self._mixed):
            logits = self._network(*self._maps)
        loss: Any = cross_entropy(logits.float(), self._truth)
        loss.backward()
        self._optimiser.step()


def _step(name: str, scans: int, choices: dict[str, Any]) -> tuple[str, Verdict]:
    torch.cuda.empty_cache()
    torch.cuda.reset_peak_memory_stats()
    chosen = dict(choices)
    with whole_floats() if chosen.pop("whole", False) else nullcontext():
        seconds = _seconds(Step(name, scans, torch.device("cuda"), **chosen))
    peak = torch.cuda.max_memory_allocated() / GB
    return f"{seconds:.3f} s, {peak:.1f} GB a step", "measured"


def _seconds(step: Step) -> float:
    """Return the mean of some steps, after one in which libraries are loaded."""
    step()
    torch.cuda.synchronize()
    started = time.monotonic()
    for _ in range(STEPS):
        step()
    torch.cuda.synchronize()
    return (time.monotonic() - started) / STEPS


def _largest_batch(gigabytes: float | None) -> tuple[str, Verdict]:
    whole = torch.cuda.get_device_properties(0).total_memory
    room = whole if gigabytes is None else min(gigabytes * GB, whole)
    torch.cuda.empty_cache()
    torch.cuda.set_per_process_memory_fraction(room / whole)
    try:
        most = largest(_fits)
    finally:
        torch.cuda.set_per_process_memory_fraction(1.0)
        torch.cuda.empty_cache()
    return f"{most} scans in {room / GB:.0f} GB", "measured"


def _fits(scans: int) -> bool:
    try:
        Step(_PAPER, scans, torch.device("cuda"))()
    except torch.cuda.OutOfMemoryError:
        return False
    finally:
        torch.cuda.empty_cache()
    return True


def largest(fits: Callable[[int], bool], most: int = MOST_SCANS) -> int:
    """Find the largest number that fits: by doubling, then by halves.

    Args:
        fits: Whether so many fit; whoever says no to a number says no to all above.
        most: Largest number that is tried.

    Returns:
        The number; 0 when not even one fits.

    Example:
        >>> largest(lambda scans: scans <= 11)
        11
    """
    below, above = 0, 1
    while above <= most and fits(above):
        below, above = above, 2 * above
    above = min(above, most + 1)
    while above - below > 1:
        middle = (below + above) // 2
        below, above = (middle, above) if fits(middle) else (below, middle)
    return below


def _registration(settings: RegistrationSettings) -> tuple[str, Verdict]:
    """Time the second of two registrations at full size: libraries are loaded then."""
    template, _ = made_heads(float(settings.resolution))
    _, participant = made_heads(float(settings.participant_resolution))
    seconds = 0.0
    for _ in range(2):
        started = time.monotonic()
        register(template, participant, settings)
        seconds = time.monotonic() - started
    return f"{seconds:.1f} s a scan", "measured"
