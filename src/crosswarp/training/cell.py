"""One cell of a comparison: one network, one repeat, one fold."""

import math
from dataclasses import dataclass
from pathlib import Path
from typing import Final

from crosswarp.files import fingerprint
from crosswarp.inputs.grid import Grid
from crosswarp.models.settings import ModelSettings
from crosswarp.training.logs import LogKind
from crosswarp.training.scans import CellScan
from crosswarp.training.settings import TrainingSettings

LOGS: Final = "lightning_logs"


@dataclass(frozen=True)
class CellRequest:
    """All that one cell depends on; small, so that it can be sent to a process.

    Attributes:
        model: Network.
        training: How it is fitted.
        classes: In the order of the logits.
        repeat: Of the cross-validation.
        fold: That is held out.
        seed: Of the experiment.
        scans: One entry a scan of the store, in its order.
        grid: Of the maps.
        preprocessing: Fingerprint of the settings that made the maps.
        store: Folder of the store.
        folder: To write to.
        fingerprint: Of inputs, settings and version.
        logs: Kinds of logs to write, beside what is always written.
        pretrained: Folder of `crosswarp pretrain` that the encoders start from.
        memory_share: Bytes that this cell may take; infinite when it need not share.
    """

    model: ModelSettings
    training: TrainingSettings
    classes: tuple[str, ...]
    repeat: int
    fold: int
    seed: int
    scans: tuple[CellScan, ...]
    grid: Grid
    preprocessing: str | None
    store: Path
    folder: Path
    fingerprint: str
    logs: tuple[LogKind, ...] = ()
    memory_share: float = math.inf
    pretrained: Path | None = None

    @property
    def working(self) -> Path:
        """Folder of what is unfinished."""
        return self.folder.with_name(f".unfinished-{self.folder.name}")

    @property
    def log_folder(self) -> Path:
        """Folder of the logs."""
        return self.store.parent / LOGS / self.model.name / self.folder.name

    @property
    def label(self) -> str:
        """Name for people."""
        return f"{self.model.name} repeat {self.repeat} fold {self.fold}"

    @property
    def cell_seed(self) -> int:
        """Seed of weights, order and augmentation: one a fold, for all networks."""
        return int(fingerprint(self.seed, self.repeat, self.fold)[:8], 16)
