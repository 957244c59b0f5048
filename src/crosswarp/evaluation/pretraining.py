"""Whom networks had seen before their training, as a run records it."""

from collections.abc import Mapping
from pathlib import Path

from pydantic import BaseModel

from crosswarp.documents import read_as
from crosswarp.errors import InputError, LeakageError
from crosswarp.evaluation.flags import named
from crosswarp.evaluation.predictions import Predictions
from crosswarp.study.metrics import SeenInPretraining
from crosswarp.study.names import PRETRAINING


class Seen(BaseModel):
    """Whom a network had seen before its training."""

    participants: tuple[str, ...] | None = None


class Recorded(BaseModel):
    """What a run records of pretraining.

    Attributes:
        models: Whom each had seen, by the name of the network.
        test_on_pretrained: Whether testing on them is wanted.
    """

    models: dict[str, Seen]
    test_on_pretrained: bool = False


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
    recorded = read_as(path, Recorded, "train again")
    found = {}
    for model, seen in recorded.models.items():
        if model in predictions.models:
            if seen.participants is None:
                msg = f"{path} does not say whom {model} has seen; train again"
                raise InputError(msg)
            tested = set(predictions.of(model, "test")["participant_id"])
            found[str(model)] = sorted(tested & set(seen.participants))
    both = {model: people for model, people in found.items() if people}
    if both and not recorded.test_on_pretrained:
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


def pretraining_metrics(found: Mapping[str, list[str]]) -> dict[str, SeenInPretraining]:
    """Say it for ``metrics.json``."""
    return {
        model: SeenInPretraining(tested_on=tuple(people))
        for model, people in found.items()
    }
