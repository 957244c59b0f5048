"""Memory and seconds of one full-size training step of every model of an experiment.

Run from the root of the repository: ``python -m benchmarks.paper_step``. Takes
``configs/paper.yaml`` unless another file is named. Each model does one step in a
process of its own, on made-up maps of the whole template at the experiment's
resolution: the batch in as many parts as fit into memory, of which one is timed. The
table goes into docs/measured/training.md. Seconds are those of the processor on one
thread, so that other work on the machine does not count.
"""

import argparse
import sys
import time
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import torch
import yaml
from torch.nn.functional import cross_entropy

from crosswarp.errors import CrosswarpError
from crosswarp.execution.isolated import run_isolated
from crosswarp.execution.memory import free_bytes
from crosswarp.models.build import build_network
from crosswarp.models.catalogue import EXTENTS, Resolution
from crosswarp.models.choices import model_choices
from crosswarp.models.settings import ModelSettings
from crosswarp.training.memory import measure_step
from crosswarp.training.settings import TrainingSettings
from crosswarp.types.grid import Extent

GB = 1e9


@dataclass(frozen=True)
class Step:
    """A step to be tried: picklable."""

    model: ModelSettings
    training: TrainingSettings
    resolution: Resolution

    @property
    def extent(self) -> Extent:
        """Voxels of the maps."""
        return EXTENTS[self.resolution]


def run_step(step: Step) -> dict[str, float]:
    """Forward, backward and one step of Adam on as many scans as a part has."""
    device = "cuda" if torch.cuda.is_available() else "cpu"
    extent = step.extent
    network = build_network(step.model, 2, extent).to(device).train()
    optimiser = torch.optim.Adam(network.parameters(), step.training.learning_rate[0])
    scans = step.training.part_size
    started = time.process_time()
    t1w, jsm = (torch.rand(scans, 1, *extent, device=device) for _ in range(2))
    truth = torch.arange(scans, device=device) % 2
    loss = cross_entropy(network(t1w, jsm), truth)
    loss.backward()  # type: ignore[no-untyped-call]
    part = time.process_time() - started
    optimiser.step()
    return {
        "parameters": sum(p.numel() for p in network.parameters()),
        "part_seconds": part,
        "loss": float(loss),
        "device_gb": torch.cuda.max_memory_allocated() / GB if device == "cuda" else 0,
    }


def largest_part(step: Step) -> Step:
    """Deal the batch into the fewest parts that fit into two thirds of what is free."""
    extent = step.extent
    memory = measure_step(step.model, 2, extent)
    batch = step.training.batch_size
    for parts in (n for n in range(1, batch + 1) if batch % n == 0):
        if memory.needed(batch // parts) <= free_bytes() * 2 / 3 or parts == batch:
            chosen = step.training.model_copy(update={"accumulate": parts})
            return Step(step.model, chosen, step.resolution)
    raise AssertionError


def row(step: Step, room_gb: float) -> str:
    """Measure a model and return its line of the table.

    Args:
        step: To be tried.
        room_gb: Memory for which the largest number of scans at once is said.
    """
    extent = step.extent
    try:
        estimate = measure_step(step.model, 2, extent)
    except CrosswarpError as error:
        return f"| {step.model.name} | {error} ||||||"
    outcome = run_isolated(run_step, step, timeout_s=3600)
    whole, part = step.training.batch_size, step.training.part_size
    if outcome.status != "ok":
        return f"| {step.model.name} | | {part} | {outcome.reason} ||||"
    found: dict[str, Any] = outcome.value
    seconds = found["part_seconds"] * whole / part
    return (
        f"| {step.model.name} | {found['parameters']:,} | {part} |"
        f" {outcome.peak_mb / 1000:.1f} | {estimate.needed(part) / GB:.1f} |"
        f" {estimate.needed(whole) / GB:.1f} |"
        f" {min(whole, estimate.fitting(room_gb * GB))} | {seconds:.0f} |"
    )


def main() -> None:
    """Print the table as Markdown, a line as soon as it is measured."""
    parser = argparse.ArgumentParser()
    parser.add_argument("experiment", type=Path, nargs="?", default=_PAPER)
    parser.add_argument("--scans-at-once", type=int, help="instead of what fits")
    parser.add_argument("--room-gb", type=float, default=free_bytes() / GB)
    parser.add_argument("--only", nargs="*", help="names of models; all without it")
    given = parser.parse_args()
    content = yaml.safe_load(given.experiment.read_text(encoding="utf-8"))
    training = TrainingSettings.model_validate(content["training"])
    write = sys.stdout.write
    write(
        "| model | parameters | scans at once | measured, GB | estimated, GB |"
        f" estimated for {training.batch_size} at once, GB |"
        f" most at once in {given.room_gb:.0f} GB |"
        f" CPU seconds a step of {training.batch_size} |\n"
        "| --- | ---: | ---: | ---: | ---: | ---: | ---: | ---: |\n"
    )
    for entry in content["models"]:
        model = ModelSettings.model_validate(model_choices(entry))
        if given.only and model.name not in given.only:
            continue
        step = Step(model, training, content["resolution"])
        if given.scans_at_once:
            parts = training.batch_size // given.scans_at_once
            fixed = training.model_copy(update={"accumulate": parts})
            step = Step(model, fixed, step.resolution)
        else:
            step = largest_part(step)
        write(row(step, given.room_gb) + "\n")
        sys.stdout.flush()


_PAPER = Path(__file__).parents[1] / "configs" / "paper.yaml"

if __name__ == "__main__":
    main()
