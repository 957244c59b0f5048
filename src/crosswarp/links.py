"""One place on disk for equal files.

Files are replaced and never written into, so neither name can change the other's.
"""

import filecmp
import os
import shutil
from collections.abc import Iterable
from contextlib import suppress
from pathlib import Path


def link_or_copy(source: str, target: str) -> None:
    """Give a file a second name, or copy it to another disk.

    Args:
        source: Path of the file that is there.
        target: Path of the new name.
    """
    try:
        os.link(source, target)
    except OSError:  # another disk, or one without links
        shutil.copy2(source, target)


def share_equal(path: Path, others: Iterable[Path]) -> bool:
    """Let a file have the place on disk of an equal one; nothing if there is none.

    Args:
        path: Path of a file that was just written and that nobody reads yet.
        others: Paths of files that may be equal, and that may vanish meanwhile.

    Returns:
        Whether it shares its place now.
    """
    shared = path.with_name(f"{path.name}.link")
    for other in others:
        with suppress(OSError):
            if filecmp.cmp(path, other, shallow=False):
                os.link(other, shared)
                shared.replace(path)
                return True
    return False
