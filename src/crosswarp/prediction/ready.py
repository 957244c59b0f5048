"""A scan whose maps a network can be asked about, or the reason why it cannot."""

from collections.abc import Mapping
from dataclasses import dataclass
from pathlib import Path

from crosswarp.bids.ids import ScanId
from crosswarp.prediction.answers import FAILED


@dataclass(frozen=True)
class Ready:
    """A scan with its maps.

    Attributes:
        scan: Identifier of the scan.
        quality: Verdict of the quality control, and what to check.
        numbers: Numbers of the quality control, by name.
        maps: Files of the aligned T1w image and of the log-Jacobian map.
        source: Digest of the raw file; empty where only maps were given.
        fingerprint: Of what the maps were made from.
        notes: What a reader of the answer must know of the maps.
    """

    scan: ScanId
    quality: tuple[str, str]
    numbers: Mapping[str, float]
    maps: tuple[Path, Path]
    source: str
    fingerprint: str
    notes: tuple[str, ...] = ()


@dataclass(frozen=True)
class Refused:
    """A scan that cannot be predicted.

    Attributes:
        scan: Identifier of the scan.
        reason: Why, in one line.
        verdict: `FAILED` or `LEFT_OUT`.
    """

    scan: ScanId
    reason: str
    verdict: str = FAILED
