"""Does a GPU give what a CPU gives, and what does it cost there?

Run ``scripts/gpu-check`` from the root of the repository, on a machine with a GPU:
it needs no installation of crosswarp, no data and no network. What it needs is torch,
numpy, scipy, pydantic, jaxtyping and einops; with MONAI it looks at the large encoders
as well. It prints a table as Markdown and ends with 0 when nothing differs.
Without a GPU the CPU's side runs, and every row says that it was skipped.
"""

import argparse
import platform
import sys
from pathlib import Path

import torch
from torch.version import __version__ as VERSION

from benchmarks.gpu_check import agreement, costs
from benchmarks.gpu_check.floats import whole_floats
from benchmarks.gpu_check.rows import Table, counted
from crosswarp.files import write_json

LIMIT_S = 420
"""No row is begun after; the last one may take a minute."""


def find_gpu() -> torch.device | None:
    """Return the accelerator that is held against the CPU; None without one."""
    if torch.cuda.is_available():
        return torch.device("cuda")
    return torch.device("mps") if torch.backends.mps.is_available() else None


def name_machine(device: torch.device | None) -> str:
    """Name the machine: its GPU, its processor and torch's version."""
    if device is None:
        gpu = "no GPU"
    elif device.type == "cuda":
        properties = torch.cuda.get_device_properties(0)
        gpu = f"{properties.name}, {properties.total_memory / 1e9:.0f} GB"
    else:
        gpu = f"the accelerator {device.type}"
    system = f"{platform.system()} {platform.machine()}"
    return f"{gpu}; {system}; Python {platform.python_version()}, torch {VERSION}"


def main(words: list[str] | None = None) -> int:
    """Print the table; return 0 when nothing differs and nothing failed.

    Args:
        words: Arguments; the command line's when None.
    """
    parser = argparse.ArgumentParser(
        "scripts/gpu-check",
        description=__doc__,
        formatter_class=argparse.RawDescriptionHelpFormatter,
    )
    parser.add_argument(
        "--rehearse",
        action="store_true",
        help="Hold the CPU against itself, to see that the comparisons run.",
    )
    parser.add_argument(
        "--limit", type=float, default=LIMIT_S, help="Begin no row after these seconds."
    )
    parser.add_argument("--only", nargs="+", default=(), help="Parts to look at.")
    parser.add_argument("--json", type=Path, help="File for the rows as JSON.")
    given = parser.parse_args(words)
    device = torch.device("cpu") if given.rehearse else find_gpu()
    machine = name_machine(None if given.rehearse else device)
    table = Table(given.limit, _write, given.only)
    _write(f"{machine}\n\n")
    table.heading()
    with whole_floats():
        agreement.compare(table, device)
    costs.measure(table, device)
    _write(f"\n{counted(table.rows)}\n")
    if given.json is not None:
        write_json(given.json, {"machine": machine, **table.as_json()})
    return 0 if table.sound() else 1


def _write(text: str) -> None:
    sys.stdout.write(text)
    sys.stdout.flush()


if __name__ == "__main__":
    sys.exit(main())
