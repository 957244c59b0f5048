"""How large the demo is."""

from pydantic import BaseModel, ConfigDict, Field


class DemoSettings(BaseModel):
    """Size of the demo; the defaults take some minutes on two cores.

    Attributes:
        participants: Virtual people to train and test on, half of them with AD.
        folds: Of the cross-validation.
        epochs: Passes over the training part; None takes the experiment's.
        seed: Of everything that is drawn.
        workers: Processes at a time, one core each.
    """

    model_config = ConfigDict(frozen=True, extra="forbid")

    participants: int = Field(default=32, ge=8)
    folds: int = Field(default=4, ge=2)
    epochs: int | None = Field(default=None, ge=1)
    seed: int = Field(default=0, ge=0)
    workers: int = Field(default=2, ge=1)
