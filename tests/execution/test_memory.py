"""free_bytes: what the machine, the control group and the process leave."""

import resource
from pathlib import Path

import psutil
import pytest

from crosswarp.execution import memory
from crosswarp.execution.memory import free_bytes
from tests.children import call_in_child


def left_under(kind: int) -> float:
    """Runs in a child: allow 200 MB more than is used, then take half of it."""
    info = psutil.Process().memory_info()
    used = {resource.RLIMIT_AS: info.vms, resource.RLIMIT_DATA: info.data}[kind]
    limit = used + 200_000_000
    resource.setrlimit(kind, (limit, resource.RLIM_INFINITY))
    before = free_bytes()
    block = b"1" * 100_000_000
    assert len(block) == 100_000_000
    return before - free_bytes()


def test_no_more_than_the_machine_has() -> None:
    assert 0 < free_bytes() <= psutil.virtual_memory().total


@pytest.mark.parametrize(
    "kind", [resource.RLIMIT_AS, resource.RLIMIT_DATA], ids=["address_space", "data"]
)
def test_the_limits_of_the_process_count(kind: int, tmp_path: Path) -> None:
    taken = call_in_child(left_under, kind, tmp_path)
    assert taken == pytest.approx(100e6, rel=0.02)


def test_a_control_group_counts(tmp_path, monkeypatch) -> None:
    """Files as the kernel writes them, since a test may not make a group."""
    most, now = tmp_path / "memory.max", tmp_path / "memory.current"
    monkeypatch.setattr(memory, "_GROUPS", ((most, now),))
    now.write_text("1000000\n")
    most.write_text("max\n")
    unlimited = free_bytes()
    most.write_text("3000000\n")
    assert free_bytes() == 2_000_000
    now.write_text("4000000\n")
    assert free_bytes() == 0
    assert unlimited > 2_000_000
