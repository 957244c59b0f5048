"""What is optimised while encoders learn from scans without a diagnosis."""

from typing import Any

import lightning as L
from torch import Tensor

from crosswarp.inputs.dataset import Batch
from crosswarp.pretraining.objectives import Objective
from crosswarp.training.settings import TrainingSettings
from crosswarp.training.task import lay_out, make_optimiser

LOSS = "train/loss"


class PretrainingTask(L.LightningModule):
    """Fit an objective; diagnoses are not known.

    Args:
        objective: Encoders, and what is asked of them.
        settings: How they are fitted.
        ages: Standardised age of each scan of the store; a batch has the numbers of
            its scans in the place of their diagnoses.
    """

    def __init__(
        self,
        objective: Objective,
        settings: TrainingSettings,
        ages: Tensor,
    ) -> None:
        super().__init__()
        self.objective = objective
        self.settings = settings
        self.ages = ages

    def on_fit_start(self) -> None:
        """Lay the encoders out for a CPU, where they are trained on one."""
        lay_out(self.objective, self.settings)

    def training_step(self, batch: Batch, _: int) -> Tensor:
        """Return the loss of one batch."""
        ages = self.ages.to(batch["t1w"].device)[batch["diagnosis"]]
        loss: Tensor = self.objective(batch["t1w"], batch["jsm"], ages)
        self.log(LOSS, loss, on_step=False, on_epoch=True, batch_size=len(batch["t1w"]))
        return loss

    def configure_optimizers(self) -> Any:  # noqa: ANN401 - one of Lightning's forms
        """Make the optimiser and the schedule of its learning rate."""
        return make_optimiser(self, self.settings, self.settings.learning_rate[0])
