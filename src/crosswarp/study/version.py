"""The form in which a run is recorded, and runs of other versions."""

from pathlib import Path
from typing import Final

from crosswarp.documents import read_object
from crosswarp.errors import OccupiedError
from crosswarp.study.names import RUN_RECORD

FORMAT: Final = "crosswarp-run-1"
"""What the record of a run says of its form."""


def require_version(run: Path) -> None:
    """Refuse a run that another version wrote, in a form that is not known here.

    Args:
        run: Folder of the run, or that of several tasks; may have no record.

    Raises:
        OccupiedError: Naming both forms, and what to do.
    """
    form = read_object(run / RUN_RECORD).get("format", FORMAT)
    if form != FORMAT:
        msg = (
            f"{run} is a run of another version of crosswarp: {RUN_RECORD} has the"
            f" format {form!s:.40}, this version reads {FORMAT}; nothing was changed."
            " Use that version, or choose a new folder"
        )
        raise OccupiedError(msg)
