"""The record of a prediction for a whole cohort: what an evaluation starts from."""

from pathlib import Path
from typing import Literal, TypeAlias

from crosswarp.documents import read_as, read_object
from crosswarp.errors import MissingDerivativeError
from crosswarp.provenance import require_whole, write_record
from crosswarp.study.cohort_summary import CohortSummary
from crosswarp.study.names import COHORT, COHORT_PREDICTION, PREDICTIONS
from crosswarp.study.part import Part

PREDICT: str = "crosswarp predict BUNDLE COHORT"

Overlap: TypeAlias = Literal["refuse", "leave-out", "other-people"]
"""What is done with participants that have the name of one that was trained on."""


class Networks(Part):
    """The networks that answered, and what their bundles say of their training.

    Attributes:
        model: Name of the model.
        bundle: Fingerprint of the bundles.
        count: Number of networks; their probabilities are averaged.
        classes: Diagnoses in the order of the answers; the last one is positive.
        thresholds: Probability of the positive class from which each network decides
            for it, before temperature scaling; empty with more than two classes.
        threshold_rules: How the thresholds were found, sorted.
        temperature: Number that every network's logits were divided by.
        origin: ``virtual`` if any network was trained on virtual participants.
        participants: Number of participants that any of them was trained on.
        training: Summary of them; None where a bundle keeps none.
        maps_known: Whether digests of the training maps are kept, so that a scan is
            found under another name.
        embedding_scans: Scans of the training cohort, not fitted on, whose distances
            are the reference; None where a bundle keeps none.
    """

    model: str
    bundle: str
    count: int
    classes: tuple[str, ...]
    thresholds: tuple[float, ...]
    threshold_rules: tuple[str, ...]
    temperature: float
    origin: Literal["real", "virtual"]
    participants: int
    training: CohortSummary | None = None
    maps_known: bool = False
    embedding_scans: int | None = None


class CohortPrediction(Part):
    """What was predicted.

    Attributes:
        networks: Networks that answered.
        scans: Labels of the scans of the cohort.
        predicted: Number of scans with a prediction.
        failed: Number of scans without one.
        left_out: Number of scans that were left out since they were trained on.
        overlap: What was to be done with those.
        same_names: Participants that have the name of one who was trained on and are
            said to be other people.
        diagnoses: Why no diagnoses lie beside the predictions; None where they do.
    """

    networks: Networks
    scans: tuple[str, ...]
    predicted: int
    failed: int
    left_out: int
    overlap: str
    same_names: int = 0
    diagnoses: str | None = None


def write_cohort_prediction(out: Path, found: CohortPrediction) -> None:
    """Write the record of a prediction, its last file.

    Args:
        out: Folder of the outputs, with the table of predictions and, where diagnoses
            are known, that of the cohort.
        found: What was predicted.
    """
    products = [PREDICTIONS] if found.diagnoses else [PREDICTIONS, COHORT]
    write_record(
        out / COHORT_PREDICTION, found.model_dump(mode="json"), products=products
    )


def read_cohort_prediction(out: Path) -> CohortPrediction:
    """Read what was predicted of the cohort whose predictions are there.

    Raises:
        MissingDerivativeError: If no cohort was predicted.
        MixedError: If the prediction has not ended, or its tables have changed since.
        InputError: If the record holds something else.
    """
    path, command = out / COHORT_PREDICTION, f"{PREDICT} {out}"
    if not path.is_file():
        msg = f"no {COHORT_PREDICTION} in {out}; `{command}` writes it"
        raise MissingDerivativeError(msg)
    require_whole(path, {}, command)
    return read_as(path, CohortPrediction, f"run `{command}` again")


def bundle_before(out: Path) -> str | None:
    """Return the fingerprint of the bundles of an earlier prediction in a folder."""
    networks = read_object(out / COHORT_PREDICTION).get("networks")
    known = networks.get("bundle") if isinstance(networks, dict) else None
    return known if isinstance(known, str) else None
