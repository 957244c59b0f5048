"""Memory: what does not fit is said before the first epoch, with what does."""

import re
import resource
from dataclasses import replace
from pathlib import Path

import psutil
import pytest
import torch

from crosswarp.bids.tables import read_table
from crosswarp.errors import InputError
from crosswarp.models.build import build_network
from crosswarp.models.choices import model_choices
from crosswarp.models.settings import ModelSettings
from crosswarp.training.cell import CellRequest
from crosswarp.training.fold import train_fold
from crosswarp.training.memory import StepMemory, check_memory, measure_step
from crosswarp.training.settings import TrainingSettings
from tests.children import call_in_child

EXTENT = (77, 94, 82)
LARGE = {"like": "compact_jsm", "name": "large", "features": 96, "strides": [2, 2, 2]}


def step(settings: ModelSettings, scans: int, extent: tuple[int, ...]) -> None:
    i, j, k = extent
    network = build_network(settings, 2, (i, j, k))
    optimiser = torch.optim.Adam(network.parameters())
    maps = torch.rand(scans, 1, i, j, k), torch.rand(scans, 1, i, j, k)
    network(*maps).square().sum().backward()
    optimiser.step()


def peak_of_a_step(asked: tuple[str, int]) -> float:
    """Runs in a child: bytes by which one real step raises the process's peak."""
    name, scans = asked
    settings = ModelSettings.model_validate(model_choices(name))
    # The first step reads the code of the libraries, which is no part of a step; a
    # system that is short of memory may have let go of it.
    step(settings, 1, tuple(n // 3 for n in EXTENT))
    before = psutil.Process().memory_info().rss
    # Else the peak is that of the process which started this one, too.
    Path("/proc/self/clear_refs").write_text("5")
    step(settings, scans, EXTENT)
    status = Path("/proc/self/status").read_text()
    (peak_kb,) = re.findall(r"VmHWM:\s+(\d+) kB", status)
    return float(int(peak_kb) * 1024 - before)


@pytest.mark.slow
def test_the_estimate_is_above_a_real_step_and_not_far(tmp_path) -> None:
    """`benchmarks.paper_step` measures the same of all models at 1 mm."""
    name = "compact_cross_attention"
    settings = ModelSettings.model_validate(model_choices(name))
    real = call_in_child(peak_of_a_step, (name, 8), tmp_path)
    estimate = measure_step(settings, 2, EXTENT).needed(8)
    # It holds augmentation and the weights of the best epoch too, which a bare step
    # has not.
    assert real < estimate < 3.5 * real, (real, estimate)


def test_it_grows_with_the_scans() -> None:
    memory = StepMemory(fixed=100.0, per_scan=10.0)
    assert memory.needed(3) == 130
    assert [memory.fitting(room) for room in (99.0, 109.0, 110.0, 145.0)] == [
        0,
        0,
        1,
        4,
    ]


def test_what_fits_is_let_through() -> None:
    memory = StepMemory(fixed=1e6, per_scan=1e6)
    check_memory(memory, TrainingSettings())
    check_memory(memory, TrainingSettings(device="auto"), share=17.5e6)


@pytest.mark.parametrize(
    ("changes", "share", "reason"),
    [
        (
            {},
            10e9,
            "sees 16 scans at once needs about 17.00 GB of memory, 10.00 GB are",
        ),
        ({}, 10e9, r"9 fit: set training.accumulate to 2 .* of 16, in parts of 8\)"),
        ({"accumulate": 2}, 6e9, "5 fit: set training.accumulate to 4"),
        ({"batch_size": 12}, 6e9, "5 fit: set training.accumulate to 3"),
        ({"devices": 2}, 12e9, "sees 8 scans .* 6.00 GB .* 5 fit: .*accumulate to 2"),
        ({}, 1.5e9, "not even one scan fits"),
    ],
    ids=["said", "halves", "quarters", "thirds", "devices", "none"],
)
def test_what_does_not_fit_is_refused(changes, share, reason) -> None:
    memory = StepMemory(fixed=1e9, per_scan=1e9)
    with pytest.raises(InputError, match=reason):
        check_memory(memory, TrainingSettings.model_validate(changes), share)


def train_with_little(asked: tuple[CellRequest, float]) -> str:
    """Runs in a child: train when the process may take so many bytes more.

    Returns:
        Why it was refused; empty when it was not.
    """
    cell, more = asked
    used = psutil.Process().memory_info().data
    resource.setrlimit(resource.RLIMIT_DATA, (int(used + more), resource.RLIM_INFINITY))
    try:
        train_fold(cell)
    except InputError as error:
        return str(error)
    return ""


@pytest.mark.slow
def test_a_batch_too_large_is_refused_and_the_one_that_fits_trains(tiny) -> None:
    training = tiny.training(epochs=1, batch_size=4, selection="last")
    (cell, *_) = tiny.cells(models=[LARGE], training=training)
    step = measure_step(cell.model, 2, cell.grid.seen_extent)
    room = step.needed(2) + step.per_scan / 2
    refused = call_in_child(train_with_little, (cell, room), tiny.folder)
    assert re.search(r"sees 4 scans .* 2 fit: .*accumulate to 2", refused)
    assert not cell.folder.exists()
    assert not cell.working.exists()

    parts = cell.training.model_copy(update={"accumulate": 2})
    fitting = replace(cell, training=parts)
    assert call_in_child(train_with_little, (fitting, room), tiny.folder) == ""
    assert len(read_table(cell.folder / "predictions.tsv")) == 10
