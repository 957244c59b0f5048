"""What the steps of a study have done: read to go on, written after each step."""

import time
from collections.abc import Mapping
from dataclasses import dataclass
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

from crosswarp.documents import read_record
from crosswarp.errors import OccupiedError
from crosswarp.files import write_json
from crosswarp.provenance import products_of
from crosswarp.running.folder import StudyFolder
from crosswarp.running.state import inputs_of, outputs_of, settings_of, tables_of
from crosswarp.running.steps import Step
from crosswarp.study.step_records import FORMAT, FORMATS, MEND, read_steps


@dataclass(frozen=True)
class StepRow:
    """How a step ended.

    Attributes:
        step: Name of the step.
        skipped: Whether it was found finished, from the same inputs and settings.
        seconds: What it took, when it did something.
        pieces: How many scans, folds of models or other tasks it did.
    """

    step: Step
    skipped: bool
    seconds: float
    pieces: int


class StudyRecord:
    """The record of a study's steps.

    Args:
        folder: Of the study.

    Raises:
        OccupiedError: If there is another file of the record's name, or that of
            another version.
    """

    def __init__(self, folder: StudyFolder) -> None:
        self._folder = folder
        self._steps = _read(folder.record)
        self._started = time.monotonic()
        self._before: dict[str, str] = {}

    def is_done(self, step: Step) -> bool:
        """Whether a step was finished from what is there now, and lost nothing."""
        known = self._steps.get(step, {})
        return (
            known.get("settings") == settings_of(step, self._folder)
            and known.get("inputs") == inputs_of(step, self._folder)
            and self.is_as_written(step)
        )

    def is_as_written(self, step: Step) -> bool:
        """Whether what a step wrote is there, and nobody else has changed it."""
        known = self._steps.get(step, {}).get("outputs")
        return known is not None and known == outputs_of(step, self._folder)

    def begin(self, step: Step) -> None:
        """Note that a step begins: what it reads now is what it is made from."""
        self._started = time.monotonic()
        self._before = {
            "settings": settings_of(step, self._folder),
            "inputs": inputs_of(step, self._folder),
        }

    def finish(self, step: Step, pieces: int) -> StepRow:
        """Write that a step is finished.

        A step that found all of its work done keeps the time of the run that did it.

        Args:
            step: Name of the step that began last.
            pieces: What it did.
        """
        seconds = round(time.monotonic() - self._started, 1)
        known = self._steps.get(step, {})
        if not pieces and known:
            seconds, pieces = known.get("seconds", seconds), known.get("pieces", 0)
        self._steps[step] = {
            **self._before,
            "outputs": outputs_of(step, self._folder),
            "products": products_of(self._folder.out, tables_of(step, self._folder)),
            "seconds": seconds,
            "pieces": pieces,
            "finished": datetime.now(UTC).isoformat(timespec="seconds"),
        }
        write_json(self._folder.record, {"format": FORMAT, "steps": self._steps})
        return StepRow(step, skipped=False, seconds=seconds, pieces=pieces)

    def skipped(self, step: Step) -> StepRow:
        """Give what is known of a step that has nothing to do."""
        known = self._steps[step]
        return StepRow(step, True, known["seconds"], known["pieces"])

    @property
    def seconds(self) -> Mapping[str, float]:
        """What each step took when it last did something."""
        return {name: float(step["seconds"]) for name, step in self._steps.items()}


def _read(path: Path) -> dict[str, dict[str, Any]]:
    if not path.is_file():
        return {}
    record = read_record(path, MEND)
    form = str(record.get("format"))
    if form == FORMAT:
        return {
            name: step.model_dump(exclude_none=True)
            for name, step in read_steps(path).items()
        }
    if form.startswith(FORMATS):
        msg = (
            f"{path} is of another version of crosswarp ({form}; this one writes"
            f" {FORMAT}); nothing was changed. Use that version, or set out to another"
            " folder in the study file"
        )
        raise OccupiedError(msg)
    msg = (
        f"{path} is there and was not written by crosswarp run; nothing was changed."
        " Set out to another folder in the study file"
    )
    raise OccupiedError(msg)
