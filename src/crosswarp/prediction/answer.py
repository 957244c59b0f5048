"""What is said of one scan, and where it is kept: one file a scan and model."""

import json
from collections.abc import Sequence
from dataclasses import asdict, dataclass, field
from pathlib import Path
from typing import Any, Final

import pandas as pd

from crosswarp.bids.ids import NOT_AVAILABLE, ScanId
from crosswarp.bids.tables import read_table, write_table
from crosswarp.documents import read_object
from crosswarp.errors import InputError
from crosswarp.files import written_whole
from crosswarp.statistics.temperature import Temperature
from crosswarp.study.names import ANSWER_ENDING, ANSWERS, PREDICTIONS

_COLUMNS: Final = (
    *("participant_id", "session_id", "model", "bundle", "quality", "quality_reason"),
    *("decision", "decided_by", "networks", "temperature", "file"),
)


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

    @property
    def quality(self) -> str:
        """Say on one line what the quality control found."""
        if not self.reason:
            return f"quality control: {self.verdict}"
        return f"quality control: {self.verdict}, {self.reason}"

    def as_json(self) -> dict[str, Any]:
        """Return what the file of the answer holds, the quality first."""
        columns = zip(
            self.classes, self.probabilities, self.minimum, self.maximum, strict=True
        )
        return {
            "quality": {"verdict": self.verdict, "reason": self.reason or None},
            "participant_id": self.scan.participant_id,
            "session_id": self.scan.session_id,
            "model": self.model,
            "networks": self.networks,
            "probabilities": {
                name: {"mean": mean, "minimum": minimum, "maximum": maximum}
                for name, mean, minimum, maximum in columns
            },
            "decision": asdict(self.votes),
            "temperature": asdict(self.temperature),
            "notes": list(self.notes),
        }


@dataclass(frozen=True)
class AnswerKey:
    """What one answer is about; another scan, model or training has another.

    Attributes:
        scan: Identifier of the scan.
        model: Name of the network.
        bundle: Fingerprint of the bundles that answer.
        source: Digest of the file of the scan.
    """

    scan: ScanId
    model: str
    bundle: str
    source: str

    @property
    def name(self) -> str:
        """Name of the file, by BIDS's rules for labels."""
        model = "".join(part.capitalize() for part in _alphanumeric(self.model).split())
        parts = (self.scan.label, f"model-{model}", f"bundle-{self.bundle[:8]}")
        return "_".join(parts) + ANSWER_ENDING


def check_free(out: Path, key: AnswerKey) -> None:
    """Refuse a folder in which an answer would take another one's place.

    Args:
        out: Folder of the outputs.
        key: Identity of the answer to come.

    Raises:
        InputError: If the folder has a table of that name which this command did not
            write, or answers for another file of the same scan.
    """
    if (out / PREDICTIONS).is_file() and not (out / ANSWERS).is_dir():
        msg = (
            f"{out / PREDICTIONS} was not written by crosswarp predict; choose another"
            " output folder"
        )
        raise InputError(msg)
    for path in _answers(out, key.scan):
        source = read_object(path).get("source_digest", key.source)
        if source != key.source:
            msg = (
                f"{out} has a prediction for another file that is also named"
                f" {key.scan.label}: {path.name}; choose another output folder, or"
                " delete that prediction if it was for the same scan"
            )
            raise InputError(msg)


def write_answer(out: Path, key: AnswerKey, answer: ScanPrediction, maps: str) -> Path:
    """Write an answer, and the table of all answers in the folder.

    Args:
        out: Folder of the outputs.
        key: What the answer is about.
        answer: What is said.
        maps: Fingerprint of the maps that were asked about.

    Returns:
        The path of the file.
    """
    path = out / ANSWERS / key.name
    content = answer.as_json() | {
        "bundle_fingerprint": key.bundle,
        "maps_fingerprint": maps,
        "source_digest": key.source,
    }
    # The order is kept: whether the maps can be trusted comes before what they say.
    text = json.dumps(content, indent=2, allow_nan=False) + "\n"
    with written_whole(path) as temporary:
        temporary.write_text(text, encoding="utf-8")
    _write_table(out)
    return path


def _answers(out: Path, scan: ScanId | None = None) -> list[Path]:
    start = "" if scan is None else f"{scan.label}_model-"
    found = sorted((out / ANSWERS).glob(f"{start}*{ANSWER_ENDING}"))
    return [path for path in found if path.name.startswith("sub-")]


def _write_table(out: Path) -> None:
    """Make the table from the files, so that none that is there is left out of it."""
    rows = [_row(path) for path in _answers(out)]
    names: dict[str, None] = dict.fromkeys(_COLUMNS)
    for row in rows:
        names |= dict.fromkeys(row)
    write_table(out / PREDICTIONS, pd.DataFrame(rows, columns=list(names)))


def _row(path: Path) -> dict[str, Any]:
    found = read_object(path)
    try:
        return _sound_row(path, found)
    except (KeyError, TypeError, AttributeError):
        scan = ScanId.parse(path.name)
        return {
            "participant_id": scan.participant_id,
            "session_id": scan.session_id or NOT_AVAILABLE,
            "quality_reason": "this file is damaged; give crosswarp predict again",
            "file": f"{ANSWERS}/{path.name}",
        }


def _sound_row(path: Path, found: dict[str, Any]) -> dict[str, Any]:
    decision = found["decision"]
    return {
        "participant_id": found["participant_id"],
        "session_id": found["session_id"] or NOT_AVAILABLE,
        "model": found["model"],
        "bundle": found["bundle_fingerprint"][:8],
        "quality": found["quality"]["verdict"],
        "quality_reason": found["quality"]["reason"],
        "decision": decision["decision"],
        "decided_by": decision["count"],
        "networks": found["networks"],
        "temperature": found["temperature"]["value"],
        **{
            f"probability_{name}": values["mean"]
            for name, values in found["probabilities"].items()
        },
        "file": f"{ANSWERS}/{path.name}",
    }


def read_answers(out: Path) -> pd.DataFrame:
    """Read the table of all answers in a folder, one row a scan and model."""
    return read_table(out / PREDICTIONS, _COLUMNS, text=["bundle"])


def _alphanumeric(name: str) -> str:
    return "".join(c if c.isascii() and c.isalnum() else " " for c in name)


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
