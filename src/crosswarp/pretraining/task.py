"""What is optimised while encoders learn from scans without a diagnosis."""

from typing import Any

import lightning as L
from torch import Tensor

from crosswarp.inputs.dataset import Batch
from crosswarp.models.reconstruction import MaskedReconstruction
from crosswarp.training.settings import TrainingSettings
from crosswarp.training.task import lay_out, make_optimiser

LOSS = "train/loss"


class PretrainingTask(L.LightningModule):
    """Masked reconstruction; the diagnoses of a batch are not looked at.

    Args:
        reconstruction: Encoders, and what restores the maps from their tokens.
        settings: How they are fitted.
    """

    def __init__(
        self, reconstruction: MaskedReconstruction, settings: TrainingSettings
    ) -> None:
        super().__init__()
        self.reconstruction = reconstruction
        self.settings = settings

    def on_fit_start(self) -> None:
        """Lay the encoders out for a CPU, where they are trained on one."""
        lay_out(self.reconstruction, self.settings)

    def training_step(self, batch: Batch, _: int) -> Tensor:
        """Return the loss of one batch."""
        loss: Tensor = self.reconstruction(batch["t1w"], batch["jsm"])
        self.log(LOSS, loss, on_step=False, on_epoch=True, batch_size=len(batch["t1w"]))
        return loss

    def configure_optimizers(self) -> Any:  # noqa: ANN401 - one of Lightning's forms
        """Make the optimiser and the schedule of its learning rate."""
        return make_optimiser(self, self.settings, self.settings.learning_rate[0])
