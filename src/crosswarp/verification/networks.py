"""Bundles, pretrainings and exports, held against their own cards; loads no torch."""

import hashlib
from collections.abc import Iterator
from pathlib import Path
from shlex import quote

from crosswarp.documents import read_object
from crosswarp.provenance import Finding
from crosswarp.study.names import (
    BUNDLE,
    BUNDLE_CARD,
    DONE,
    EXPORT_RECORD,
    LEARNING_CURVE,
    PRETRAINING,
    WEIGHTS,
)
from crosswarp.verification.records import Place, of_record, of_unfinished


def verify_bundle(place: Place) -> list[Finding]:
    """Verify a trained network."""
    mend = "take the bundle from where it was made"
    return [*_of_weights(place, BUNDLE_CARD, mend), *_in_its_run(place)]


def verify_pretraining(place: Place) -> list[Finding]:
    """Verify weights of `crosswarp model pretrain`."""
    mend = (
        f"rm -r {place.folder} && crosswarp model pretrain PRETRAINING {place.folder}"
    )
    found = [*_of_weights(place, PRETRAINING, mend), *of_unfinished(place, mend)]
    if not (place.folder / LEARNING_CURVE).is_file():
        found.append(Finding(place.shown(LEARNING_CURVE), "gone", "is gone", mend))
    return found


def verify_export(place: Place) -> list[Finding]:
    """Verify an export."""
    record = read_object(place.folder / EXPORT_RECORD)
    mend = f"crosswarp model export BUNDLE {quote(str(place.folder))}"
    if record.get("format") == "monai":
        mend += " `kind='monai'`"
    found = list(of_record(place, EXPORT_RECORD, {}, mend))
    named = record.get("files")
    # Folders are among the names.
    for name in named if isinstance(named, list) else []:
        gone = not (place.folder / str(name)).exists()
        if gone and place.shown(str(name)) not in {one.path for one in found}:
            found.append(Finding(place.shown(str(name)), "gone", "is gone", mend))
    return [*found, *of_unfinished(place, mend)]


def _of_weights(place: Place, card: str, mend: str) -> Iterator[Finding]:
    told = read_object(place.folder / card)
    if not told:
        yield Finding(place.shown(card), "damaged", "cannot be read", mend)
        return
    weights, digest = place.folder / WEIGHTS, told.get("weights_digest")
    if not weights.is_file():
        yield Finding(place.shown(WEIGHTS), "gone", "is gone", mend)
    elif digest is not None and _sha256(weights) != digest:
        says = f"is not what {card} says was written"
        yield Finding(place.shown(WEIGHTS), "changed", says, mend)


def _in_its_run(place: Place) -> Iterator[Finding]:
    """Hold a bundle that lies in a run against the record of its cell."""
    cell = place.folder.parent
    if place.folder.name == BUNDLE and (cell / DONE).is_file():
        done = Place(cell, cell)
        for one in of_record(done, DONE, {}, f"verify {cell}"):
            inside = one.path.removeprefix(f"{place.folder.name}/")
            if inside != one.path and inside != WEIGHTS:
                yield Finding(place.shown(inside), one.kind, one.says, one.mend)


def _sha256(path: Path) -> str:
    with path.open("rb") as file:
        return hashlib.file_digest(file, "sha256").hexdigest()
