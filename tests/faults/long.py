"""Kills at every file event: ``python -m tests.faults.long --stage compare --every 1``.

Prints a line a stage: its events, how many were disturbed, and what went wrong.
"""

import argparse
import json
import sys
import tempfile
import time
from pathlib import Path

from tests.faults.harness import Harness
from tests.faults.kills import killed_at, prepare
from tests.faults.stages import STAGES


def main() -> int:
    chosen = _chosen()
    wrong = 0
    for name in chosen.stage or STAGES:
        for stale in (False, True) if STAGES[name].change else (False,):
            found = run_stage(name, stale, chosen)
            wrong += len(found["faults"])
            say(found)
    return 1 if wrong else 0


def say(what: object) -> None:
    sys.stdout.write(json.dumps(what, indent=1) + "\n")
    sys.stdout.flush()


def run_stage(name: str, stale: bool, chosen: argparse.Namespace) -> dict[str, object]:
    started, faults, done = time.monotonic(), {}, 0
    with tempfile.TemporaryDirectory() as folder, Harness(Path(folder) / "place") as h:
        bench = prepare(name, Path(folder), h, stale=stale)
        for at in range(chosen.first, len(bench.events) + 1, chosen.every):
            done += 1
            found = killed_at(bench, at, chosen.what, on=chosen.on)
            if found:
                faults[f"{at}: {bench.events[at - 1][-150:]}"] = found
                say({at: found, "event": bench.events[at - 1][-150:]})
    return {
        "stage": name,
        "older result there": stale,
        "what": chosen.what,
        "events": len(bench.events),
        "disturbed": done,
        "faults": faults,
        "seconds": round(time.monotonic() - started),
    }


def _chosen() -> argparse.Namespace:
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--stage", action="append", choices=STAGES)
    parser.add_argument("--every", type=int, default=1)
    parser.add_argument("--first", type=int, default=1)
    parser.add_argument(
        "--what", default="kill", help="kill, kill-main, ENOSPC, EIO, …"
    )
    parser.add_argument("--on", default="once", choices=["once", "always"])
    return parser.parse_args()


if __name__ == "__main__":
    raise SystemExit(main())
