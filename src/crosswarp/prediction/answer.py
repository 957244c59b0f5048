"""What is said of one scan."""

from collections.abc import Mapping, Sequence
from dataclasses import asdict, dataclass, field
from typing import Any

from crosswarp.bids.ids import NOT_AVAILABLE, ScanId
from crosswarp.statistics.temperature import Temperature
from crosswarp.study.findings import (
    AtPrevalence,
    Changes,
    Doubts,
    MapShares,
    RegionalTable,
)
from crosswarp.study.part import Part


@dataclass(frozen=True)
class Votes:
    """What the networks decide, each at its own threshold.

    Attributes:
        decision: Class that most networks decide for; None when they are divided.
        count: Networks that decide for it; the most that any class has when divided.
        thresholds: Probability of the positive class from which each network decides
            for it, before temperature scaling; empty with more than two classes, where
            the most probable class counts.
        rules: How the thresholds were found, sorted.
    """

    decision: str | None
    count: int
    thresholds: tuple[float, ...]
    rules: tuple[str, ...]


@dataclass(frozen=True)
class Place:
    """Where a scan lies among the training scans, for the networks.

    Attributes:
        distance: Mean over the networks of the distance from the training scans, over
            that of a typical held-out scan of the training cohort: 1 is as usual.
        far: Whether more than half of the networks have it beyond 95 percent of the
            held-out scans of their training cohort.
    """

    distance: float
    far: bool


@dataclass(frozen=True)
class ScanPrediction:
    """The answer for one scan.

    Attributes:
        scan: Identifier of the scan.
        verdict: Of the quality control: ``ok`` or ``check``.
        reason: What to check; empty when the verdict is ``ok``.
        model: Name of the network.
        classes: Diagnoses; the last one is positive.
        probabilities: One a class: the mean over the networks, after temperature
            scaling.
        minimum: Smallest probability of each class among the networks.
        maximum: Largest of the probabilities.
        networks: Number of networks asked.
        temperature: Number that every network's logits were divided by.
        votes: What the networks decide.
        notes: What a reader must know.
        file: Name of the answer's file; empty before it is written.
        place: Where the scan lies among the training scans; None where the bundles do
            not say where those are.
        numbers: Numbers of the quality control, by name.
        doubts: Whether the scan is like the training scans; None before it is known.
        regions: Volumes of regions beside the reference group.
        shares: How much of the evidence each map brings; None where the bundles keep
            no mean maps.
        at_prevalence: Probabilities at the prevalence that the user stated.
        training_prior: Share of each class that training made the networks expect;
            empty where the bundles do not say.
        age_years: Age at the scan in years, where it is known.
        changes: Changes between the person's sessions; None where there is one.
    """

    scan: ScanId
    verdict: str
    reason: str
    model: str
    classes: tuple[str, ...]
    probabilities: tuple[float, ...]
    minimum: tuple[float, ...]
    maximum: tuple[float, ...]
    networks: int
    temperature: Temperature
    votes: Votes
    notes: tuple[str, ...] = field(default=())
    file: str = ""
    place: Place | None = None
    numbers: Mapping[str, float] = field(default_factory=dict)
    doubts: Doubts | None = None
    regions: RegionalTable | None = None
    shares: MapShares | None = None
    at_prevalence: AtPrevalence | None = None
    training_prior: Mapping[str, float] = field(default_factory=dict)
    age_years: float | None = None
    changes: Changes | None = None

    @property
    def quality(self) -> str:
        """Say on one line what the quality control found."""
        if not self.reason:
            return f"quality control: {self.verdict}"
        return f"quality control: {self.verdict}, {self.reason}"

    @property
    def spread(self) -> str:
        """Say what the smallest and the largest probability are."""
        return (
            f"lowest to highest of {self.networks} networks of the folds, not a"
            " confidence interval"
        )

    def as_json(self) -> dict[str, Any]:
        """Return what the file of the answer holds, the quality first."""
        columns = zip(
            self.classes, self.probabilities, self.minimum, self.maximum, strict=True
        )
        told = {
            "quality": {"verdict": self.verdict, "reason": self.reason or None},
            "doubts": _as_json(self.doubts),
            "participant_id": self.scan.participant_id,
            "session_id": self.scan.session_id,
            "age_years": self.age_years,
            "model": self.model,
            "networks": self.networks,
            "probabilities": {
                name: {"mean": mean, "minimum": minimum, "maximum": maximum}
                for name, mean, minimum, maximum in columns
            },
            "spread": self.spread if self.networks > 1 else None,
            "decision": asdict(self.votes),
            "temperature": asdict(self.temperature),
            "embedding": None if self.place is None else asdict(self.place),
            "training_prior": dict(self.training_prior),
            "at_prevalence": _as_json(self.at_prevalence),
            "map_shares": _as_json(self.shares),
            "regions": _as_json(self.regions),
            "quality_numbers": dict(self.numbers),
            "notes": list(self.notes),
        }
        return (
            told if self.changes is None else told | {"changes": _as_json(self.changes)}
        )


def _as_json(part: Part | None) -> dict[str, Any] | None:
    return None if part is None else part.model_dump(mode="json")


def as_verdict(row: dict[str, Any]) -> tuple[str, str]:
    """Read verdict and reason from a row of the ledger of preprocessing."""
    verdict, reason = (_text(row.get(name)) for name in ("qc", "reason"))
    if not verdict:
        return "check", reason or "no quality numbers were recorded"
    return verdict, reason


def _text(value: object) -> str:
    known = isinstance(value, str) and value != NOT_AVAILABLE
    return str(value) if known else ""


def majority(decided: Sequence[str]) -> tuple[str | None, int]:
    """Find the class that most networks decide for; None when two have as many.

    Example:
        >>> majority(["AD", "CN", "AD"]), majority(["AD", "CN"])
        (('AD', 2), (None, 1))
    """
    counts = {name: decided.count(name) for name in decided}
    most = max(counts.values())
    winners = [name for name, count in counts.items() if count == most]
    return (winners[0] if len(winners) == 1 else None), most
