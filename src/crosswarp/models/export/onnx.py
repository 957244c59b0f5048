"""ONNX: a network that runs without Python and torch."""

import logging
import warnings
from collections.abc import Iterator
from contextlib import contextmanager
from importlib import import_module
from pathlib import Path
from typing import Any, Final

import numpy as np
import torch

from crosswarp.errors import MissingPackageError
from crosswarp.models.bundle import Bundle
from crosswarp.models.export.check import Answer, check_alike
from crosswarp.types.tensors import Logits, Volume

MODEL: Final = "model.onnx"
INPUTS: Final = ["t1w", "jsm"]
OUTPUT: Final = "logits"


def write_onnx(folder: Path, bundle: Bundle) -> float:
    """Write ``model.onnx`` and check it with ONNX Runtime.

    It takes ``t1w`` and ``jsm``, one scan at a time, each 1x1 and the extent of the
    card, and gives ``logits`` in the order of the card's classes.

    Args:
        folder: To write to.
        bundle: Bundle of the original network.

    Returns:
        The largest difference of a logit.

    Raises:
        MissingPackageError: If ONNX is not installed.
        InputError: If the answers differ.
    """
    runtime = _runtime()
    # Two tensors: one given twice would become one input, used for both maps.
    t1w, jsm = (torch.zeros(1, 1, *bundle.card.extent) for _ in INPUTS)
    path = folder / MODEL
    with _quiet():
        torch.onnx.export(
            bundle.network,
            (t1w, jsm),
            path,
            input_names=INPUTS,
            output_names=[OUTPUT],
            external_data=False,
            verbose=False,
        )
    options = runtime.SessionOptions()
    options.log_severity_level = 3
    session = runtime.InferenceSession(path, options, ["CPUExecutionProvider"])
    return check_alike(bundle, _answer(session), "ONNX")


def _answer(session: Any) -> Answer:  # noqa: ANN401 - ONNX Runtime is untyped
    def ask(t1w: Volume, jsm: Volume) -> Logits:
        maps = {"t1w": t1w.numpy(), "jsm": jsm.numpy()}
        return torch.from_numpy(np.asarray(session.run([OUTPUT], maps)[0]))

    return ask


def _runtime() -> Any:  # noqa: ANN401 - ONNX Runtime is untyped
    try:
        import_module("onnxscript")
        return import_module("onnxruntime")
    except ImportError as error:
        msg = (
            "ONNX needs the packages onnx, onnxscript and onnxruntime, one is not there"
            f" ({error}); pip install 'crosswarp[export]'"
        )
        raise MissingPackageError(msg) from error


@contextmanager
def _quiet() -> Iterator[None]:
    """Pass over what torch and its exporter say of their own insides."""
    disabled = logging.root.manager.disable
    logging.disable(logging.WARNING)
    try:
        with warnings.catch_warnings(action="ignore"):
            yield
    finally:
        logging.disable(disabled)
