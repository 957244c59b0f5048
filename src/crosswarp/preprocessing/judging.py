"""Verdicts by other limits: from recorded numbers, without mapping anything again."""

from collections import defaultdict
from collections.abc import Collection, Sequence
from pathlib import Path

from crosswarp.preprocessing.changes import counted
from crosswarp.preprocessing.kept import read_kept
from crosswarp.preprocessing.ledger import Ledger
from crosswarp.preprocessing.limits import QualityLimits
from crosswarp.preprocessing.quality import range_text
from crosswarp.preprocessing.record import read_record
from crosswarp.preprocessing.request import map_path
from crosswarp.preprocessing.settings import PreprocessSettings


def judge_others(
    ledger: Ledger, out: Path, settings: PreprocessSettings, asked: Collection[str]
) -> None:
    """Judge the maps of a grid that are not asked for by the limits of those that are.

    A ledger holds the verdicts of one set of limits.

    Args:
        ledger: Rows of earlier runs.
        out: Folder of the derivatives.
        settings: Settings that are asked for.
        asked: Labels of the scans that are asked for.
    """
    space, resolution = settings.space, settings.resolution
    for (scan, grid), row in ledger.rows().items():
        if grid != (space, resolution) or scan.label in asked:
            continue
        path = map_path(out, scan, resolution, "logjacobian", ".json", space)
        record = read_record(path)
        if record is not None and row.get("fingerprint") == record.fingerprint:
            ledger.judge(scan, grid, record, settings.limits)


def limits_before(out: Path, settings: PreprocessSettings) -> QualityLimits | None:
    """Read the limits that the maps of a grid were judged by last.

    Args:
        out: Folder of the derivatives.
        settings: Settings that are asked for.

    Returns:
        None in a folder without maps of that grid. The defaults where an earlier
        version recorded none: its commands took no others.
    """
    space, resolution = settings.space, settings.resolution
    kept = read_kept(out, (space, resolution))
    if kept is not None:
        return kept.settings.limits
    pattern = f"sub-*/**/*_space-{space}_res-{resolution}_desc-logjacobian_T1w.json"
    return QualityLimits() if any(out.glob(pattern)) else None


def sentences(
    before: QualityLimits | None,
    now: QualityLimits,
    judged_again: Sequence[tuple[str, str, str]],
) -> list[str]:
    """Say which limits are others than before, and which verdicts changed.

    Args:
        before: Limits that the maps were judged by; None when there were no maps.
        now: Limits that are asked for.
        judged_again: Changed verdicts, as `Ledger.judged_again` has them.
    """
    if before is None or before == now:
        return []
    verdicts: dict[tuple[str, str], list[str]] = defaultdict(list)
    for label, was, verdict in judged_again:
        verdicts[was, verdict].append(label)
    changed = [
        f"{counted(labels, 'is', 'are')} {verdict}, {was} before"
        for (was, verdict), labels in verdicts.items()
    ]
    return [
        f"the limits of the quality control are others than before"
        f" ({'; '.join(_differences(before, now))}): the recorded numbers were judged"
        f" again, no map is made again for that;"
        f" {'; '.join(changed) or 'no verdict changed'}"
    ]


def _differences(before: QualityLimits, now: QualityLimits) -> list[str]:
    return [
        f"{name}.{part} was {range_text(was)}, is {range_text(ends)} now"
        for name in QualityLimits.model_fields
        for part in ("fine", "used")
        if (was := getattr(before.of(name), part))
        != (ends := getattr(now.of(name), part))
    ]
