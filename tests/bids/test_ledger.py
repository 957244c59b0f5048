"""The ledger as later stages read it: the rows of one grid, of old ledgers all."""

from pathlib import Path

import pandas as pd
import pytest

from crosswarp.bids.ledger import read_ledger, rows_of
from crosswarp.bids.tables import write_table
from crosswarp.errors import InputError

MNI = "MNI152NLin2009cSym"

ROWS = [
    ("sub-01", "n/a", MNI, 1, "ok", 1401.0),
    ("sub-01", "n/a", MNI, 2, "failed", 1402.0),
    ("sub-01", "n/a", "Own", 2, "ok", 1403.0),
    ("sub-02", "ses-1", "n/a", None, "crash", 1404.0),
    ("sub-02", "ses-1", MNI, 2, "ok", 1405.0),
    ("sub-03", "ses-1", None, None, "failed", 1406.0),
]
COLUMNS = ["participant_id", "session_id", "space", "resolution", "status", "volume"]


@pytest.fixture
def path(tmp_path: Path) -> Path:
    write_table(tmp_path / "ledger.tsv", pd.DataFrame(ROWS, columns=COLUMNS))
    return tmp_path / "ledger.tsv"


@pytest.mark.parametrize(
    ("grid", "volumes"),
    [
        ((MNI, 1), [1401, 1404, 1406]),
        ((MNI, 2), [1402, 1405, 1406]),
        (("Own", 2), [1403, 1404, 1406]),
        (("Own", None), [1403, 1404, 1406]),
        ((None, 2), [1402, 1403, 1405, 1406]),
        ((None, None), [1401, 1402, 1403, 1405, 1406]),
    ],
)
def test_the_rows_of_one_grid(path: Path, grid, volumes) -> None:
    table = read_ledger(path, *grid)
    assert table["volume"].tolist() == volumes
    assert "resolution" not in table
    assert "space" not in table


def test_old_ledgers_do_not_say_their_grid(path: Path) -> None:
    old = pd.DataFrame(ROWS, columns=COLUMNS).drop(columns=["space", "resolution"])
    write_table(path, old)
    assert len(read_ledger(path, MNI, 1)) == len(ROWS)


def test_a_table_without_sessions() -> None:
    table = pd.DataFrame(ROWS, columns=COLUMNS).drop(columns="session_id")
    assert rows_of(table, "Own", 2)["volume"].tolist() == [1403, 1404, 1406]


def test_what_lacks_columns_is_refused(path: Path) -> None:
    with pytest.raises(InputError, match="lacks reason"):
        read_ledger(path, required=("participant_id", "reason"))
