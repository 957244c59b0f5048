"""All scans of a cohort to answers on disk, one after the other."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field, replace
from pathlib import Path

import torch

from crosswarp.bids.ids import ScanId
from crosswarp.errors import InputError, MissingDerivativeError, ScanError
from crosswarp.execution.child import one_line
from crosswarp.execution.progress import Progress
from crosswarp.inputs.duplicates import head_digest
from crosswarp.inputs.grid import Grid
from crosswarp.inputs.samples import read_map
from crosswarp.models.bundle import Bundle
from crosswarp.prediction.answer import ScanPrediction
from crosswarp.prediction.answers import (
    LEFT_OUT,
    AnswerKey,
    is_kept,
    keep_answer,
    keep_refusal,
)
from crosswarp.prediction.ask import answer_from, ask, notes_of
from crosswarp.prediction.findings import Circumstances, with_findings
from crosswarp.prediction.overlap import SAME_MAPS
from crosswarp.prediction.person import NOBODY, Person
from crosswarp.prediction.ready import Ready, Refused
from crosswarp.prediction.replay import other_steps
from crosswarp.types.arrays import CroppedMap

NO_GRID = "no map has the extent that the bundle needs"


@dataclass(frozen=True)
class Asking:
    """Networks, and where their answers go.

    Attributes:
        bundles: Bundles of one model.
        fingerprint: Of the bundles.
        grid: Of the maps; None where no map has the bundles' extent.
        out: Folder of the outputs.
        trained_on: Digests of the maps that the networks have learned from.
        skull_stripped: Whether the scans were given as skull-stripped.
        strict: Whether a scan that is to be checked is not predicted.
        given: Whether the maps are another folder's.
        people: What is known of the person behind each scan.
        prevalence: Share of the positive class that the user states, 0 to 1.
    """

    bundles: Sequence[Bundle]
    fingerprint: str
    grid: Grid | None
    out: Path
    trained_on: frozenset[str] = frozenset()
    skull_stripped: bool = False
    strict: bool = False
    given: bool = False
    people: Mapping[ScanId, Person] = field(default_factory=dict)
    prevalence: float | None = None

    def key(self, item: Ready | Refused) -> AnswerKey:
        """Say what the answer for a scan is about."""
        source = item.source if isinstance(item, Ready) else ""
        name = self.bundles[0].card.model.name
        return AnswerKey(item.scan, name, self.fingerprint, source)


def ask_all(
    asking: Asking, items: Sequence[Ready | Refused], progress: Progress
) -> int:
    """Write a file for each scan: an answer, or why there is none.

    Args:
        asking: Networks, and where their answers go.
        items: Scans of the cohort.
        progress: Told of every scan.

    Returns:
        Number of scans whose very maps were trained on.
    """
    progress.stage("predict", len(items))
    same_maps = 0
    for item in items:
        refused = _refused(asking, item)
        kept = refused is None and _kept(asking, item)
        if refused is None and not kept and isinstance(item, Ready):
            refused = _asked(asking, item)
        if refused is not None:
            same_maps += refused.reason == SAME_MAPS
            keep_refusal(asking.out, asking.key(item), refused.verdict, refused.reason)
        told = "kept" if kept else "ok" if refused is None else refused.reason
        progress.advance(f"{item.scan.label}: {told}")
    progress.done()
    return same_maps


def _refused(asking: Asking, item: Ready | Refused) -> Refused | None:
    """Say why a scan is not asked about, if it is not."""
    if isinstance(item, Refused):
        return item
    verdict, reason = item.quality
    if asking.strict and verdict != "ok":
        return Refused(item.scan, f"the quality control says {verdict}: {reason}")
    return None


def _kept(asking: Asking, item: Ready | Refused) -> bool:
    """Whether the answer for a scan is there already."""
    return isinstance(item, Ready) and is_kept(
        asking.out, asking.key(item), item.fingerprint
    )


def _asked(asking: Asking, item: Ready) -> Refused | None:
    """Ask about one scan; say why there is no answer, if there is none."""
    try:
        t1w, jsm = _maps(asking, item)
        if head_digest(t1w) in asking.trained_on:
            return Refused(item.scan, SAME_MAPS, LEFT_OUT)
        answer = _answer(asking, item, t1w, jsm)
    except (InputError, MissingDerivativeError, OSError) as error:
        # One bad scan stops no other.
        return Refused(item.scan, one_line(error))
    keep_answer(
        asking.out, asking.key(item), answer, item.fingerprint, given=asking.given
    )
    return None


def _maps(asking: Asking, item: Ready) -> tuple[CroppedMap, CroppedMap]:
    if asking.grid is None:
        raise ScanError(NO_GRID)
    t1w, jsm = item.maps
    return read_map(t1w, asking.grid), read_map(jsm, asking.grid)


def _answer(
    asking: Asking, item: Ready, t1w: CroppedMap, jsm: CroppedMap
) -> ScanPrediction:
    maps = torch.from_numpy(t1w)[None, None], torch.from_numpy(jsm)[None, None]
    asked = ask(asking.bundles, *maps)
    answer = answer_from(asking.bundles, item.scan, item.quality, asked, item.numbers)
    verdict, reason = item.quality
    warning = [f"The quality control says {verdict}: {reason}."] if reason else []
    card = asking.bundles[0].card
    steps = [] if asking.given else other_steps(card)
    said = notes_of(asking.bundles, item.scan, asked, asking.skull_stripped)
    answer = replace(answer, notes=(*warning, *item.notes, *steps, *said))
    if asking.grid is None:
        raise ScanError(NO_GRID)
    person = asking.people.get(item.scan, NOBODY)
    # Of a cohort every scan is told: to leave the unlike ones out would flatter.
    known = Circumstances(person, asking.prevalence, even_if_unlike=True)
    return with_findings(answer, asking.bundles, asked, maps, asking.grid, known)
