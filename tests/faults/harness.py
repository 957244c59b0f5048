"""Commands that are disturbed, and what they leave."""

import json
import os
import shutil
import subprocess
import sys
from collections.abc import Mapping
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any, Self

from crosswarp.files import UNFINISHED
from crosswarp.locks import LOCK
from crosswarp.study.names import STUDY_RECORD

ROOT = Path(__file__).parents[2]
INJECT = Path(__file__).parent / "inject"
LINE = 240
"""Bytes of the log of events that one takes, as in ``inject/sitecustomize.py``."""

TIMED = {"seconds", "exchange_seconds", "peak_mb", "since", "process", "started"}
"""Keys of JSON files, and columns of tables, that hold times and memory."""

TIMED_FILES = {"ledger.tsv", "done.json", "environment.json"}
"""Files with such values; records that name them have other sizes and digests."""


@dataclass(frozen=True)
class Ended:
    """How a command ended.

    Attributes:
        code: Of its exit; negative for a signal.
        out: What it printed.
        err: What it said of itself.
        events: Lines of the log of events.
    """

    code: int
    out: str
    err: str
    events: list[str] = field(default_factory=list)

    @property
    def said(self) -> str:
        """Last line of what went wrong."""
        lines = [line for line in self.err.splitlines() if line.strip()]
        return lines[-1] if lines else ""

    @property
    def refused(self) -> bool:
        """Whether it ended with one line of ours."""
        return self.code == 1 and "Traceback" not in self.err and "error: " in self.err


class Harness:
    """Runs commands, forked from one process that has imported everything.

    Args:
        place: Folder for logs and temporary files.
    """

    def __init__(self, place: Path) -> None:
        self.place = place
        self.temporary = place / "temporary"
        self.temporary.mkdir(parents=True, exist_ok=True)
        environment = {
            **unmeasured(os.environ),
            "PYTHONPATH": f"{ROOT / 'src'}{os.pathsep}{ROOT}",
            "OMP_NUM_THREADS": "1",
            "MPLBACKEND": "agg",
        }
        with (place / "server.log").open("w") as log:
            self._server = subprocess.Popen(
                [sys.executable, "-m", "tests.faults.warm"],
                cwd=ROOT,
                env=environment,
                stdin=subprocess.PIPE,
                stdout=subprocess.PIPE,
                stderr=log,
                text=True,
            )

    def __enter__(self) -> Self:
        return self

    def __exit__(self, *_: object) -> None:
        self._server.communicate()

    def run(self, words: list[str], cwd: Path, **given: Any) -> Ended:
        """Run a command to its end, its children included.

        Args:
            words: After the name of the program.
            cwd: Folder that it works in, whose file events count.
            **given: ``fault`` as ``inject/sitecustomize.py`` takes it; ``limits`` of
                the system by name, as ``NOFILE``; ``kill`` with ``after_s`` seconds
                and ``whom``, main or child; ``limit_s`` seconds that it may take.
        """
        return self._ask(self._request("", words, cwd, given))[0]

    def run_two(
        self, words: list[str], cwd: Path, after: int, **fault: Any
    ) -> tuple[Ended, Ended]:
        """Run a command, and the same one once the first has had some file events.

        Args:
            words: Of both.
            cwd: Of both.
            after: Events of the first before the second starts.
            **fault: Of the first; where it is stopped, it goes on when the second
                has ended.
        """
        first = self._request("", words, cwd, {"fault": {"at": 0, **fault}})
        first |= {"second": self._request("second-", words, cwd, {}), "after": after}
        one, other = self._ask(first)
        return one, other

    def _request(
        self, mark: str, words: list[str], cwd: Path, given: Mapping[str, Any]
    ) -> dict[str, Any]:
        log = self.place / f"{mark}events"
        log.unlink(missing_ok=True)
        request = {
            "words": words,
            "cwd": str(cwd),
            "stdout": str(self.place / f"{mark}stdout"),
            "stderr": str(self.place / f"{mark}stderr"),
            **given,
        }
        request["env"] = {
            "TMPDIR": str(self.temporary),
            "COLUMNS": "200",
            **given.get("env", {}),
        }
        if "fault" in given:
            request["fault"] = {
                "below": [str(cwd)],
                "log": str(log),
                **given["fault"],
            }
        return request

    def _ask(self, request: dict[str, Any]) -> list[Ended]:
        self._server.stdin.write(json.dumps(request) + "\n")
        self._server.stdin.flush()
        answer = self._server.stdout.readline()
        assert answer, (self.place / "server.log").read_text()[-3000:]
        ended = []
        asked = [request, *([request["second"]] if "second" in request else [])]
        for one, code in zip(asked, json.loads(answer)["codes"], strict=True):
            out, err = (
                Path(one[name]).read_text(errors="replace")
                for name in ("stdout", "stderr")
            )
            log = Path(one.get("fault", {}).get("log", "absent"))
            ended.append(Ended(code, out, err, read_events(log)))
        return ended


def read_events(log: Path) -> list[str]:
    if not log.is_file():
        return []
    text = log.read_bytes().decode("ascii", "replace")
    return [text[n : n + LINE].strip() for n in range(0, len(text), LINE)]


def unmeasured(environment: Mapping[str, str]) -> dict[str, str]:
    """Take out what makes processes measure coverage.

    They would write files of their own into the study, and count as file events.
    """
    return {k: v for k, v in environment.items() if not k.startswith("COV")}


def state(folder: Path) -> dict[str, Any]:
    """Read all that a folder holds, without times and without what is being written."""
    found: dict[str, Any] = {}
    for path in sorted(folder.rglob("*")):
        name = path.relative_to(folder).as_posix()
        if path.name == LOCK or path.is_dir():
            continue
        found[name] = content(path)
    return found


def content(path: Path) -> Any:
    if path.name == STUDY_RECORD:
        # Steps that are finished are told by the times of files.
        return sorted(json.loads(path.read_bytes())["steps"])
    if path.suffix == ".json":
        return untimed(json.loads(path.read_bytes()))
    if path.suffix == ".tsv":
        lines = path.read_text(encoding="utf-8").splitlines()
        rows = [line.split("\t") for line in lines]
        timed = (
            {n for n, column in enumerate(rows[0]) if column in TIMED}
            if rows
            else set()
        )
        return [[c for n, c in enumerate(row) if n not in timed] for row in rows]
    return path.read_bytes()


def untimed(value: Any, name: str = "") -> Any:
    if isinstance(value, list):
        return [untimed(v) for v in value]
    if not isinstance(value, dict):
        return value
    timed = TIMED | ({"bytes", "sha256"} if Path(name).name in TIMED_FILES else set())
    return {k: untimed(v, k) for k, v in value.items() if k not in timed}


def differences(one: Mapping[str, Any], other: Mapping[str, Any]) -> list[str]:
    """Name the files that differ between two states."""
    return sorted(n for n in one.keys() | other.keys() if one.get(n) != other.get(n))


def leftovers(folder: Path) -> list[str]:
    """Name what an ended command should not have left."""
    return sorted(
        path.relative_to(folder).as_posix()
        for path in folder.rglob("*")
        if path.name.startswith((UNFINISHED, ".unfinished", ".working"))
        or path.name == "cache"
    )


def copy_of(folder: Path, name: str) -> Path:
    """Copy a prepared folder, to be worked in under the same name each time."""
    target = folder.with_name(name)
    shutil.rmtree(target, ignore_errors=True)
    shutil.copytree(folder, target, symlinks=True)
    return target
