"""Why one scan got its answer: what ``…_explanation.json`` holds."""

from pathlib import Path

from pydantic import Field

from crosswarp.documents import read_as
from crosswarp.files import write_json
from crosswarp.study.findings import MapShares
from crosswarp.study.part import Part


class RegionEvidence(Part):
    """What one region says, in logits of evidence for the positive class.

    Attributes:
        region: Name of the structure.
        hemisphere: ``left`` or ``right``.
        attribution: Sum of the attribution in the region, by map: ``t1w``, ``jsm``.
        occlusion: Evidence in the scan less that with the region, in both maps, as the
            reference group has it.
    """

    region: str
    hemisphere: str
    attribution: dict[str, float]
    occlusion: float


class AttendedRegion(Part):
    """Attention from one region of a map to one region of the other.

    Attributes:
        asking: Map that asks, ``t1w`` or ``jsm``.
        source: Region that asks, with its side.
        target: Region of the other map that is attended to, with its side.
        share: Share of the asking region's attention that goes there, 0 to 1.
        enrichment: That share over the one that even attention would give.
    """

    asking: str
    source: str
    target: str
    share: float
    enrichment: float


class ScanExplanation(Part):
    """Why one scan got its answer; means over the networks.

    Attributes:
        positive: Class that the evidence is for.
        networks: Number of networks.
        method: What the attribution maps show.
        completeness_error_logits: By how much the attribution misses the change of
            the evidence, in logits: the mean over the networks.
        shares: Evidence that each map brings.
        regions: One entry a structure and side, the largest occlusion first.
        attention: Strongest pairs of regions; empty for networks without
            cross-attention of tokens.
        maps: Files of the attribution maps on the template, by map.
        scan_maps: The same on the scan's own grid.
        note: What a reader must know; None where there is nothing.
    """

    positive: str
    networks: int
    method: str
    completeness_error_logits: float
    shares: MapShares
    regions: tuple[RegionEvidence, ...]
    attention: tuple[AttendedRegion, ...] = ()
    maps: dict[str, str] = Field(default_factory=dict)
    scan_maps: dict[str, str] = Field(default_factory=dict)
    note: str | None = None


def write_scan_explanation(path: Path, found: ScanExplanation) -> None:
    """Write an explanation, whole or not at all."""
    write_json(path, found.model_dump(mode="json"))


def read_scan_explanation(path: Path) -> ScanExplanation:
    """Read an explanation.

    Raises:
        InputError: If it cannot be read, or is none.
    """
    mend = "give crosswarp explain again"
    return read_as(path, ScanExplanation, mend, "an explanation")
