"""Two same commands at once, stopped ones, and processes killed at random moments."""

import os
import random
import subprocess
import sys
from pathlib import Path

import pytest

from tests.faults.harness import (
    INJECT,
    ROOT,
    Harness,
    differences,
    state,
    unmeasured,
)
from tests.faults.kills import Bench, prepare
from tests.faults.stages import SMALL

pytestmark = pytest.mark.slow


@pytest.fixture(scope="module")
def compare(tmp_path_factory: pytest.TempPathFactory, harness: Harness) -> Bench:
    return prepare("compare", tmp_path_factory.mktemp("compare"), harness, stale=False)


def ends_whole(bench: Bench) -> None:
    again = bench.command()
    assert again.code == 0, again.err
    assert differences(state(bench.work), bench.whole) == []


@pytest.mark.parametrize("what", ["none", "stop"])
def test_a_second_comparison_waits_or_is_refused(compare: Bench, what: str) -> None:
    compare.fresh()
    after = len(compare.events) // 3
    fault = {"at": after, "what": "stop"} if what == "stop" else {}
    ends = compare.harness.run_two(SMALL, compare.work, after, **fault)
    for ended in ends:
        assert ended.code == 0 or ended.refused, ended
    assert any(ended.code == 0 for ended in ends), ends
    refused = [ended for ended in ends if ended.code]
    assert all("is being worked on by process" in ended.err for ended in refused)
    ends_whole(compare)


@pytest.mark.parametrize("name", ["cohort"])
def test_two_tables_at_once(name, tmp_path, harness) -> None:
    bench = prepare(name, tmp_path, harness, stale=False)
    bench.fresh()
    for ended in harness.run_two(bench.stage.words, bench.work, 1):
        assert ended.code == 0 or ended.refused, ended
    ends_whole(bench)


@pytest.mark.parametrize("whom", ["child"])
def test_killed_at_a_random_moment(compare: Bench, whom: str) -> None:
    compare.fresh()
    moment = random.Random(whom).uniform(0.3, 2.0)
    ended = compare.command(kill={"after_s": moment, "whom": whom})
    assert ended.code in (0, -9) or ended.refused, ended
    ends_whole(compare)


def test_a_killed_fork_server_is_told_and_made_good(compare: Bench, tmp_path) -> None:
    """A real one: the command runs as a person starts it."""
    work = compare.fresh()
    at = next(n for n, e in enumerate(compare.events, 1) if "models/jsm" in e)
    ended = as_a_person_starts_it(SMALL, work, tmp_path, at, "kill-server")
    assert ended.returncode != 0
    assert "Traceback" not in ended.stderr, ended.stderr
    assert "error: " in ended.stderr
    ends_whole(compare)


def as_a_person_starts_it(
    words: list[str], work: Path, place: Path, at: int, what: str
) -> subprocess.CompletedProcess[str]:
    spec = f'{{"below": ["{work}"], "log": "{place / "events"}", "at": {at},'
    spec += f' "what": "{what}"}}'
    environment = {
        **unmeasured(os.environ),
        "PYTHONPATH": os.pathsep.join(map(str, (INJECT, ROOT / "src"))),
        "FAULT": spec,
        "TMPDIR": str(place),
    }
    return subprocess.run(
        [sys.executable, "-m", "crosswarp", *words],
        cwd=work,
        env=environment,
        capture_output=True,
        text=True,
        timeout=300,
        check=False,
    )
