"""Files of tensors: read, digested, held against what a network wants."""

import hashlib
from collections.abc import Mapping
from pathlib import Path
from typing import Final

import torch
from safetensors import SafetensorError
from safetensors.torch import load_file
from torch import Tensor

from crosswarp.documents import UNREADABLE
from crosswarp.errors import InputError

KEYS_NAMED: Final = 5
"""Keys of weights that one message names; the rest is counted."""


def read_tensors(path: Path) -> dict[str, Tensor]:
    """Read a safetensors file.

    Raises:
        InputError: If it is none.
    """
    try:
        return load_file(path)
    except (SafetensorError, *UNREADABLE) as error:
        msg = f"{path} is not a safetensors file: {error}"
        raise InputError(msg) from error


def faults_of(found: Mapping[str, Tensor], wanted: Mapping[str, Tensor]) -> str:
    """Say in which keys, shapes and values weights do not fit; empty when they do."""
    shared = sorted(set(wanted) & set(found))
    alike = [key for key in shared if found[key].dtype == wanted[key].dtype]
    faults = [
        _listed("missing", sorted(set(wanted) - set(found))),
        _listed("unexpected", sorted(set(found) - set(wanted))),
        _listed(
            "of another shape",
            [
                f"{key} ({tuple(found[key].shape)}, not {tuple(wanted[key].shape)})"
                for key in shared
                if found[key].shape != wanted[key].shape
            ],
        ),
        _listed(
            "of another type",
            [f"{k} ({found[k].dtype})" for k in shared if k not in alike],
        ),
        _listed(
            "not finite",
            [k for k in alike if not torch.isfinite(found[k]).all()],
        ),
    ]
    return "; ".join(filter(None, faults))


def sha256_of(path: Path) -> str:
    """Digest a file."""
    with path.open("rb") as file:
        return hashlib.file_digest(file, "sha256").hexdigest()


def _listed(fault: str, keys: list[str]) -> str:
    if not keys:
        return ""
    more = len(keys) - KEYS_NAMED
    rest = f" and {more} more" if more > 0 else ""
    return f"{fault}: {', '.join(keys[:KEYS_NAMED])}{rest}"
