"""ANTs, loaded on one thread."""

import os
from types import ModuleType
from typing import Final

from crosswarp.errors import MissingPackageError
from crosswarp.machine import machine_status

ITK_THREADS: Final = "ITK_GLOBAL_DEFAULT_NUMBER_OF_THREADS"


def load_ants() -> ModuleType:
    """Import ANTs, which takes every core unless it is told before it is loaded.

    On more than one thread its registration is not the same twice. The variable, if
    it is set, is left as it is: then someone has decided.

    Raises:
        MissingPackageError: If ANTs is not installed; names the extra that has it.
    """
    os.environ.setdefault(ITK_THREADS, "1")
    try:
        import ants
    except ImportError as error:
        if machine_status(error):
            raise
        msg = "ANTs is missing: pip install 'crosswarp[preprocess]'"
        raise MissingPackageError(msg) from error
    module: ModuleType = ants
    return module
