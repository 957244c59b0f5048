"""Rules that make a label: small functions, each with its source.

The labels are those of `crosswarp.bids.diagnoses`. A rule answers with a label, or
with the reason why there is none; it never guesses.
"""

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Final

from crosswarp.archives.options import CdrRule, Subgroups
from crosswarp.archives.records import Visit, When, days_between

DAYS_A_MONTH: Final = 30.4375
CENSORING_TOLERANCE: Final = 3.0
"""Months: visits are planned every six or twelve months and come a little early."""

FAMILY: Final = {"EMCI": "MCI", "LMCI": "MCI", "SMC": "CN"}
"""Groups of enrolment in ADNI GO, 2 and 3, and the diagnosis that each belongs to."""


KEPT: Final = {"EMCI": "MCI-E", "LMCI": "MCI-L", "SMC": "SMC"}
"""Labels of subgroups that are kept: EMCI and LMCI themselves are spellings of MCI."""


@dataclass(frozen=True)
class Label:
    """A label or the reason why there is none.

    Attributes:
        label: None where a rule gives none.
        reason: Of few sentences without anything of the participant.
        detail: What to add.
    """

    label: str | None
    reason: str = ""
    detail: str = ""


def label_of_cdr(cdr: float | None, rule: CdrRule) -> Label:
    """Make a label of a global Clinical Dementia Rating (Morris 1993).

    Args:
        cdr: 0, 0.5, 1, 2 or 3; None where it is empty: then nobody is ill or well.
        rule: ``dementia``: above 0 is AD, as OASIS-1's authors count very mild to
            moderate AD (Marcus et al. 2007); ``cdr1``: from 1 on, 0.5 left out;
            ``stage``: 0.5 is MCI.

    Example:
        >>> [label_of_cdr(cdr, "dementia").label for cdr in (0.0, 0.5, 1.0, 2.0, None)]
        ['CN', 'AD', 'AD', 'AD', None]
    """
    if cdr is None:
        return Label(None, "no CDR")
    if cdr not in {0.0, 0.5, 1.0, 2.0, 3.0}:
        return Label(None, "CDR outside its values", f"{cdr:g}")
    if cdr == 0:
        return Label("CN")
    if cdr > 0.5 or rule == "dementia":
        return Label("AD")
    if rule == "stage":
        return Label("MCI")
    return Label(None, "CDR 0.5 is left out by the CDR rule")


def with_subgroup(label: str, group: str, rule: Subgroups) -> Label:
    """Refine a diagnosis by the group of enrolment: EMCI, LMCI and SMC.

    Those groups differ in memory scores and complaints at enrolment (Aisen et al.
    2010 for EMCI); no later visit says them again. They count only while the
    diagnosis is still of their family.

    Args:
        label: CN, MCI, AD or another.
        group: Group of enrolment.
        rule: As in `ArchiveOptions`.

    Example:
        >>> with_subgroup("MCI", "EMCI", "keep").label
        'MCI-E'
        >>> with_subgroup("AD", "EMCI", "keep").label
        'AD'
    """
    if label in FAMILY:
        group, label = label, FAMILY[label]
    if FAMILY.get(group) != label:
        return Label(label)
    if rule == "keep":
        return Label(KEPT[group])
    if rule == "drop" and group == "SMC":
        return Label(None, "subjective memory concern (SMC) is left out")
    return Label(label)


def progression(visits: Sequence[Visit], scan: When, months: float) -> Label:
    """Tell progressive MCI from stable MCI.

    Progressive (pMCI): dementia at a visit within ``months`` after the scan. Stable
    (sMCI): none, and a diagnosis at least ``months`` less `CENSORING_TOLERANCE` after
    it; a return to CN counts as stable. Censored: neither, since the visits end before.

    Args:
        visits: All of the participant.
        scan: Day of the scan, at which the label is MCI.
        months: Length of the follow-up.
    """
    last = 0.0
    for after, visit in _after(visits, scan):
        if visit.label == "AD" and after <= months:
            return Label("pMCI", detail=f"dementia after {after:.0f} months")
        if visit.why_none and after <= months:
            return Label(None, f"MCI, and at a later visit: {visit.why_none}")
        last = after if visit.label is not None else last
    if last >= months - CENSORING_TOLERANCE:
        return Label("sMCI", detail=f"followed for {last:.0f} months")
    reason = "MCI, censored: followed for less than the months asked for"
    return Label(None, reason, f"{last:.0f} of {months:g} months")


def _after(visits: Sequence[Visit], scan: When) -> list[tuple[float, Visit]]:
    """List the visits after a scan, with the months between, in order."""
    found = []
    for visit in visits:
        days = None if visit.when is None else days_between(scan, visit.when)
        if days is not None and days > 0:
            found.append((days / DAYS_A_MONTH, visit))
    return sorted(found, key=lambda one: one[0])
