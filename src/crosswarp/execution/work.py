"""What is done to each piece, and what its process may take."""

import os
from collections.abc import Callable
from dataclasses import dataclass
from pathlib import Path
from typing import Any


@dataclass(frozen=True)
class Work:
    """A function for many pieces, with the limits of each.

    Attributes:
        function: Of a module's top level, so that it can be pickled.
        timeout_s: Wall seconds after which a piece is ended; None: never.
        memory_mb: Resident memory, in 10^6 bytes, above which it is ended. Looked at
            a few times a second, so a fast climb overshoots.
        threads: That its numerical libraries may use.
        preloaded: Modules to import once a machine, before processes are forked.
            What is not installed is passed over.
    """

    function: Callable[[Any], Any]
    timeout_s: float | None = None
    memory_mb: float | None = None
    threads: int = 1
    preloaded: tuple[str, ...] = ()


def call_in_folder(task: tuple[Path, Callable[[Any], Any], Any]) -> Any:  # noqa: ANN401
    """Call a function where relative paths mean what they meant to the sender.

    For child processes: the folder of the whole process is changed.

    Args:
        task: Folder, function and its argument.
    """
    folder, function, argument = task
    os.chdir(folder)
    return function(argument)
