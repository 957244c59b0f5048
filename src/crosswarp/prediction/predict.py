"""Classify one new scan: preprocess it as the training scans were, and ask."""

from dataclasses import replace
from pathlib import Path
from typing import Any

import pandas as pd
import torch

from crosswarp.bids.ids import ScanId
from crosswarp.bids.ledger import RESOLUTION
from crosswarp.bids.ledger import SPACE as SPACE_COLUMN
from crosswarp.bids.names import QC_PAGE
from crosswarp.bids.series import SeriesChoice
from crosswarp.documents import read_object
from crosswarp.errors import ScanError
from crosswarp.evaluation.facts import numbers_in
from crosswarp.execution.progress import Progress
from crosswarp.inputs.grid import Grid
from crosswarp.inputs.samples import read_map
from crosswarp.models.bundle import BundleCard
from crosswarp.outputs import PREDICTION as PREDICTION_FOLDER
from crosswarp.prediction.answer import ScanPrediction, as_verdict
from crosswarp.prediction.answers import AnswerKey, check_free, write_answer
from crosswarp.prediction.ask import answer_from, ask, notes_of
from crosswarp.prediction.bundles import load_bundles
from crosswarp.prediction.findings import Circumstances, with_findings
from crosswarp.prediction.networks import card_of, fingerprint_of
from crosswarp.prediction.replay import other_steps, settings_for
from crosswarp.prediction.scan_place import find_one
from crosswarp.prediction.unlike import refuse_unlike
from crosswarp.preprocessing.changes import sentences
from crosswarp.preprocessing.cohort import (
    plan_cohort,
    run_plan,
    working_on,
)
from crosswarp.preprocessing.request import (
    ScanRequest,
    record_path,
    request_for,
    template_of,
)
from crosswarp.readers.source import source_digest
from crosswarp.study.findings import Changes
from crosswarp.types.tensors import Volume


def predict_scan(  # noqa: PLR0913 - all that a user may say of a scan
    bundle: Path,
    scan: Path,
    out: Path,
    *,
    skull_stripped: bool = False,
    strict: bool = False,
    template: tuple[Path, Path] | None = None,
    known: Circumstances | None = None,
    series: SeriesChoice | None = None,
    progress: Progress | None = None,
) -> ScanPrediction:
    """Classify one scan and keep its maps, its picture and the answer in ``out``.

    The scan goes through the chain with the settings that made the training maps.
    With a model's folder of a run, the network of every fold is asked and the
    probabilities are averaged; a new participant was in none of their training. The
    folder may hold answers for other scans, sessions and models: each has a file of
    its own, and a row in ``predictions.tsv``.

    Args:
        bundle: A bundle, or a model's folder in a run.
        scan: Raw T1w scan: NIfTI file or pair, or a zip archive or folder with one scan
            as NIfTI or DICOM.
        out: Folder to write to.
        skull_stripped: The scan is a brain already.
        strict: Refuse a scan that the quality control says to check.
        template: T1w image and brain mask of the user's own template that the training
            maps lie on; looked for where they were when None.
        known: What is known besides the image: age, sex and field strength, prevalence.
        series: The series to take of a DICOM examination; chosen by rules when None.
        progress: Told of the preprocessing.

    Raises:
        InputError: If the bundles cannot be used, or want other maps than can be made;
            if there is no scan or more than one; if the folder has an answer for
            another file of the same name.
        ScanError: If the scan cannot be used, or must be checked and ``strict`` is
            set, or is too unlike the training scans; says why.
        LockedError: If another process works on ``out``.
    """
    known = known or Circumstances()
    known.check()
    bundles = load_bundles(bundle)
    card = card_of(bundles)
    settings = settings_for(card, skull_stripped, template)
    found, raw = find_one(scan, out, series)
    request = request_for(raw, out, settings, found.root)
    key = AnswerKey(
        raw.scan,
        card.model.name,
        fingerprint_of(bundles),
        source_digest(raw.path, raw.inside),
    )
    check_free(out, key)
    with working_on(found, out, PREDICTION_FOLDER):
        # By digest: what the networks are asked about is what was written.
        plan = plan_cohort(
            found,
            out,
            settings,
            retry_failed=True,
            purpose=PREDICTION_FOLDER,
            by_digest=True,
        )
        again = [f"{sentence}." for sentence in sentences(plan.changes())]
        ledger = run_plan(plan, progress=progress)
        row = _usable_row(ledger, request, scan.name)
        verdict, reason = as_verdict(row)
        if strict:
            _check_quality(scan.name, verdict, reason)
        grid = _grid(card, request)
        maps = _maps(grid, request)
        asked = ask(bundles, *maps)
        answer = answer_from(
            bundles, raw.scan, (verdict, reason), asked, numbers_in(row)
        )
        notes = notes_of(bundles, raw.scan, asked, skull_stripped)
        warning = [f"The quality control says {verdict}: {reason}."] if reason else []
        notes = (*warning, *again, *other_steps(card), *notes)
        answer = replace(answer, notes=notes)
        answer = with_findings(answer, bundles, asked, maps, grid, known)
        refuse_unlike(out, key, answer, scan.name)
        made = str(read_object(record_path(request)).get("Fingerprint"))
        return _written(out, key, answer, made)


def _written(
    out: Path, key: AnswerKey, answer: ScanPrediction, made: str
) -> ScanPrediction:
    """Write an answer; other sessions of the person tell what has changed."""
    path = write_answer(out, key, answer, made)
    told = read_object(path).get("changes")
    changes = None if told is None else Changes.model_validate(told)
    return replace(answer, file=path.name, changes=changes)


def _check_quality(name: str, verdict: str, reason: str) -> None:
    if verdict != "ok":
        msg = (
            f"{name}: the quality control says {verdict}: {reason}; look at"
            f" {QC_PAGE} in the output folder; without `strict` the scan is"
            " classified nevertheless"
        )
        raise ScanError(msg)


def _usable_row(
    ledger: pd.DataFrame, request: ScanRequest, name: str
) -> dict[str, Any]:
    """Find the row of this participant, session and grid, not of another one."""
    row = next(
        row
        for row in ledger.to_dict("records")
        if ScanId.from_row(row["participant_id"], row["session_id"]) == request.scan
        and (row[SPACE_COLUMN], row[RESOLUTION]) == request.grid
    )
    if row["status"] != "ok":
        msg = f"{name}: {row['reason']}"
        raise ScanError(msg)
    return {str(column): value for column, value in row.items()}


def _grid(card: BundleCard, request: ScanRequest) -> Grid:
    affine = template_of(request).brain.affine
    return Grid(card.space, card.resolution, card.grid_extent, affine, card.box)


def _maps(grid: Grid, request: ScanRequest) -> tuple[Volume, Volume]:
    t1w, jsm = (
        torch.from_numpy(read_map(request.map(desc), grid))
        for desc in ("preproc", "logjacobian")
    )
    return t1w[None, None], jsm[None, None]
