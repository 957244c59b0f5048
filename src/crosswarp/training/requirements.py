"""What an experiment asks of its maps and its batches, checked before training."""

import os
import shutil
import sys
import sysconfig
from collections.abc import Sequence
from importlib.util import find_spec
from pathlib import Path
from typing import Any, Final

from crosswarp.errors import InputError
from crosswarp.inputs.made_with import read_settings_of
from crosswarp.inputs.scan_files import ScanFiles
from crosswarp.models.settings import ModelSettings
from crosswarp.training.experiment import Experiment
from crosswarp.training.memory import on_gpu
from crosswarp.training.settings import TrainingSettings

SMALLEST_NORMALISED: Final = 4
"""Scans seen at once below which statistics of a batch are mostly noise."""


def check_registration(experiment: Experiment, samples: Sequence[ScanFiles]) -> None:
    """Refuse maps of another registration than the experiment names.

    Args:
        experiment: With a ``registration``, or without one: then any is right.
        samples: Scans with maps.

    Raises:
        InputError: Naming the scans, what made their maps, and the command that makes
            the right ones.
    """
    wanted = experiment.registration
    if wanted is None:
        return
    found = {files.scan.label: _backend(files) for files in samples}
    others = {label: name for label, name in found.items() if name != wanted}
    if others:
        label, name = next(iter(others.items()))
        known = "do not say what made them" if name is None else f"were made by {name}"
        msg = (
            f"the experiment is for maps of registration {wanted}; those of"
            f" {len(others)} of {len(found)} scans, {label} for example, {known}. Make"
            f" the maps by: crosswarp preprocess BIDS {experiment.derivatives.name}"
            f" `resolution={experiment.resolution}` `registration={wanted!r}`;"
            " or change derivatives or registration in the experiment file"
        )
        raise InputError(msg)


def check_batches(models: Sequence[ModelSettings], training: TrainingSettings) -> None:
    """Refuse batch normalisation over fewer scans than statistics can be made of.

    Raises:
        InputError: Naming the networks and what to set.
    """
    part = training.part_size
    if part >= SMALLEST_NORMALISED:
        return
    names = [model.name for model in models if model.has_batch_norm]
    if names:
        msg = (
            f"{', '.join(names)}: batch normalisation needs {SMALLEST_NORMALISED} scans"
            f" or more at once, batch_size {training.batch_size} in parts"
            f" (accumulate {training.accumulate}, devices {training.devices}) leaves"
            f" {part}; set large_norm: group (ResNet, DenseNet) or norm: group (compact"
            " encoder) for the model, or lower training.accumulate"
        )
        raise InputError(msg)


def check_compiler(training: TrainingSettings) -> None:
    """Refuse ``compile`` where torch's compiler has nothing to work with.

    Args:
        training: Settings of the training.

    Raises:
        InputError: Naming all that is missing, and what to set.
    """
    if not training.compile:
        return
    missing = []
    compiler = os.environ.get("CXX") or (
        "clang++" if sys.platform == "darwin" else "g++"
    )
    if shutil.which(compiler) is None:
        missing.append(f"a C++ compiler ({compiler}, or the one that CXX names)")
    if not Path(sysconfig.get_path("include"), "Python.h").is_file():
        missing.append("the headers of Python (Python.h)")
    if on_gpu(training) and find_spec("triton") is None:
        missing.append("the package triton")
    if missing:
        msg = (
            f"training.compile needs {' and '.join(missing)}, not found on this"
            " machine; install that, or set training.compile to false"
        )
        raise InputError(msg)


def _backend(files: ScanFiles) -> str | None:
    settings = read_settings_of(files)
    registration: Any = settings.get("registration")
    name = registration.get("backend") if isinstance(registration, dict) else None
    return None if name is None else str(name)
