"""What goes with every exported network: its card, its metrics, how it was checked."""

from collections.abc import Mapping
from dataclasses import asdict
from pathlib import Path
from typing import Final, TypeAlias

from crosswarp.models.bundle import Bundle, card_text
from crosswarp.models.export.check import SCANS, TOLERANCE
from crosswarp.provenance import files_in, write_record
from crosswarp.statistics.intervals import Estimate
from crosswarp.study.fold import run_of_bundle
from crosswarp.study.metrics import read_metrics
from crosswarp.study.names import EXPORT_RECORD, METRICS
from crosswarp.study.run import require_run

Overall: TypeAlias = Mapping[str, Estimate | None]
"""Estimates over all folds, by the name of the metric."""

README: Final = "README.md"


def find_metrics(folder: Path, name: str) -> Overall | None:
    """Read what a run's evaluation says of a model.

    Args:
        folder: Folder of a bundle.
        name: Name of its model.

    Returns:
        Estimates over all folds, by the name of the metric; None when the bundle lies
        in no evaluated run.

    Raises:
        MixedError: If the run has changed since its evaluation.
    """
    run = run_of_bundle(folder)
    if run is None or not (run / METRICS).is_file():
        return None
    require_run(run)
    found = read_metrics(run).models.get(name)
    return None if found is None else found.overall


def write_cards(
    folder: Path,
    bundle: Bundle,
    metrics: Overall | None,
    kind: str,
    difference: float,
) -> None:
    """Write the page for people and the record for programs.

    Args:
        folder: To write to.
        bundle: That was exported.
        metrics: As `find_metrics` returns them.
        kind: Of the export.
        difference: Largest of a logit that the check found.
    """
    written = {path.name for path in folder.iterdir()}
    record = {
        "format": kind,
        "files": sorted({*written, EXPORT_RECORD, README}),
        "card": bundle.card.portable().model_dump(mode="json"),
        "metrics": None if metrics is None else _plain(metrics),
        "check": {
            "scans": SCANS,
            "tolerance": TOLERANCE,
            "largest_difference": difference,
        },
    }
    text = card_text(bundle.card) + _measured(metrics) + _checked(kind, difference)
    (folder / README).write_text(text, encoding="utf-8")
    write_record(folder / EXPORT_RECORD, record, products=files_in(folder))


def _measured(metrics: Overall | None) -> str:
    if metrics is None:
        return "\nMetrics: not evaluated when this was exported.\n"
    lines = [
        f"| {name} | {found.value:.3f} | {_ends(found)} |"
        for name, found in sorted(metrics.items())
        if found is not None
    ]
    head = [
        "\nMetrics of the model over all folds of its run, each scan by the network"
        " that did not see it. This network is one of those.",
        "",
        "| metric | value | interval |",
        "| --- | --- | --- |",
    ]
    return "\n".join([*head, *lines]) + "\n"


def _plain(metrics: Overall) -> dict[str, dict[str, float | None] | None]:
    return {n: None if found is None else asdict(found) for n, found in metrics.items()}


def _ends(estimate: Estimate) -> str:
    if estimate.low is None or estimate.high is None:
        return "none can be given"
    return f"{estimate.low:.3f} to {estimate.high:.3f}"


def _checked(kind: str, difference: float) -> str:
    return (
        f"\nExported as {kind}; on {SCANS} made-up scans its logits differ from the"
        f" original's by at most {difference:.1e} (allowed: {TOLERANCE:.0e}). They are"
        " the network's own, before temperature scaling.\n"
    )
