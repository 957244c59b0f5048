"""What is known of each scan besides its maps, and a summary of a cohort of them."""

import math
from collections.abc import Iterable, Mapping
from dataclasses import dataclass, field
from pathlib import Path

import pandas as pd

from crosswarp.bids.ids import NOT_AVAILABLE, ScanId
from crosswarp.bids.ledger import read_ledger
from crosswarp.errors import InputError
from crosswarp.evaluation.context import FIELD_STRENGTH
from crosswarp.preprocessing.limits import QualityLimits
from crosswarp.study.cohort_summary import CohortSummary, distribution_of


@dataclass(frozen=True)
class ScanFacts:
    """What is known of one scan; None for what is not.

    Attributes:
        age_years: Age at the scan in years.
        sex: Sex as the cohort table has it.
        site: Site of the scan.
        field_strength: Field strength in tesla, as text.
        quality: Numbers of the quality control, by name.
    """

    age_years: float | None = None
    sex: str | None = None
    site: str | None = None
    field_strength: str | None = None
    quality: Mapping[str, float] = field(default_factory=dict)


def facts_of(
    cohort: pd.DataFrame, quality: Mapping[ScanId, Mapping[str, float]]
) -> dict[ScanId, ScanFacts]:
    """Take what is known of each scan of a cohort.

    Args:
        cohort: As `crosswarp.bids.cohort.read_cohort` returns it.
        quality: Numbers of the quality control, as `quality_of` returns them.
    """
    found = {}
    for row in cohort.to_dict("records"):
        scan = ScanId.from_row(str(row["participant_id"]), row["session_id"])
        field_strength = _number(row.get(FIELD_STRENGTH))
        found[scan] = ScanFacts(
            _number(row.get("age_years")),
            _text(row.get("sex")),
            _text(row.get("site")),
            None if field_strength is None else f"{field_strength:g}",
            quality.get(scan, {}),
        )
    return found


def quality_of(
    ledger: Path, space: str, resolution: int
) -> dict[ScanId, dict[str, float]]:
    """Read the numbers of the quality control of all scans of one grid.

    Args:
        ledger: Path of the ledger of the derivatives.
        space: Name of the template.
        resolution: Spacing of the maps, in mm.

    Returns:
        Empty where there is no ledger, or none that can be read.
    """
    try:
        table = read_ledger(ledger, space, resolution) if ledger.is_file() else None
    except InputError:
        table = None
    if table is None:
        return {}
    return {
        ScanId.from_row(str(row["participant_id"]), row["session_id"]): numbers_in(
            {str(name): value for name, value in row.items()}
        )
        for row in table.to_dict("records")
    }


def numbers_in(row: Mapping[str, object]) -> dict[str, float]:
    """Take the numbers of the quality control from a row of a table."""
    found = {name: _number(row.get(name)) for name in QualityLimits.model_fields}
    return {name: value for name, value in found.items() if value is not None}


def summary_of(
    scans: Iterable[tuple[ScanId, str, ScanFacts]],
) -> CohortSummary:
    """Summarise a cohort, each participant by their first scan.

    Args:
        scans: Identifier, class and facts of each scan.
    """
    ordered = sorted(scans, key=lambda each: each[0])
    first: dict[str, tuple[str, ScanFacts]] = {}
    for scan, diagnosis, facts in ordered:
        first.setdefault(scan.participant_id, (diagnosis, facts))
    known = [facts for _, facts in first.values()]
    names = sorted({name for facts in known for name in facts.quality})
    quality = {
        name: distribution_of([facts.quality.get(name, math.nan) for facts in known])
        for name in names
    }
    ages = [math.nan if f.age_years is None else f.age_years for f in known]
    return CohortSummary(
        participants=len(first),
        scans=len(ordered),
        diagnoses=_counts(diagnosis for diagnosis, _ in first.values()),
        sexes=_counts(facts.sex for facts in known),
        sites=_counts(facts.site for facts in known),
        field_strengths=_counts(facts.field_strength for facts in known),
        age_years=distribution_of(ages),
        quality={name: found for name, found in quality.items() if found},
    )


def _counts(values: Iterable[str | None]) -> dict[str, int]:
    known = [value for value in values if value is not None]
    return {value: known.count(value) for value in sorted(set(known))}


def _number(value: object) -> float | None:
    found = isinstance(value, int | float) and math.isfinite(value)
    return float(value) if found and isinstance(value, int | float) else None


def _text(value: object) -> str | None:
    known = isinstance(value, str) and value not in ("", NOT_AVAILABLE)
    return str(value) if known else None
