"""What the user may choose when a cohort is made of an archive."""

from collections.abc import Iterable, Mapping
from dataclasses import dataclass, field
from pathlib import Path
from typing import Literal

from crosswarp.bids.options import CohortOptions
from crosswarp.errors import InputError

DiagnosisRule = Literal["visit", "baseline", "group"]
Visits = Literal["baseline", "all"]
Subgroups = Literal["merge", "keep", "drop"]
Dementia = Literal["ad", "any"]
CdrRule = Literal["dementia", "cdr1", "stage"]
T1Rule = Literal["raw", "processed", "scaled"]


@dataclass(frozen=True)
class ArchiveOptions:
    """Rules that decide which scans are taken and which label each one gets.

    Attributes:
        diagnosis: ``visit``: of the nearest visit; ``baseline``: of the participant's
            first; ``group``: of enrolment, which is no diagnosis at the scan.
        window: Days that may lie between scan and visit; the archive's when None.
        visits: ``baseline``: each participant's first scan that has a label; ``all``;
            the archive's when None, ``all`` of a BIDS data set and of a table.
        subgroups: EMCI, LMCI and SMC, known at enrolment only: ``merge`` into MCI and
            CN, ``keep`` as MCI-E, MCI-L and SMC, ``drop`` SMC and merge EMCI and LMCI.
        dementia: ``ad``: dementia due to another cause is left out; ``any``: all is AD.
        cdr: How a CDR becomes a label where an archive has no diagnoses (OASIS-1 and
            -2): ``dementia``: 0 is CN, above 0 is AD; ``cdr1``: 0 is CN, 1 and more is
            AD, 0.5 is left out; ``stage``: 0 is CN, 0.5 is MCI, 1 and more is AD.
        conversion: Months within which MCI that becomes dementia is pMCI and other
            MCI is sMCI; None keeps MCI.
        t1: Which T1 of several is taken: see `crosswarp.archives.choice`.
        prefer: Patterns of descriptions (``*SENSE*``) that come before the rule.
        exclude: Sessions and scans to leave out: labels, ids or image ids.
        exclude_from: What the list of those is called in the reason.
        labels: Options of `crosswarp cohort` on labels, codes and columns.
        tables: Tables of the user's own, joined by `crosswarp.archives.sidecar`.
        settings: Options of one archive, by name.
    """

    diagnosis: DiagnosisRule = "visit"
    window: int | None = None
    visits: Visits | None = None
    subgroups: Subgroups = "merge"
    dementia: Dementia = "ad"
    cdr: CdrRule = "dementia"
    conversion: float | None = None
    t1: T1Rule = "raw"
    prefer: tuple[str, ...] = ()
    exclude: frozenset[str] = frozenset()
    exclude_from: str = "--exclude"
    labels: CohortOptions = field(default_factory=CohortOptions)
    tables: tuple[Path, ...] = ()
    settings: Mapping[str, str] = field(default_factory=dict)


def read_settings(pairs: Iterable[str]) -> dict[str, str]:
    """Read settings of one archive, as ``label=d1``.

    Raises:
        InputError: If one is not of this form.
    """
    settings = {}
    for pair in pairs:
        name, _, value = (part.strip() for part in pair.partition("="))
        if not name or not value:
            msg = f"expected a pair as in --set label=d1, got {pair!r}"
            raise InputError(msg)
        settings[name] = value
    return settings
