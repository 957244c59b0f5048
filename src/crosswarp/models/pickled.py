"""Files of torch.save: read without running anything that is in them."""

import warnings
from pathlib import Path
from typing import Any, Final
from zipfile import ZIP_STORED, ZipFile

import torch

from crosswarp.documents import UNREADABLE
from crosswarp.errors import InputError

CHECKPOINT: Final = {
    "epoch": int,
    "global_step": int,
    "state_dict": dict,
    "loops": dict,
    "callbacks": dict,
    "optimizer_states": list,
    "lr_schedulers": list,
}
"""What Lightning goes on from."""


def read_pickled(path: Path) -> Any:  # noqa: ANN401 - what such a file holds
    """Read tensors, numbers, text and tables of them.

    Raises:
        InputError: If the file holds anything else, or is damaged.
    """
    try:
        # What torch says of other pickles is said below.
        with warnings.catch_warnings(action="ignore"):
            return torch.load(path, map_location="cpu", weights_only=True)
    except UNREADABLE as error:
        first = str(error).splitlines()[0] if str(error) else type(error).__name__
        msg = (
            f"{path} is not a file of weights alone ({first:.200}); nothing in it was"
            " run; fetch it again"
        )
        raise InputError(msg) from error


def is_sound_checkpoint(path: Path) -> bool:
    """Whether training can go on from a checkpoint.

    A file is renamed into place when it is whole, but a machine that loses power may
    not have written all of it, and a disk may return something else.
    """
    try:
        with ZipFile(path) as opened:
            entries = opened.infolist()
            # As torch writes them: nothing can grow when it is read.
            stored = all(e.compress_type == ZIP_STORED for e in entries)
            if not stored or opened.testzip() is not None:
                return False
        content = read_pickled(path)
    except (InputError, *UNREADABLE):
        return False
    return isinstance(content, dict) and all(
        isinstance(content.get(key), kind) for key, kind in CHECKPOINT.items()
    )
