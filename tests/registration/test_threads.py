"""N workers use N cores: a back end computes on as many threads as it was given."""

from pathlib import Path

import pytest

from crosswarp.execution.isolated import run_isolated
from crosswarp.registration.build import REGISTRATIONS

pytestmark = [pytest.mark.slow, pytest.mark.registration]

# What other threads than the one that asked computed, as a share of the whole.
MEASURED = """
import time
from pathlib import Path
{before}
whole, mine = time.process_time(), time.thread_time()
{work}
whole, mine = time.process_time() - whole, time.thread_time() - mine
Path({note!r}).write_text(str(1 - mine / whole))
"""

BRAIN = """
from crosswarp.registration.build import register, registration_named
from crosswarp.registration.template import coarsen, load_template
brain = coarsen(load_template(2).brain)
"""

# As many levels as ever, and on the finest a tenth of the iterations.
BRIEFLY = {
    "torch": {"deformable_iterations": (30, 3)},
    "two_stage": {"second_iterations": (20, 4)},
    "map": {"deformable_iterations": (30, 30, 4)},
}

PRODUCTS = "for _ in range(10): torch.ones(1000, 1000) @ torch.ones(1000, 1000)"


def share_of_others(before: str, work: str, threads: int, note: Path) -> float:
    text = MEASURED.format(before=before, work=work, note=str(note))
    outcome = run_isolated(exec, text, threads=threads)
    assert outcome.status == "ok", outcome.reason
    return float(note.read_text())


@pytest.mark.parametrize("name", sorted(REGISTRATIONS))
def test_one_thread_is_one_thread(name: str, tmp_path: Path) -> None:
    settings = f"registration_named({name!r}).model_copy(update={BRIEFLY.get(name)})"
    work = f"register(brain, brain, {settings})"
    assert share_of_others(BRAIN, work, 1, tmp_path / "note") < 0.02


def test_two_threads_would_be_seen(tmp_path: Path) -> None:
    assert share_of_others("import torch", PRODUCTS, 2, tmp_path / "note") > 0.1
