"""Paths as users write them."""

import os
from pathlib import Path
from typing import TypeAlias

PathLike: TypeAlias = str | os.PathLike[str]
"""A path: text, or anything that knows its own path."""


def as_path(path: PathLike) -> Path:
    """Make a path of text; ``~`` at its start is the home folder.

    Examples:
        >>> as_path("study/maps").parts
        ('study', 'maps')
    """
    return Path(path).expanduser()
