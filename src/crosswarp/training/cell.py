"""One cell of a comparison: one network, one repeat, one fold."""

import math
from dataclasses import dataclass
from pathlib import Path
from typing import Final

from crosswarp.models.settings import ModelSettings
from crosswarp.preprocessing.kept import KeptSettings
from crosswarp.study.names import TRAINING_LOGS
from crosswarp.training.logs import LogKind
from crosswarp.training.scans import Cell
from crosswarp.training.settings import TrainingSettings
from crosswarp.types.maps import OF_SCAN, SeenMaps

UNFINISHED: Final = ".unfinished-"
"""Start of the names of folders in which training can go on."""


@dataclass(frozen=True, kw_only=True)
class CellRequest(Cell):
    """All that one cell of a network depends on; small, so that a process can get it.

    Attributes:
        model: Name of the network.
        training: How it is fitted.
        preprocessing: Fingerprint of the settings that made the maps.
        made_with: Those settings, whole; None when the maps do not say all of them.
        maps: First and second map that the network sees.
        logs: Kinds of logs to write, beside what is always written.
        memory_share: Bytes that this cell may take; infinite when it need not share.
        pretrained: Folder of `crosswarp model pretrain` that the encoders start from.
    """

    model: ModelSettings
    training: TrainingSettings
    preprocessing: str | None
    made_with: KeptSettings | None = None
    maps: SeenMaps = OF_SCAN
    logs: tuple[LogKind, ...] = ()
    memory_share: float = math.inf
    pretrained: Path | None = None

    @property
    def working(self) -> Path:
        """Folder of what is unfinished."""
        return self.folder.with_name(f"{UNFINISHED}{self.folder.name}")

    @property
    def log_folder(self) -> Path:
        """Folder of the logs."""
        return self.store.parent / TRAINING_LOGS / self.model.name / self.folder.name
