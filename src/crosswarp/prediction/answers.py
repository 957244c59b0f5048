"""Answers as they are kept: one file a scan and model, and a table of all."""

import json
from collections.abc import Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import Any, Final

import pandas as pd

from crosswarp.bids.ids import NOT_AVAILABLE, ScanId
from crosswarp.bids.tables import read_table, write_table
from crosswarp.documents import read_object
from crosswarp.errors import InputError
from crosswarp.files import fingerprint, written_whole
from crosswarp.prediction.answer import ScanPrediction
from crosswarp.prediction.change import changes_in
from crosswarp.study.names import ANSWER_ENDING, ANSWERS, PREDICTIONS

FAILED: Final = "failed"
LEFT_OUT: Final = "left out"
"""Verdicts on scans without an answer: it could not be given, or must not be."""

_DIGEST: Final = "content_digest"
"""Key of an answer: the digest of all else that it says."""

_COLUMNS: Final = (
    *("participant_id", "session_id", "model", "bundle", "quality", "quality_reason"),
    *("decision", "decided_by", "networks", "temperature", "file"),
)

_COMPARED: Final = {
    *("participant_id", "session_id", "model", "bundle_fingerprint", "probabilities"),
}
"""What the comparison of a person's sessions needs of an answer."""


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


def check_table(out: Path) -> None:
    """Refuse a folder with a table of predictions that this command did not write.

    Raises:
        InputError: If there is one.
    """
    if (out / PREDICTIONS).is_file() and not (out / ANSWERS).is_dir():
        msg = (
            f"{out / PREDICTIONS} was not written by crosswarp predict; choose another"
            " output folder"
        )
        raise InputError(msg)


def check_free(out: Path, key: AnswerKey) -> None:
    """Refuse a folder in which an answer would take another one's place.

    Args:
        out: Folder of the outputs.
        key: Identity of the answer to come.

    Raises:
        InputError: If the folder has a table of that name which this command did not
            write, or answers for another file of the same scan.
    """
    check_table(out)
    for path in _answers(out, key.scan):
        source = read_object(path).get("source_digest") or key.source
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
    path = keep_answer(out, key, answer, maps)
    write_answers(out)
    return path


def keep_answer(
    out: Path, key: AnswerKey, answer: ScanPrediction, maps: str, *, given: bool = False
) -> Path:
    """Write an answer alone.

    Args:
        out: Folder of the outputs.
        key: What the answer is about.
        answer: What is said.
        maps: Fingerprint of the maps that were asked about.
        given: Whether those are maps of another folder.

    Returns:
        The path of the file.
    """
    content = answer.as_json() | {
        "bundle_fingerprint": key.bundle,
        "maps_fingerprint": maps,
        "source_digest": key.source,
    }
    if given:
        content["maps_given"] = True
    return _written(out / ANSWERS / key.name, content)


def keep_refusal(out: Path, key: AnswerKey, verdict: str, reason: str) -> Path:
    """Write, in place of an answer, why there is none.

    Args:
        out: Folder of the outputs.
        key: What the answer would have been about.
        verdict: `FAILED` or `LEFT_OUT`.
        reason: Why, in one line.

    Returns:
        The path of the file.
    """
    content = {
        "quality": {"verdict": verdict, "reason": reason},
        "participant_id": key.scan.participant_id,
        "session_id": key.scan.session_id,
        "model": key.model,
        "bundle_fingerprint": key.bundle,
        "refused": True,
    }
    return _written(out / ANSWERS / key.name, content)


def is_kept(out: Path, key: AnswerKey, maps: str) -> bool:
    """Whether the very answer is there: same maps, same file, same networks."""
    found = read_object(out / ANSWERS / key.name)
    known = tuple(
        found.get(name)
        for name in ("bundle_fingerprint", "maps_fingerprint", "source_digest")
    )
    # Answers of earlier versions lack doubts and regions.
    kept = "regions" in found and not is_changed(found)
    return kept and known == (key.bundle, maps, key.source)


def is_changed(found: Mapping[str, Any]) -> bool:
    """Whether an answer is not what was written, by the digest of its own content.

    Args:
        found: Content of the file; earlier versions wrote no digest.
    """
    content = {name: value for name, value in found.items() if name != _DIGEST}
    return _DIGEST in found and found[_DIGEST] != fingerprint(content)


def _written(path: Path, content: Mapping[str, Any]) -> Path:
    # The order is kept: whether the maps can be trusted comes before what they say.
    whole = {**content, _DIGEST: fingerprint(content)}
    text = json.dumps(whole, indent=2, allow_nan=False) + "\n"
    with written_whole(path) as temporary:
        temporary.write_text(text, encoding="utf-8")
    return path


def _answers(out: Path, scan: ScanId | None = None) -> list[Path]:
    start = "" if scan is None else f"{scan.label}_model-"
    found = sorted((out / ANSWERS).glob(f"{start}*{ANSWER_ENDING}"))
    return [path for path in found if path.name.startswith("sub-")]


def write_answers(out: Path) -> None:
    """Make the table of all answers from their files, so that none is left out.

    Answers of a person with several sessions are told the changes between them first.
    """
    _tell_changes(out)
    write_table(out / PREDICTIONS, table_of_answers(out))


def _tell_changes(out: Path) -> None:
    found = {path: read_object(path) for path in _answers(out)}
    # Neither refusals nor what is damaged.
    kept = {p: c for p, c in found.items() if {*c} >= _COMPARED and not is_changed(c)}
    changes = changes_in(kept)
    for path, content in kept.items():
        now = changes.get(path)
        said = None if now is None else now.model_dump(mode="json")
        if content.get("changes") != said:
            rest = {k: v for k, v in content.items() if k not in (_DIGEST, "changes")}
            _written(path, rest if said is None else {**rest, "changes": said})


def table_of_answers(out: Path) -> pd.DataFrame:
    """Make the table of all answers in a folder from their files."""
    rows = [_row(path) for path in _answers(out)]
    names: dict[str, None] = dict.fromkeys(_COLUMNS)
    for row in rows:
        names |= dict.fromkeys(row)
    return pd.DataFrame(rows, columns=list(names))


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
    row = {
        "participant_id": found["participant_id"],
        "session_id": found["session_id"] or NOT_AVAILABLE,
        "model": found["model"],
        "bundle": found["bundle_fingerprint"][:8],
        "quality": found["quality"]["verdict"],
        "quality_reason": found["quality"]["reason"],
        "file": f"{ANSWERS}/{path.name}",
    }
    if found.get("refused"):
        return row
    decision, place = found["decision"], found.get("embedding") or {}
    return row | {
        "decision": decision["decision"],
        "decided_by": decision["count"],
        "networks": found["networks"],
        "temperature": found["temperature"]["value"],
        **{
            f"probability_{name}": values["mean"]
            for name, values in found["probabilities"].items()
        },
        **{f"embedding_{name}": value for name, value in place.items()},
        **_findings(found),
        **found.get("quality_numbers", {}),
    }


def _findings(found: dict[str, Any]) -> dict[str, Any]:
    """Put doubts, shares of the maps and regions of an answer into columns."""
    row: dict[str, Any] = {}
    if found.get("doubts"):
        row["doubt"] = found["doubts"]["level"]
    shares = found.get("map_shares") or {}
    row |= {f"share_{name}": shares[name] for name in ("t1w", "jsm") if shares}
    moved = found.get("at_prevalence") or {}
    for name, value in moved.get("probabilities", {}).items():
        row[f"at_prevalence_{name}"] = value
    for each in (found.get("changes") or {}).get("sessions", []):
        if each["later"] == (found["session_id"] or NOT_AVAILABLE):
            row |= {f"change_{k}": v for k, v in each.items() if k != "later"}
    for each in (found.get("regions") or {}).get("regions", []):
        name = f"{each['region']} {each['hemisphere']}".replace(" ", "_")
        row[f"z_{name}"] = each["z"]
    return row


def read_answers(out: Path) -> pd.DataFrame:
    """Read the table of all answers in a folder, one row a scan and model."""
    return read_table(out / PREDICTIONS, _COLUMNS, text=["bundle", "decision"])


def _alphanumeric(name: str) -> str:
    return "".join(c if c.isascii() and c.isalnum() else " " for c in name)
