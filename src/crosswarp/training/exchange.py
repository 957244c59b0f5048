"""Exchange one map between test participants: does the network use it?"""

from collections.abc import Callable, Iterable, Sequence
from dataclasses import dataclass
from typing import Any, Final

import numpy as np
import pandas as pd

from crosswarp.bids.ids import NOT_AVAILABLE
from crosswarp.inputs.datamodule import FoldData
from crosswarp.inputs.dataset import MapPair
from crosswarp.training.cell import CellRequest
from crosswarp.training.scans import prediction_table
from crosswarp.types.tensors import Logits

DRAWS: Final = 5
"""Random exchanges of each map. With them the exchange costs about as much as ten
passes over the test part without gradients."""

MAPS: Final = ("t1w", "jsm")

Predict = Callable[[Any], Logits]
"""A loader of batches to the logits of its scans, in order."""


@dataclass(frozen=True)
class Exchange:
    """One map given to other participants' scans.

    Attributes:
        name: The map that is exchanged, ``t1w`` or ``jsm``.
        draw: Number of the random exchange, from 0.
        rows: Test scans, as rows of the store.
        donors: Row of the store whose map each of them is given.
    """

    name: str
    draw: int
    rows: tuple[int, ...]
    donors: tuple[int, ...]

    @property
    def pairs(self) -> list[MapPair]:
        """Rows of the T1w image and of the log-Jacobian map that go together."""
        if self.name == "t1w":
            return list(zip(self.donors, self.rows, strict=True))
        return list(zip(self.rows, self.donors, strict=True))


def exchange_table(
    request: CellRequest, data: FoldData, predict: Predict
) -> pd.DataFrame:
    """Ask a trained network about test scans with one map of another participant.

    Nothing is chosen by the answers. Every model of a fold gets the same exchanges.

    Args:
        request: Fold that is requested.
        data: Its maps, after the test part was predicted.
        predict: The trained network.

    Returns:
        The columns of ``predictions.tsv`` with ``map``, ``draw`` and the donor's
        ``donor_id`` and ``donor_session_id``; no row where fewer than two
        participants are tested.
    """
    exchanges = draw_exchanges(request, data.rows("test"))
    return pd.concat(
        [_asked(request, exchange, data, predict) for exchange in exchanges]
        or [pd.DataFrame()]
    )


def draw_exchanges(request: CellRequest, rows: Sequence[int]) -> list[Exchange]:
    """Draw who gets whose map; the donor is always another participant.

    Participants are put into a random order, and each gets a scan of the next one.

    Args:
        request: The fold; its seed decides.
        rows: Test scans, as rows of the store.
    """
    people: dict[str, list[int]] = {}
    for row in rows:
        people.setdefault(request.scans[row].scan.participant_id, []).append(row)
    if len(people) < 2:
        return []
    found = []
    for draw in range(DRAWS):
        for number, name in enumerate(MAPS):
            generator = np.random.default_rng([request.cell_seed, draw, number])
            order = [str(person) for person in generator.permutation(list(people))]
            following = dict(zip(order, [*order[1:], order[0]], strict=True))
            donors = [
                int(generator.choice(people[following[_person(request, row)]]))
                for row in rows
            ]
            found.append(Exchange(name, draw, tuple(rows), tuple(donors)))
    return found


def merge_tables(tables: Iterable[pd.DataFrame]) -> pd.DataFrame:
    """Put the tables of several folds together, sorted.

    Args:
        tables: As `exchange_table` returns them; some may be empty.
    """
    present = [table for table in tables if len(table)]
    if not present:
        return pd.DataFrame()
    keys = ["model", "repeat", "fold", "map", "draw", "participant_id", "session_id"]
    return pd.concat(present).sort_values(keys, ignore_index=True)


def _asked(
    request: CellRequest, exchange: Exchange, data: FoldData, predict: Predict
) -> pd.DataFrame:
    logits = predict(data.exchanged_dataloader(exchange.pairs))
    scans = [request.scans[row] for row in exchange.rows]
    donors = [request.scans[row].scan for row in exchange.donors]
    first = {
        "model": request.model.name,
        "repeat": request.repeat,
        "fold": request.fold,
        "map": exchange.name,
        "draw": exchange.draw,
        "donor_id": [donor.participant_id for donor in donors],
        "donor_session_id": [donor.session_id or NOT_AVAILABLE for donor in donors],
    }
    answers = logits.numpy(), logits.softmax(dim=1).numpy()
    return prediction_table(first, scans, request.classes, *answers)


def _person(request: CellRequest, row: int) -> str:
    return request.scans[row].scan.participant_id
