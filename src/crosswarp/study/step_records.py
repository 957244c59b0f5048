"""The record of a study's steps, as it lies in the folder of the study."""

from pathlib import Path
from typing import Any, Final

from pydantic import BaseModel

from crosswarp.documents import read_as, read_object

FORMAT: Final = "crosswarp-study-1"

FORMATS: Final = "crosswarp-study-"
"""Start of the formats of all versions."""

MEND: Final = "delete it; finished work is found without it"


class StepRecord(BaseModel):
    """What the file has of one step.

    Attributes:
        settings: Digest of what the study file says of the step.
        inputs: Digest of names, sizes and times of what was read.
        outputs: Digest of names, sizes and times of what was written.
        products: Size and digest of each table that the step left beside the record,
            by name; none where an earlier version wrote it.
        seconds: Time that the step took when it last did something.
        pieces: Number of scans, folds of models or other tasks that it did.
        finished: Time of its end, in UTC.
    """

    settings: str
    inputs: str
    outputs: str
    products: dict[str, dict[str, Any]] | None = None
    seconds: float
    pieces: int
    finished: str | None = None


class StepRecords(BaseModel):
    """What the file has of all steps.

    Attributes:
        steps: Record of each finished step, by its name.
    """

    steps: dict[str, StepRecord]


def read_steps(path: Path) -> dict[str, StepRecord]:
    """Read the steps of a study from its record, which is of this version.

    Args:
        path: File with the record.

    Raises:
        InputError: If it is damaged; says that it can be deleted.
    """
    return read_as(path, StepRecords, MEND).steps


def format_of(path: Path) -> str:
    """Return the format that a record names; empty where it is no record of a study."""
    form = str(read_object(path).get("format"))
    return form if form.startswith(FORMATS) else ""
