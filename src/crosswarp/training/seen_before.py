"""Whom networks have seen before their training: never to be tested on unless told."""

from dataclasses import asdict, dataclass
from pathlib import Path
from typing import Any, Final

import pandas as pd

from crosswarp.errors import LeakageError
from crosswarp.files import write_json
from crosswarp.inputs.grid import Grid
from crosswarp.models.build import build_network
from crosswarp.models.own_weights import check_origin, read_card, start_from_own
from crosswarp.study.names import PRETRAINING
from crosswarp.training.experiment import Experiment

NAMED: Final = 5
"""Participants that one message names; the rest is counted."""


@dataclass(frozen=True)
class Seen:
    """Whom the encoders of a network have seen in pretraining.

    Attributes:
        weights: SHA-256 of their weights.
        participants: All of them.
        tested: Those that the experiment tests all the same.
    """

    weights: str
    participants: tuple[str, ...]
    tested: tuple[str, ...]


def tested_of(folds: pd.DataFrame, there: set[str]) -> set[str]:
    """List the participants with maps that any fold tests."""
    tested = set(folds.loc[folds["split"] == "test", "participant_id"])
    return tested & there


def check_pretrained(
    experiment: Experiment, grid: Grid, preprocessing: str | None, tested: set[str]
) -> dict[str, Seen]:
    """Check the weights of `crosswarp model pretrain` that networks are to start from.

    Args:
        experiment: That names them.
        grid: Of the maps.
        preprocessing: Fingerprint of the settings that made the maps.
        tested: Participants that any fold tests.

    Returns:
        By the name of the network.

    Raises:
        LeakageError: If a participant is tested that was seen, and the experiment does
            not say that this is wanted.
        InputError: If weights do not fit the network, or learned from other maps.
    """
    maps = {
        "space": grid.space,
        "resolution": grid.resolution,
        "preprocessing": preprocessing,
    }
    found = {}
    for model in experiment.models:
        folder = experiment.pretrained.get(model.name)
        if folder is None:
            continue
        card = read_card(folder)
        check_origin(folder, card, model, maps)
        network = build_network(model, len(experiment.classes), grid.seen_extent)
        start_from_own(network, model, folder)
        both = tuple(sorted(tested & set(card.participants)))
        if both and not experiment.test_on_pretrained:
            msg = _refusal(model.name, folder, both)
            raise LeakageError(msg)
        found[model.name] = Seen(card.weights_digest, card.participants, both)
    return found


def write_pretraining(run: Path, pretrained: dict[str, Seen], allowed: bool) -> None:
    """Record in a run whom its networks have seen; nothing where none has.

    Args:
        run: Folder of the run.
        pretrained: By the name of the network.
        allowed: Whether the experiment tests them all the same.
    """
    path = run / PRETRAINING
    if not pretrained:
        path.unlink(missing_ok=True)
        return
    models: dict[str, Any] = {name: asdict(seen) for name, seen in pretrained.items()}
    write_json(path, {"test_on_pretrained": allowed, "models": models})


def _refusal(model: str, folder: Path, both: tuple[str, ...]) -> str:
    more = len(both) - NAMED
    rest = f" and {more} more" if more > 0 else ""
    return (
        f"{model} would be tested on {len(both)} participants that the weights in"
        f" {folder} have seen: {', '.join(both[:NAMED])}{rest}; pretrain without them"
        " (leave_out), or set test_on_pretrained to true, which is recorded and shown"
    )
