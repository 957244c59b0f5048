"""A folder that somebody else works on."""

import threading
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

from crosswarp.locks import locked


@contextmanager
def worked_on(folder: Path) -> Iterator[None]:
    """Hold a folder's lock in another thread: one's own may take it again."""
    held, done = threading.Event(), threading.Event()

    def hold() -> None:
        with locked(folder):
            held.set()
            done.wait()

    other = threading.Thread(target=hold)
    other.start()
    held.wait()
    try:
        yield
    finally:
        done.set()
        other.join()
