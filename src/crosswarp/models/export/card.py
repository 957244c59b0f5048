"""What goes with every exported network: its card, its metrics, how it was checked."""

from pathlib import Path
from typing import Any, Final

from crosswarp.files import read_json, write_json
from crosswarp.models.bundle import Bundle, card_text
from crosswarp.models.export.check import SCANS, TOLERANCE

RECORD: Final = "export.json"
METRICS: Final = "metrics.json"
README: Final = "README.md"

ABOVE: Final = 4
"""Folders from a bundle up to its run: RUN/models/NAME/repeat-0_fold-0/bundle."""


def find_metrics(folder: Path, name: str) -> dict[str, Any] | None:
    """Read what a run's evaluation says of a model.

    Args:
        folder: Of a bundle.
        name: Of its model.

    Returns:
        Estimates over all folds, each with ``value``, ``low``, ``high``; None when the
        bundle lies in no evaluated run.
    """
    parents = folder.resolve().parents
    path = parents[ABOVE - 1] / METRICS if len(parents) >= ABOVE else folder / METRICS
    if not path.is_file():
        return None
    overall = read_json(path).get("models", {}).get(name, {}).get("overall")
    return None if overall is None else dict(overall)


def write_cards(
    folder: Path,
    bundle: Bundle,
    metrics: dict[str, Any] | None,
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
    record = {
        "format": kind,
        "card": bundle.card.model_dump(mode="json"),
        "metrics": metrics,
        "check": {
            "scans": SCANS,
            "tolerance": TOLERANCE,
            "largest_difference": difference,
        },
    }
    write_json(folder / RECORD, record)
    text = card_text(bundle.card) + _measured(metrics) + _checked(kind, difference)
    (folder / README).write_text(text, encoding="utf-8")


def _measured(metrics: dict[str, Any] | None) -> str:
    if metrics is None:
        return "\nMetrics: not evaluated when this was exported.\n"
    lines = [
        f"| {name} | {m['value']:.3f} | {m['low']:.3f} to {m['high']:.3f} |"
        for name, m in sorted(metrics.items())
        if isinstance(m, dict) and None not in (m["value"], m["low"], m["high"])
    ]
    head = [
        "\nMetrics of the model over all folds of its run, each scan by the network"
        " that did not see it. This network is one of those.",
        "",
        "| metric | value | interval |",
        "| --- | --- | --- |",
    ]
    return "\n".join([*head, *lines]) + "\n"


def _checked(kind: str, difference: float) -> str:
    return (
        f"\nExported as {kind}; on {SCANS} made-up scans its logits differ from the"
        f" original's by at most {difference:.1e} (allowed: {TOLERANCE:.0e}).\n"
    )
