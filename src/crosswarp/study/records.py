"""Records of training: of a run (``run.json``), and of each fold (``done.json``)."""

from pathlib import Path
from typing import Any

from pydantic import BaseModel, ConfigDict, Field, ValidationError

from crosswarp.documents import read_object
from crosswarp.provenance import files_in, write_record
from crosswarp.study.names import DONE
from crosswarp.study.version import FORMAT


class RunRecord(BaseModel):
    """What training says of its end; all is empty for a run without a record.

    Attributes:
        format: Version of the record.
        tasks: Names of the tasks, for the folder of several.
        cells: Fingerprint of each fold of each model, by its folder.
        failed: Labels of the folds that failed.
        absent: Baselines of every table that the maps cannot have, by name, each with
            its reason.
        maps: Digest of the maps of each scan, by its label.
        made_from: Digests of what was read.
    """

    model_config = ConfigDict(frozen=True)

    format: str = FORMAT
    tasks: tuple[str, ...] = ()
    cells: dict[str, str] = Field(default_factory=dict)
    failed: tuple[str, ...] = ()
    absent: dict[str, str] = Field(default_factory=dict)
    maps: dict[str, str] = Field(default_factory=dict)
    made_from: dict[str, str | None] = Field(default_factory=dict)


class FoldRecord(BaseModel):
    """What is said of one fold of any model.

    Attributes:
        fingerprint: Fingerprint of inputs, settings and version.
        seconds: Seconds that it took.
        peak_mb: Peak memory, in MB.
    """

    model_config = ConfigDict(frozen=True)

    fingerprint: str = ""
    seconds: float | None = None
    peak_mb: int | None = None


class NetworkRecord(FoldRecord):
    """What is said of one fold of a network.

    Attributes:
        learning_rate: The one that was chosen.
        epoch: Number of the epoch that was kept, from 0; None for the last one.
        epochs: Number of epochs that were trained.
        val_loss: Validation loss of the epoch that was kept; None without one.
        exchange_seconds: Seconds that the exchange of maps took.
    """

    learning_rate: float
    epoch: int | None
    epochs: int
    val_loss: float | None
    exchange_seconds: float


class BaselineRecord(FoldRecord):
    """What is said of one fold of a model without a network.

    Attributes:
        strength: Inverse of the penalty that was chosen.
        fwhm_mm: Smoothing that was chosen: full width at half maximum, in mm.
        inner_auc: Mean AUC of the inner folds with both.
        calibrated_on: Part that probabilities were calibrated on; None for none.
    """

    strength: float
    fwhm_mm: float
    inner_auc: float
    calibrated_on: str | None


def write_fold(folder: Path, record: FoldRecord) -> dict[str, Any]:
    """Write the record of a fold, after all other files of its folder.

    Returns:
        What the file holds.
    """
    content, products = record.model_dump(mode="json"), files_in(folder)
    return write_record(folder / DONE, content, products=products)


def read_fold(folder: Path) -> FoldRecord | None:
    """Read the record of a fold; None where there is none that can be read."""
    content = read_object(folder / DONE)
    try:
        return FoldRecord.model_validate(content) if content else None
    except ValidationError:
        return None
