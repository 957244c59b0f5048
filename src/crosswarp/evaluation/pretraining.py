"""Whom networks had seen before their training, as a run records it."""

from collections.abc import Mapping
from pathlib import Path
from typing import Any, Final

from crosswarp.errors import InputError, LeakageError
from crosswarp.evaluation.flags import named
from crosswarp.evaluation.predictions import Predictions
from crosswarp.files import read_json

PRETRAINING: Final = "pretraining.json"


def pretraining_of(run: Path, predictions: Predictions) -> dict[str, list[str]]:
    """Find the tested participants that networks had seen in pretraining.

    Args:
        run: Folder that may hold ``pretraining.json``.
        predictions: Of the run.

    Returns:
        By the name of the network; an empty list where nobody was seen before.

    Raises:
        InputError: If the file is not sound.
        LeakageError: If somebody was, and the experiment did not say that this is
            wanted.
    """
    path = run / PRETRAINING
    if not path.is_file():
        return {}
    recorded = read_json(path)
    if not isinstance(recorded, dict) or not isinstance(recorded.get("models"), dict):
        msg = f"{path} must hold models and whom they have seen; train again"
        raise InputError(msg)
    found = {}
    for model, seen in recorded["models"].items():
        if model in predictions.models:
            tested = set(predictions.of(model, "test")["participant_id"])
            found[str(model)] = sorted(tested & set(seen["participants"]))
    both = {model: people for model, people in found.items() if people}
    if both and recorded.get("test_on_pretrained") is not True:
        model, people = next(iter(both.items()))
        msg = (
            f"{model} is tested on {len(people)} participants that its pretraining has"
            f" seen: {named(people)}; pretrain without them, or set test_on_pretrained"
            " to true in the experiment and train again, which is recorded and shown"
        )
        raise LeakageError(msg)
    return found


def pretraining_flags(found: Mapping[str, list[str]]) -> list[str]:
    """Say which networks were tested on participants of their pretraining."""
    return [
        f"{model} was tested on {len(people)} participants whose scans, without their"
        f" diagnoses, were used in its pretraining: {named(people)}. Its results may"
        " be too good."
        for model, people in found.items()
        if people
    ]


def pretraining_metrics(found: Mapping[str, list[str]]) -> dict[str, Any]:
    """Say it for ``metrics.json``."""
    return {model: {"tested_on": people} for model, people in found.items()}
