"""Who made a folder of outputs: what its description says, or what lies in it."""

from pathlib import Path
from typing import Any, Final

from crosswarp.documents import read_object
from crosswarp.study import names

PROGRAM: Final = "crosswarp"
PREPROCESS: Final = "crosswarp preprocess"
PREDICT: Final = "crosswarp predict"
SIMULATE: Final = "crosswarp simulate"


def read_description(folder: Path) -> dict[str, Any]:
    """Read what a data set says of itself; empty where it says nothing legible."""
    return read_object(folder / names.DESCRIPTION)


def generators(description: dict[str, Any]) -> list[dict[str, Any]]:
    """List the programs that made a data set, as its description has them."""
    listed = description.get("GeneratedBy")
    entries = listed if isinstance(listed, list) else []
    return [entry for entry in entries if isinstance(entry, dict)]


def command_of(folder: Path) -> str | None:
    """Name the command that made a derivative data set; None if none of ours did."""
    there = read_description(folder)
    if not there:
        return _command_of_undescribed(folder)
    if there.get("DatasetType") != "derivative":
        return None
    for entry in generators(there):
        if entry.get("Name") == PROGRAM:
            return str(entry.get("Description") or _command_of_old(folder))
    return None


def _command_of_old(folder: Path) -> str:
    """Tell the same of a data set whose description does not name a command yet."""
    if (folder / names.SIMULATION).is_file():
        return SIMULATE
    return PREDICT if (folder / names.OLD_PREDICTION).is_file() else PREPROCESS


def _command_of_undescribed(folder: Path) -> str | None:
    """Tell the same of a data set whose description is gone or cannot be read.

    Maps of a cohort may have answers beside them; where each participant has one, the
    folder is taken for a prediction.
    """
    answers = (folder / names.ANSWERS).glob(f"sub-*{names.ANSWER_ENDING}")
    answered = {path.name.partition("_")[0] for path in answers}
    people = {path.name for path in folder.glob("sub-*") if path.is_dir()}
    if (folder / names.COHORT_PREDICTION).is_file() or (
        answered and people <= answered
    ):
        return PREDICT
    kept = read_object(folder / names.PREPROCESSING)
    return PREPROCESS if any(name.startswith("space-") for name in kept) else None
