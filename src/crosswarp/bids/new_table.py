"""A table that a command writes for its user, and never over another one."""

from collections.abc import Iterable, Iterator, Sequence
from contextlib import contextmanager
from pathlib import Path

from crosswarp.bids.tables import read_table
from crosswarp.errors import InputError, OccupiedError
from crosswarp.files import written_whole
from crosswarp.outputs import same_place


@contextmanager
def new_table(
    path: Path,
    required: Sequence[str],
    *,
    inputs: Iterable[Path] = (),
    overwrite: bool = False,
) -> Iterator[Path]:
    """Give a temporary name that takes the place of ``path``, if it may.

    A table that is there already stays unless the new one has the very same bytes, so
    that the same command may be given again, or ``overwrite`` is asked for. What has
    other columns than the command's own tables is never replaced.

    Args:
        path: Path of the table.
        required: Columns that every table of the command has.
        inputs: Files that the command reads: never replaced.
        overwrite: Replace another table of the command.

    Yields:
        The name to write to.

    Raises:
        OccupiedError: Saying what is there, and what to type.
    """
    for read in inputs:
        if same_place(path, read):
            msg = f"{path} is what is read; name another file for what is written"
            raise OccupiedError(msg)
    if path.is_dir():
        msg = f"{path} is a folder; name a file in it, such as {path / 'table.tsv'}"
        raise OccupiedError(msg)
    if path.exists():
        _refuse_strange(path, required)
    with written_whole(path) as temporary:
        yield temporary
        changed = path.exists() and path.read_bytes() != temporary.read_bytes()
        if changed and not overwrite:
            rows = len(read_table(path))
            msg = (
                f"{path} is there, with {rows} rows, and is not what would"
                " be written now; nothing was changed. Name another file, or give"
                " `overwrite=True` to replace it"
            )
            raise OccupiedError(msg)


def _refuse_strange(path: Path, required: Sequence[str]) -> None:
    """Refuse to replace what no such command wrote."""
    try:
        read_table(path, required)
    except (InputError, OSError) as error:
        msg = (
            f"{path} is there and is no table of this command ({error}); nothing was"
            " changed. Name another file"
        )
        raise OccupiedError(msg) from error
