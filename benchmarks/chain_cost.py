"""CPU seconds and peak memory of every step from a raw scan to its maps.

Run from the root of the repository: ``python -m benchmarks.chain_cost SCAN OUT``, with
``--registration`` and ``--resolution`` as for ``crosswarp preprocess``. The table goes
into docs/measured/preprocessing.md. Seconds are those of the processor, of all threads,
so that other work on the machine does not count; memory is the largest that the process
had during the step, what earlier steps keep included (Linux only).
"""

import argparse
import sys
import time
from collections.abc import Callable
from dataclasses import dataclass, field
from pathlib import Path
from types import ModuleType
from typing import Any

from crosswarp.bids.ids import ScanId
from crosswarp.preprocessing import finish, maps, scan
from crosswarp.preprocessing.request import ScanRequest
from crosswarp.preprocessing.settings import PreprocessSettings
from crosswarp.registration.build import registration_named

STEPS: list[tuple[str, ModuleType, tuple[str, ...]]] = [
    ("read and reorient", scan, ("read_source",)),
    ("brain mask", maps, ("locate_brain",)),
    ("N4", maps, ("correct_bias",)),
    ("intensity scaling", maps, ("scale_intensity",)),
    ("template", maps, ("load_template", "softness")),
    ("participant at the working spacing", maps, ("at_spacing",)),
    ("registration", maps, ("register",)),
    ("T1w and brain by the affine", finish, ("_align", "_cut_out")),
    ("displacement on the maps' grid", finish, ("on_grid",)),
    ("log-Jacobian", finish, ("jacobian_determinant", "log_of")),
    ("registered T1w", finish, ("resample",)),
    ("numbers of quality", finish, ("overlap", "similarity", "_deformation")),
    ("size of the head", finish, ("intracranial_volume_cm3",)),
    ("picture", scan, ("_write_picture",)),
    ("writing", scan, ("_write_transforms", "_write_maps")),
]


@dataclass
class Cost:
    """What a step took.

    Attributes:
        seconds: Of the processor.
        peak_mb: Largest resident memory, in 10^6 bytes.
    """

    seconds: float = 0.0
    peak_mb: float = 0.0


@dataclass
class Meter:
    """Watches calls; those inside another watched call count for that one."""

    costs: dict[str, Cost] = field(default_factory=dict)
    inside: bool = False

    def watched(self, step: str, called: Callable[..., Any]) -> Callable[..., Any]:
        """Wrap a function so that its calls are counted for a step."""
        cost = self.costs.setdefault(step, Cost())

        def call(*args: object, **options: object) -> object:
            if self.inside:
                return called(*args, **options)
            self.inside = True
            forget_peak()
            started = time.process_time()
            try:
                return called(*args, **options)
            finally:
                cost.seconds += time.process_time() - started
                cost.peak_mb = max(cost.peak_mb, peak_mb())
                self.inside = False

        return call


def forget_peak() -> None:
    """Let the kernel count the largest memory from now on."""
    Path("/proc/self/clear_refs").write_text("5", encoding="ascii")


def peak_mb() -> float:
    """Largest resident memory since it was last forgotten."""
    for line in Path("/proc/self/status").read_text("ascii").splitlines():
        if line.startswith("VmHWM"):
            return int(line.split()[1]) * 1024 / 1e6
    msg = "this kernel does not tell the largest memory"
    raise RuntimeError(msg)


def main() -> None:
    """Preprocess one scan and print the table."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("scan", type=Path)
    parser.add_argument("out", type=Path)
    parser.add_argument("--registration", default=None)
    parser.add_argument("--resolution", type=int, default=1)
    asked = parser.parse_args()
    chosen = {"resolution": asked.resolution}
    if asked.registration:
        chosen["registration"] = registration_named(asked.registration)
    settings = PreprocessSettings.model_validate(chosen)
    meter = Meter()
    for step, module, names in STEPS:
        for name in names:
            setattr(module, name, meter.watched(step, getattr(module, name)))
    label = ScanId("sub-measured")
    request = ScanRequest(label, asked.scan, asked.scan.name, asked.out, settings)
    started = time.process_time()
    result = scan.preprocess_scan(request)
    whole = time.process_time() - started
    lines = [f"{result.refused or 'made'}; {settings.registration.backend}"]
    lines += ["| step | CPU s | peak, MB |", "| --- | --- | --- |"]
    costs = dict(meter.costs)
    most = max(cost.peak_mb for cost in costs.values())
    costs["all"] = Cost(whole, most)
    for step, cost in costs.items():
        lines.append(f"| {step} | {cost.seconds:.1f} | {cost.peak_mb:.0f} |")
    sys.stdout.write("\n".join(lines) + "\n")


if __name__ == "__main__":
    main()
