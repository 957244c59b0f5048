"""The file of a pretraining: all its choices."""

from pathlib import Path
from typing import Annotated, Any, Final, Literal

from pydantic import BaseModel, BeforeValidator, ConfigDict, Field, model_validator

from crosswarp.inputs.augmentation import AugmentationSettings
from crosswarp.models.choices import model_choices
from crosswarp.models.reconstruction import MaskSettings
from crosswarp.models.settings import ModelSettings
from crosswarp.training.choices import read_choices
from crosswarp.training.settings import Rate, TrainingSettings
from crosswarp.types.grid import SPACE

PATHS: Final = ("scans", "derivatives", "leave_out")


class PretrainingSettings(BaseModel):
    """All choices of a self-supervised pretraining.

    Paths in the file are relative to the file.

    Attributes:
        name: Of the pretraining.
        seed: Of weights, order, augmentation and hidden blocks.
        derivatives: Folder of the maps.
        scans: Table of scans, ``participant_id`` and ``session_id``, ``origin`` if
            known; no diagnosis is read. All scans that the derivatives' ledger calls
            ok when None.
        leave_out: Tables of participants who are not to be seen, such as the cohort
            that will be tested.
        resolution: Spacing of the maps, in mm.
        space: Name of the template.
        crop: Whether networks see only the box around the template's brain.
        model: Network whose encoders learn.
        mask: What is hidden.
        epochs: Passes over all scans.
        batch_size: Scans a step.
        learning_rate: Largest; it falls to 0 along a cosine.
        weight_decay: Of the optimiser, AdamW.
        augmentation: Random changes of both maps alike.
        device: ``cpu``, or ``auto`` for an accelerator where there is one.
    """

    model_config = ConfigDict(frozen=True, extra="forbid")

    name: str = Field(min_length=1, max_length=100)
    seed: int = Field(default=0, ge=0, lt=2**31)
    derivatives: Path
    scans: Path | None = None
    leave_out: tuple[Path, ...] = ()
    resolution: Literal[1, 2] = 2
    space: str = SPACE
    crop: bool = True
    model: Annotated[ModelSettings, BeforeValidator(model_choices)]
    mask: MaskSettings = MaskSettings()
    epochs: int = Field(default=100, ge=1, le=10_000)
    batch_size: int = Field(default=8, ge=1, le=1024)
    learning_rate: Rate = 1e-3
    weight_decay: float = Field(default=0.01, ge=0, le=10)
    augmentation: AugmentationSettings = AugmentationSettings()
    device: Literal["cpu", "auto"] = "cpu"

    @model_validator(mode="after")
    def _there(self) -> "PretrainingSettings":
        scans = () if self.scans is None else (self.scans,)
        for path in (self.derivatives, *scans, *self.leave_out):
            if not path.exists():
                msg = f"there is no {path}"
                raise ValueError(msg)
        if any(self.model.weights_of_encoders):
            msg = "pretraining starts afresh; leave the model's weights out"
            raise ValueError(msg)
        return self

    @property
    def training(self) -> TrainingSettings:
        """How a trainer is to fit it."""
        return TrainingSettings(
            epochs=self.epochs,
            batch_size=self.batch_size,
            learning_rate=(self.learning_rate,),
            optimiser="adamw",
            schedule="cosine",
            weight_decay=self.weight_decay,
            selection="last",
            augmentation=self.augmentation,
            device=self.device,
        )

    def described(self) -> dict[str, Any]:
        """Return all choices that change the weights, without paths."""
        without = {"name", "derivatives", "scans", "leave_out", "device"}
        return self.model_dump(mode="json", exclude=without)


def read_pretraining(path: Path) -> PretrainingSettings:
    """Read the file of a pretraining.

    Raises:
        InputError: With every fault of the file, one a line.
    """
    return read_choices(path, PretrainingSettings, PATHS, "pretraining")
