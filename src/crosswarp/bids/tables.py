"""Tab-separated tables, as BIDS has them: one header line, ``n/a`` for nothing."""

from collections.abc import Sequence
from pathlib import Path

import pandas as pd

from crosswarp.bids.ids import NOT_AVAILABLE
from crosswarp.errors import InputError
from crosswarp.files import written_whole


def read_table(
    path: Path, required: Sequence[str] = (), *, text: Sequence[str] = ()
) -> pd.DataFrame:
    """Read a table.

    Args:
        path: A ``.tsv`` file.
        required: Columns that must be there.
        text: Columns that stay text though they look like numbers (a site ``007``).

    Returns:
        The table. Ids and diagnoses stay text, ``n/a`` is a missing value.

    Raises:
        InputError: If the file is not there, is not such a table or lacks columns.
    """
    if not path.is_file():
        msg = f"no table at {path}"
        raise InputError(msg)
    try:
        table = pd.read_csv(
            path,
            sep="\t",
            na_values=[NOT_AVAILABLE],
            keep_default_na=False,
            dtype=dict.fromkeys(text, str),
        )
    except (UnicodeDecodeError, pd.errors.ParserError, pd.errors.EmptyDataError) as e:
        msg = f"{path} is not a tab-separated table: {e}"
        raise InputError(msg) from e
    missing = [name for name in required if name not in table.columns]
    if missing:
        msg = f"{path} lacks {', '.join(missing)}; it has {', '.join(table.columns)}"
        raise InputError(msg)
    return table


def write_table(path: Path, table: pd.DataFrame) -> None:
    """Write a table, whole or not at all."""
    with written_whole(path) as temporary:
        table.to_csv(
            temporary,
            sep="\t",
            index=False,
            na_rep=NOT_AVAILABLE,
            float_format="%.9g",
            lineterminator="\n",
        )
