"""One cell of a comparison: one network, one repeat, one fold."""

import math
from dataclasses import dataclass
from pathlib import Path
from typing import Final

from crosswarp.models.settings import ModelSettings
from crosswarp.training.logs import LogKind
from crosswarp.training.scans import Cell
from crosswarp.training.settings import TrainingSettings

LOGS: Final = "lightning_logs"


@dataclass(frozen=True, kw_only=True)
class CellRequest(Cell):
    """All that one cell of a network depends on; small, so that a process can get it.

    Attributes:
        model: Network.
        training: How it is fitted.
        preprocessing: Fingerprint of the settings that made the maps.
        logs: Kinds of logs to write, beside what is always written.
        memory_share: Bytes that this cell may take; infinite when it need not share.
        pretrained: Folder of `crosswarp pretrain` that the encoders start from.
    """

    model: ModelSettings
    training: TrainingSettings
    preprocessing: str | None
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
