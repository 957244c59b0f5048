"""Classify one new scan: preprocess it as the training scans were, and ask."""

from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any, Final, get_args

import numpy as np
import torch

from crosswarp.bids.cohort import VIRTUAL_NOTICE
from crosswarp.bids.dataset import RawScan, find_scans
from crosswarp.bids.ids import ScanId
from crosswarp.derivatives.cohort import preprocess_cohort
from crosswarp.derivatives.registration import REGISTRATIONS
from crosswarp.derivatives.scan import map_path, record_path, request_for
from crosswarp.derivatives.settings import BrainMask, PreprocessSettings
from crosswarp.derivatives.template import SPACE, load_template
from crosswarp.errors import InputError, ScanError
from crosswarp.execution.progress import Progress
from crosswarp.files import fingerprint, read_json, write_json
from crosswarp.inputs.grid import Grid
from crosswarp.inputs.samples import read_map
from crosswarp.models.bundle import Bundle, BundleCard
from crosswarp.prediction.bundles import load_bundles

PREDICTION: Final = "prediction.json"

NOT_A_DEVICE: Final = "Research software, not a medical device."


@dataclass(frozen=True)
class ScanPrediction:
    """The answer for one scan.

    Attributes:
        scan: Whose.
        model: Name of the network.
        classes: What is told apart; the last one is positive.
        probabilities: One a class, the mean over the networks.
        least: Smallest probability of each class among the networks.
        greatest: Largest.
        networks: How many were asked: one a fold of the run.
        notes: What a reader must know.
    """

    scan: ScanId
    model: str
    classes: tuple[str, ...]
    probabilities: tuple[float, ...]
    least: tuple[float, ...]
    greatest: tuple[float, ...]
    networks: int
    notes: tuple[str, ...]

    def as_json(self) -> dict[str, Any]:
        """Return what ``prediction.json`` holds."""
        columns = zip(
            self.classes, self.probabilities, self.least, self.greatest, strict=True
        )
        return {
            "participant_id": self.scan.participant_id,
            "session_id": self.scan.session_id,
            "model": self.model,
            "networks": self.networks,
            "probabilities": {
                name: {"mean": mean, "least": least, "greatest": greatest}
                for name, mean, least, greatest in columns
            },
            "notes": list(self.notes),
        }


def predict_scan(
    bundle: Path,
    scan: Path,
    out: Path,
    *,
    skull_stripped: bool = False,
    progress: Progress | None = None,
) -> ScanPrediction:
    """Classify one scan and keep its maps, its picture and the answer in ``out``.

    The scan goes through the chain with the settings that made the training maps.
    With a model's folder of a run, the network of every fold is asked and the
    probabilities are averaged; a new participant was in none of their training.

    Args:
        bundle: A bundle, or a model's folder in a run.
        scan: Raw T1w NIfTI file.
        out: Folder to write to.
        skull_stripped: The scan is a brain already.
        progress: Told of the preprocessing.

    Raises:
        InputError: If the bundles cannot be used, or want other maps than can be made.
        ScanError: If the scan cannot be used; says why.
    """
    bundles = load_bundles(bundle)
    settings = settings_for(bundles[0].card, skull_stripped)
    (raw,) = find_scans(_one_file(scan)).scans
    request = request_for(raw, out, settings)
    ledger = preprocess_cohort(
        find_scans(scan), out, settings, retry_failed=True, progress=progress
    )
    rows = ledger[ledger["participant_id"] == raw.scan.participant_id]
    row = rows.iloc[-1]
    if row["status"] != "ok":
        msg = f"{scan.name}: {row['reason']}"
        raise ScanError(msg)
    made = read_json(record_path(request))["Fingerprint"]
    answer = _ask(bundles, raw, out, skull_stripped)
    write_json(
        out / PREDICTION,
        {
            **answer.as_json(),
            "bundle_fingerprint": fingerprint(
                [b.card.model_dump(mode="json") for b in bundles]
            ),
            "maps_fingerprint": made,
        },
    )
    return answer


def _one_file(scan: Path) -> Path:
    if scan.is_dir():
        msg = f"{scan} is a folder; predict takes one NIfTI file"
        raise InputError(msg)
    return scan


def settings_for(card: BundleCard, skull_stripped: bool) -> PreprocessSettings:
    """Choose the settings that made a bundle's training maps, its registration too.

    Args:
        card: Of the bundle. If it does not say how its maps were made, the usual
            settings are taken.
        skull_stripped: The new scan is a brain already; the training scans need not
            have been.

    Raises:
        InputError: If the maps lay on another grid, or were made with settings that
            are not the usual ones of any registration back end.
    """
    extent = load_template(card.resolution).brain.extent
    if (card.space, card.grid_extent) != (SPACE, extent):
        msg = (
            f"the bundle wants maps in {card.space} of {card.grid_extent} voxels; this"
            f" program makes them in {SPACE} of {extent}"
        )
        raise InputError(msg)
    ours = []
    for registration in REGISTRATIONS.values():
        usual = PreprocessSettings(
            resolution=card.resolution, registration=registration
        )
        stripped = usual.model_copy(update={"brain_mask": "given"})
        known = {_digest(way): way for way in _ways_to_the_brain(usual)}
        if card.preprocessing is None or card.preprocessing in known:
            made = known.get(card.preprocessing or "", usual)
            again = usual if made.brain_mask == "given" else made
            return stripped if skull_stripped else again
        ours.append(_digest(usual))
    msg = (
        "the bundle was trained on maps that were made with other settings"
        f" (fingerprint {card.preprocessing}, ours {', '.join(ours)}); preprocess the"
        " cohort with this version and train again"
    )
    raise InputError(msg)


def _ways_to_the_brain(usual: PreprocessSettings) -> list[PreprocessSettings]:
    """Vary how the brain is found."""
    return [
        usual.model_copy(update={"brain_mask": way, "fall_back": fall_back})
        for way in get_args(BrainMask)
        for fall_back in (False, True)
    ]


def _digest(settings: PreprocessSettings) -> str:
    return fingerprint(settings.model_dump(mode="json"))


def _ask(
    bundles: Sequence[Bundle], raw: RawScan, out: Path, skull_stripped: bool
) -> ScanPrediction:
    card = bundles[0].card
    affine = load_template(card.resolution).brain.affine
    grid = Grid(card.space, card.resolution, card.grid_extent, affine, card.box)
    t1w, jsm = (
        torch.from_numpy(
            read_map(map_path(out, raw.scan, card.resolution, desc), grid)
        )[None, None]
        for desc in ("preproc", "logjacobian")
    )
    with torch.inference_mode():
        answers = [b.network(t1w, jsm).softmax(dim=1)[0] for b in bundles]
    each = torch.stack(answers).double().numpy()
    notes = _notes(bundles, raw.scan, skull_stripped)
    columns = (np.round(f(axis=0), 6).tolist() for f in (each.mean, each.min, each.max))
    mean, least, greatest = (tuple(column) for column in columns)
    return ScanPrediction(
        raw.scan,
        card.model.name,
        card.classes,
        mean,
        least,
        greatest,
        len(bundles),
        notes,
    )


def _notes(
    bundles: Sequence[Bundle], scan: ScanId, skull_stripped: bool
) -> tuple[str, ...]:
    notes = [NOT_A_DEVICE]
    if any(b.card.origin == "virtual" for b in bundles):
        notes.append(VIRTUAL_NOTICE)
    if any(scan.participant_id in b.card.participants for b in bundles):
        notes.append(
            f"{scan.participant_id} is the name of a participant that was trained on;"
            " if it is the same person, this is not a prediction."
        )
    if skull_stripped:
        notes.append("The scan was given as already skull-stripped.")
    return tuple(notes)
