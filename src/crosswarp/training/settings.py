"""What can be chosen about training."""

from collections.abc import Callable
from typing import Annotated, Any, Final, Literal

from pydantic import (
    BaseModel,
    BeforeValidator,
    ConfigDict,
    Field,
    model_serializer,
    model_validator,
)

from crosswarp.inputs.augmentation import AugmentationSettings

STEPS_VERSION: Final = 4
"""Raised when a change of code changes predictions, so that cells are redone."""

Rate = Annotated[float, Field(gt=0, le=1)]


def _listed(given: object) -> object:
    """Take one learning rate as a list of one."""
    return given if isinstance(given, list | tuple) else (given,)


class TrainingSettings(BaseModel):
    """How a network is fitted. The defaults are the paper's, but for the selection.

    Attributes:
        epochs: Passes over the training part.
        batch_size: Scans a step, all parts and devices together.
        accumulate: Parts that a step is done in, one after another, when the memory
            does not hold all of it. The gradient is that of the whole step; only
            batch normalisation notices, since it sees a part at a time.
        learning_rate: Largest, where the schedule changes it. Of several the one with
            the least validation loss is kept, in each fold by itself.
        optimiser: ``adam`` is the paper's.
        schedule: ``constant``; ``cosine`` falls to 0; ``one_cycle`` rises first.
        weight_decay: Of the optimiser.
        gradient_clip: Largest norm of a step's gradient; None for no limit.
        label_smoothing: Share of a label given to all classes alike.
        class_weights: Whether rarer diagnoses weigh more in the loss.
        balanced_sampling: Whether rarer diagnoses are drawn more often, with
            replacement; an epoch has as many scans as without.
        selection: ``best`` keeps the epoch with the least validation loss; ``last``
            keeps the last one, as the paper does.
        patience: Epochs without a lesser validation loss before training stops;
            None never stops early.
        augmentation: Random changes while training.
        device: ``cpu``, or ``auto`` for an accelerator where there is one.
        devices: How many processes train one network together, each on a device of
            its own (distributed data parallel).
        precision: Of the network's numbers: ``32-true``, or mixed with 16 bits.
        compile: Whether ``torch.compile`` translates the network before it is trained,
            anew in each fold. The trained network is the same module, and it predicts
            untranslated.
    """

    model_config = ConfigDict(frozen=True, extra="forbid")

    epochs: int = Field(default=20, ge=1, le=10_000)
    batch_size: int = Field(default=16, ge=1, le=1024)
    accumulate: int = Field(default=1, ge=1, le=1024)
    learning_rate: Annotated[tuple[Rate, ...], BeforeValidator(_listed)] = Field(
        default=(1.5e-4,), min_length=1, max_length=20
    )
    optimiser: Literal["adam", "adamw"] = "adam"
    schedule: Literal["constant", "cosine", "one_cycle"] = "constant"
    weight_decay: float = Field(default=0.0, ge=0, le=10)
    gradient_clip: float | None = Field(default=None, gt=0)
    label_smoothing: float = Field(default=0.0, ge=0, lt=1)
    class_weights: bool = False
    balanced_sampling: bool = False
    selection: Literal["best", "last"] = "best"
    patience: int | None = Field(default=None, ge=1)
    augmentation: AugmentationSettings = AugmentationSettings()
    device: Literal["cpu", "auto"] = "cpu"
    devices: int = Field(default=1, ge=1, le=64)
    precision: Literal["32-true", "16-mixed", "bf16-mixed"] = "32-true"
    compile: bool = False

    @property
    def part_size(self) -> int:
        """Scans that one process sees at once."""
        return self.batch_size // (self.accumulate * self.devices)

    @model_serializer(mode="wrap")
    def _written(self, write: Callable[..., dict[str, Any]]) -> dict[str, Any]:
        """Leave out what was not chosen: runs made before it could be stay valid."""
        content = write(self)
        if not self.compile:
            content.pop("compile", None)
        return content

    @model_validator(mode="after")
    def _chosen_by_validation(self) -> "TrainingSettings":
        if self.selection == "best":
            return self
        if self.patience is not None:
            msg = "patience stops by the validation loss; set selection to best"
            raise ValueError(msg)
        if len(self.learning_rate) > 1:
            msg = (
                "of several learning rates the validation loss chooses; give one, or"
                " set selection to best"
            )
            raise ValueError(msg)
        return self

    @model_validator(mode="after")
    def _consistent(self) -> "TrainingSettings":
        parts = self.accumulate * self.devices
        if self.batch_size % parts:
            msg = (
                f"batch_size {self.batch_size} cannot be divided evenly: accumulate"
                f" {self.accumulate} x devices {self.devices} make {parts} parts"
            )
            raise ValueError(msg)
        if self.class_weights and self.balanced_sampling:
            msg = (
                "class_weights and balanced_sampling both make up for rare diagnoses;"
                " take one of them"
            )
            raise ValueError(msg)
        if len(set(self.learning_rate)) != len(self.learning_rate):
            msg = f"learning_rate names one twice: {list(self.learning_rate)}"
            raise ValueError(msg)
        return self
