"""Damaged files for every reader, in numbers: nothing foreign, bounded time and memory.

    python -m tests.faults.fuzz --inputs 10000 --reader all --seed 0

Each input is made by the seed, the reader's name and its number alone, so that one
that fails can be made again: ``--reader NAME --first NUMBER --inputs 1``.
"""

import argparse
import gc
import multiprocessing
import random
import resource
import signal
import sys
import tempfile
import time
import warnings
from collections import Counter
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any, Final

from crosswarp.errors import CrosswarpError
from tests.faults.mutations import mutated

SECONDS: Final = 5.0
MEMORY: Final = 2**30
BATCH: Final = 2500
"""Inputs of one process: making the sound files takes longer than to read many."""


@dataclass
class Found:
    """What came of the inputs of one reader.

    Attributes:
        inputs: How many were read.
        refused: With an error of `crosswarp.errors`.
        long: Messages of more than one line, or without end.
        slow: That took over 5 s of the processor.
        foreign: Any other error, with the numbers of the inputs.
        died: Inputs with which the process ended.
    """

    inputs: int = 0
    refused: int = 0
    long: list[int] = field(default_factory=list)
    slow: list[int] = field(default_factory=list)
    foreign: dict[str, list[int]] = field(default_factory=dict)
    died: list[int] = field(default_factory=list)
    slowest: float = 0.0
    megabytes: float = 0.0

    def add(self, other: "Found") -> None:
        self.inputs += other.inputs
        self.refused += other.refused
        for name in ("long", "slow", "died"):
            getattr(self, name).extend(getattr(other, name))
        for name, numbers in other.foreign.items():
            self.foreign.setdefault(name, []).extend(numbers)
        self.slowest = max(self.slowest, other.slowest)
        self.megabytes = max(self.megabytes, other.megabytes)

    @property
    def bad(self) -> int:
        """Number of inputs that a reader must not have."""
        many = sum(len(numbers) for numbers in self.foreign.values())
        return many + len(self.slow) + len(self.died) + len(self.long)


def fuzz(reader: str, folder: Path, numbers: range, seed: int) -> Found:
    """Give a reader damaged files, in this process.

    Args:
        reader: Of `READERS`.
        folder: Empty.
        numbers: Of the inputs.
        seed: Of all of them.
    """
    from tests.faults.readers import READERS

    seeds = READERS[reader](folder)
    seeds.read() if reader not in _NEVER_SOUND else None
    sound = {path: path.read_bytes() for path in seeds.targets}
    found = Found()
    before = resource.getrusage(resource.RUSAGE_SELF).ru_maxrss
    for number in numbers:
        rng = random.Random(f"{seed}-{reader}-{number}")
        path = rng.choice(seeds.targets)
        path.write_bytes(mutated(sound[path], rng))
        try:
            _one(found, seeds.read, number)
        finally:
            for target, content in sound.items():
                if target == path or not target.exists():
                    target.parent.mkdir(parents=True, exist_ok=True)
                    target.write_bytes(content)
    after = resource.getrusage(resource.RUSAGE_SELF).ru_maxrss
    found.megabytes = (after - before) / 1024
    return found


_NEVER_SOUND: Final = ("dicom_zip",)
"""Readers of seeds that are sound files, but not all that a command would need: three
slices are no volume, and those of a whole volume take ten times as long."""


def _one(found: Found, read: Any, number: int) -> None:
    started = time.process_time()
    found.inputs += 1
    try:
        with warnings.catch_warnings():
            warnings.simplefilter("ignore")
            read()
    except CrosswarpError as error:
        found.refused += 1
        text = str(error)
        faults = " fault(s):\n" in text
        if len(text) > 5000 or ("\n" in text and not faults):
            found.long.append(number)
    except Exception as error:  # noqa: BLE001 - what is looked for
        trace = error.__traceback__
        while trace is not None and trace.tb_next is not None:
            trace = trace.tb_next
        place = "?" if trace is None else trace.tb_frame.f_code.co_name
        name = f"{type(error).__name__} in {place}: {str(error)[:60]!r}"
        found.foreign.setdefault(name, []).append(number)
    seconds = time.process_time() - started
    found.slowest = max(found.slowest, seconds)
    if seconds > SECONDS:
        found.slow.append(number)


def _in_child(reader: str, numbers: range, seed: int, answer: Any) -> None:
    import tests.faults.readers  # noqa: F401 - before memory is bounded

    used = int(Path("/proc/self/statm").read_text().split()[0])
    limit = used * resource.getpagesize() + MEMORY
    resource.setrlimit(resource.RLIMIT_AS, (limit, limit))
    signal.alarm(int(SECONDS * 20 + 3 * len(numbers)))
    with tempfile.TemporaryDirectory() as name:
        answer.send(fuzz(reader, Path(name), numbers, seed))


def batch(reader: str, numbers: range, seed: int) -> Found:
    """Give a reader damaged files, in a process whose memory is bounded.

    An input with which the process ends is found by halving.
    """
    context = multiprocessing.get_context("fork")
    ours, theirs = context.Pipe(duplex=False)
    child = context.Process(target=_in_child, args=(reader, numbers, seed, theirs))
    child.start()
    theirs.close()
    try:
        found: Found = ours.recv()
    except EOFError:
        found = Found()
        if len(numbers) == 1:
            found.inputs, found.died = 1, [numbers[0]]
        else:
            middle = len(numbers) // 2
            for half in (numbers[:middle], numbers[middle:]):
                found.add(batch(reader, half, seed))
    child.join()
    return found


def main(arguments: list[str] | None = None) -> int:
    """Run from the command line; return 1 when a reader had what it must not."""
    from tests.faults.readers import READERS

    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--inputs", type=int, default=10_000)
    parser.add_argument("--reader", choices=["all", *READERS], default="all")
    parser.add_argument("--seed", type=int, default=0)
    parser.add_argument("--first", type=int, default=0)
    chosen = parser.parse_args(arguments)
    # Children are spared to look through, and by that to copy, what was imported.
    gc.freeze()
    wanted = list(READERS) if chosen.reader == "all" else [chosen.reader]
    print("reader\tinputs\trefused\tforeign\tslow\tdied\tlong\tslowest_s\tmb_more")
    worst = Counter[str]()
    for reader in wanted:
        found = Found()
        last = chosen.first + chosen.inputs
        for first in range(chosen.first, last, BATCH):
            numbers = range(first, min(last, first + BATCH))
            found.add(batch(reader, numbers, chosen.seed))
        foreign = sum(len(numbers) for numbers in found.foreign.values())
        cells = [reader, found.inputs, found.refused, foreign, len(found.slow)]
        cells += [len(found.died), len(found.long)]
        cells += [f"{found.slowest:.2f}", f"{found.megabytes:.0f}"]
        print("\t".join(map(str, cells)), flush=True)
        for name, numbers in sorted(found.foreign.items()):
            print(f"  {len(numbers)} x {name}, such as {numbers[:3]}", flush=True)
        for what in ("slow", "died", "long"):
            if getattr(found, what):
                print(f"  {what}: {getattr(found, what)[:5]}", flush=True)
        worst[reader] = found.bad
    return 1 if worst.total() else 0


if __name__ == "__main__":
    sys.exit(main())
