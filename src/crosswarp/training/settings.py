"""What can be chosen about training."""

from typing import Literal

from pydantic import BaseModel, ConfigDict, Field, model_validator

from crosswarp.inputs.transforms import AugmentationSettings


class TrainingSettings(BaseModel):
    """How a network is fitted. The defaults are the paper's, but for the selection.

    Attributes:
        epochs: Passes over the training part.
        batch_size: Scans a step.
        learning_rate: Largest, where the schedule changes it.
        optimiser: ``adam`` is the paper's.
        schedule: ``constant``; ``cosine`` falls to 0; ``one_cycle`` rises first.
        weight_decay: Of the optimiser.
        gradient_clip: Largest norm of a step's gradient; None for no limit.
        label_smoothing: Share of a label given to all classes alike.
        class_weights: Whether rarer diagnoses weigh more in the loss.
        selection: ``best`` keeps the epoch with the least validation loss; ``last``
            keeps the last one, as the paper does.
        patience: Epochs without a lesser validation loss before training stops;
            None never stops early.
        augmentation: Random changes while training.
        device: ``cpu``, or ``auto`` for an accelerator where there is one.
    """

    model_config = ConfigDict(frozen=True, extra="forbid")

    epochs: int = Field(default=20, ge=1, le=10_000)
    batch_size: int = Field(default=16, ge=1, le=1024)
    learning_rate: float = Field(default=1.5e-4, gt=0, le=1)
    optimiser: Literal["adam", "adamw"] = "adam"
    schedule: Literal["constant", "cosine", "one_cycle"] = "constant"
    weight_decay: float = Field(default=0.0, ge=0, le=10)
    gradient_clip: float | None = Field(default=None, gt=0)
    label_smoothing: float = Field(default=0.0, ge=0, lt=1)
    class_weights: bool = False
    selection: Literal["best", "last"] = "best"
    patience: int | None = Field(default=None, ge=1)
    augmentation: AugmentationSettings = AugmentationSettings()
    device: Literal["cpu", "auto"] = "cpu"

    @model_validator(mode="after")
    def _consistent(self) -> "TrainingSettings":
        if self.patience is not None and self.selection == "last":
            msg = "patience stops by the validation loss; set selection to best"
            raise ValueError(msg)
        return self
