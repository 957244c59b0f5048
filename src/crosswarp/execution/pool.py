"""Many pieces of work, a few at a time, each in its own process."""

from collections.abc import Callable, Mapping
from multiprocessing.connection import wait
from typing import Any

from crosswarp.errors import InputError
from crosswarp.execution.isolated import Child, Outcome


def run_all(
    function: Callable[[Any], Any],
    arguments: Mapping[str, Any],
    *,
    workers: int,
    on_done: Callable[[str, Outcome], None],
    timeout_s: float | None = None,
    memory_mb: float | None = None,
    threads: int = 1,
) -> dict[str, Outcome]:
    """Call ``function`` on every argument, each in a child process.

    One that crashes, hangs or fills the memory is an outcome; the others go on. An
    exception here (Ctrl-C, or one out of ``on_done``) ends all children and is
    raised again.

    Args:
        function: Of a module's top level, so that it can be pickled.
        arguments: One a piece of work, by name.
        workers: Children at a time, 1 or more.
        on_done: Told of each outcome as it comes, in this thread.
        timeout_s: Wall seconds for each piece.
        memory_mb: Resident memory for each piece, in 10^6 bytes.
        threads: For the numerical libraries of each child.

    Returns:
        Outcomes by name, in the order of ``arguments``.

    Raises:
        InputError: If there is no worker.
    """
    if workers < 1:
        msg = f"workers must be 1 or more, got {workers}"
        raise InputError(msg)
    waiting = iter(arguments.items())
    running: dict[str, Child] = {}
    outcomes: dict[str, Outcome] = {}
    try:
        while len(outcomes) < len(arguments):
            while len(running) < workers and (piece := next(waiting, None)):
                running[piece[0]] = Child(
                    function,
                    piece[1],
                    timeout_s=timeout_s,
                    memory_mb=memory_mb,
                    threads=threads,
                )
            for name, outcome in _finished(running).items():
                running.pop(name).close()
                outcomes[name] = outcome
                on_done(name, outcome)
    finally:
        for child in running.values():
            child.close()
    return {name: outcomes[name] for name in arguments}


def _finished(running: Mapping[str, Child]) -> dict[str, Outcome]:
    """Wait until some of the children may have ended; return those that have."""
    patience = [child.patience() for child in running.values()]
    rests = [seconds for seconds in patience if seconds is not None]
    wait(
        [waitable for child in running.values() for waitable in child.waitables],
        min(rests, default=None),
    )
    looks = {name: child.look() for name, child in running.items()}
    return {name: outcome for name, outcome in looks.items() if outcome is not None}
