"""What ``attribution.json`` of a run holds: how its networks were explained."""

from collections.abc import Mapping
from pathlib import Path
from typing import Final

from pydantic import BaseModel, ConfigDict

from crosswarp.documents import read_as
from crosswarp.provenance import files_in, write_record
from crosswarp.study.names import ATTRIBUTION_CARD, ATTRIBUTION_RECORD
from crosswarp.study.run import require_of_predictions

COMMAND: Final = "crosswarp explain"


class Attribution(BaseModel):
    """All that the record says; fields with a default are absent from older ones.

    Attributes:
        method: How the maps were computed, in words.
        steps: Number of steps of the integration.
        scans: Number of scans explained.
        atlas: Name of the atlas whose regions were ranked.
        maps: What was averaged.
        smoothing_mm: SD of the Gaussian over the maps that are drawn, in mm.
        shares: What the shares of regions are of.
        density: What the density of regions is over; None where an earlier version
            divided by the whole grid.
        outside_brain: Share of the attribution outside the brain, by model and map.
        completeness_error_logits: Largest median error over the models.
        models: Names of the models that were explained.
        note: That participants are virtual; None where they are real.
        predictions_digest: Digest of the predictions.
        fingerprint: Fingerprint of all that the maps depend on.
    """

    model_config = ConfigDict(frozen=True)

    method: str = ""
    steps: int = 0
    scans: int = 0
    atlas: str
    maps: str = ""
    smoothing_mm: float | None = None
    shares: str = ""
    density: str | None = None
    outside_brain: dict[str, dict[str, float]] = {}
    completeness_error_logits: float | None = None
    models: tuple[str, ...]
    note: str | None = None
    predictions_digest: str
    fingerprint: str = ""


def write_attribution(
    folder: Path, found: Attribution, sources: Mapping[str, str | None]
) -> None:
    """Write the record of attribution maps, after all else in their folder.

    Args:
        folder: Folder of the maps.
        found: What was done.
        sources: Digests of what was read.
    """
    content, products = found.model_dump(mode="json"), files_in(folder)
    path = folder / ATTRIBUTION_CARD
    write_record(path, content, products=products, sources=sources)


def read_attribution(run: Path) -> Attribution:
    """Read what `crosswarp explain` says of its maps of these very predictions.

    Raises:
        MissingDerivativeError: If there is no such file.
        MixedError: If predictions or settings have changed since.
        InputError: If the file holds something else.
    """
    path = require_of_predictions(
        run, ATTRIBUTION_RECORD, "predictions_digest", COMMAND
    )
    return read_as(path, Attribution, f"run `{COMMAND}` again")
