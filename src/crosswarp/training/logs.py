"""Where Lightning writes what it logs, for who wants to watch."""

import importlib
from collections.abc import Callable, Sequence
from pathlib import Path
from typing import Final, Literal

from lightning.pytorch.loggers import CSVLogger, Logger, TensorBoardLogger

from crosswarp.errors import MissingPackageError

LogKind = Literal["csv", "tensorboard"]


def make_loggers(kinds: Sequence[LogKind], folder: Path) -> list[Logger]:
    """Make local loggers; none needs an account or a network.

    Args:
        kinds: ``csv`` writes ``metrics.csv``; ``tensorboard`` an event file.
        folder: Each attempt at a cell gets a folder ``version_N`` of its own in it.

    Raises:
        MissingPackageError: If tensorboard is asked for and not installed.
    """
    return [_MAKERS[kind](folder) for kind in dict.fromkeys(kinds)]


def _csv(folder: Path) -> Logger:
    return CSVLogger(folder.parent, name=folder.name)


def _tensorboard(folder: Path) -> Logger:
    try:
        importlib.import_module("tensorboard")
    except ImportError as error:
        msg = (
            "logs for tensorboard need the package tensorboard; install it with:"
            " pip install 'crosswarp[logs]', or log to csv"
        )
        raise MissingPackageError(msg) from error
    return TensorBoardLogger(folder.parent, name=folder.name)


_MAKERS: Final[dict[str, Callable[[Path], Logger]]] = {
    "csv": _csv,
    "tensorboard": _tensorboard,
}
