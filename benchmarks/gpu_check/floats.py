"""Products in whole 32-bit floats on a GPU, for as long as something is compared."""

from collections.abc import Iterator
from contextlib import contextmanager
from typing import Any

import torch


@contextmanager
def whole_floats() -> Iterator[None]:
    """Turn off TF32, whose products have 10 bits: nothing would agree with a CPU.

    Torch's own default is TF32 for convolutions, and whole floats for other products.
    Afterwards both are as they were, since it is the default that users train with.
    """
    backends: tuple[Any, ...] = (torch.backends.cuda.matmul, torch.backends.cudnn)
    before = [backend.allow_tf32 for backend in backends]
    for backend in backends:
        backend.allow_tf32 = False
    try:
        yield
    finally:
        for backend, allowed in zip(backends, before, strict=True):
            backend.allow_tf32 = allowed
