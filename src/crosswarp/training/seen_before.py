"""Whom networks have seen before their training: never to be tested on unless told."""

from dataclasses import asdict, dataclass
from pathlib import Path
from typing import Any, Final

import pandas as pd

from crosswarp.bids.naming import is_of_adni
from crosswarp.errors import LeakageError
from crosswarp.files import write_json
from crosswarp.inputs.grid import Grid
from crosswarp.models.build import build_network
from crosswarp.models.own_weights import check_origin, read_card, start_from_own
from crosswarp.models.settings import ModelSettings
from crosswarp.models.weights.sources import find_source
from crosswarp.study.names import PRETRAINING
from crosswarp.training.experiment import Experiment

NAMED: Final = 5
"""Participants that one message names; the rest is counted."""


@dataclass(frozen=True)
class Seen:
    """Whom the encoders of a network have seen in pretraining.

    Attributes:
        weights: SHA-256 of their weights; the name where nobody states it.
        participants: All of them; of weights of others those tested who may be.
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
    """Check the weights that networks start from: whom they saw is not tested.

    Of weights of `crosswarp model pretrain` everybody is known. Of weights of others it
    is known that ADNI was among their data, so whoever has an identifier of ADNI counts
    as seen.

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
            found.update(seen_by_others(model, tested, experiment.test_on_pretrained))
            continue
        card = read_card(folder)
        check_origin(folder, card, model, maps)
        network = build_network(model, len(experiment.classes), grid.seen_extent)
        start_from_own(network, model, folder)
        both = tuple(sorted(tested & set(card.participants)))
        if both and not experiment.test_on_pretrained:
            msg = _refusal(
                model.name,
                f"in {folder} have seen",
                both,
                "pretrain without them (leave_out)",
            )
            raise LeakageError(msg)
        found[model.name] = Seen(card.weights_digest, card.participants, both)
    return found


def seen_by_others(
    model: ModelSettings, tested: set[str], allowed: bool
) -> dict[str, Seen]:
    """Find those tested whom weights of others may have seen.

    Args:
        model: Network that may start from such weights.
        tested: Participants that any fold tests.
        allowed: Whether the experiment tests them all the same.

    Returns:
        By the name of the network; nothing where ADNI is not known to be among the
        data of its weights.

    Raises:
        LeakageError: If participants of ADNI are tested and this is not allowed.
    """
    named = (find_source(name) for name in model.weights_of_encoders if name)
    sources = [source for source in named if source.has_adni]
    if not sources:
        return {}
    source = sources[0]
    both = tuple(sorted(filter(is_of_adni, tested)))
    if both and not allowed:
        msg = _refusal(
            model.name,
            f"{source.name} may have seen, being of ADNI",
            both,
            "use others",
        )
        raise LeakageError(msg)
    return {model.name: Seen(source.sha256 or source.name, both, both)}


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


def _refusal(model: str, who: str, both: tuple[str, ...], mend: str) -> str:
    more = len(both) - NAMED
    rest = f" and {more} more" if more > 0 else ""
    return (
        f"{model} would be tested on {len(both)} participants that the weights {who}:"
        f" {', '.join(both[:NAMED])}{rest}; {mend}, or set test_on_pretrained to true,"
        " which is recorded and shown"
    )
