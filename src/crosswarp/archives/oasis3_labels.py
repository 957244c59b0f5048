"""Diagnoses of OASIS-3: free text of clinicians, the CDR, and form D1 of the UDS.

The Knight centre stages by the CDR and hardly uses MCI: most visits of CDR 0.5 are
"AD Dementia" or "uncertain dementia" in ``dx1``.
"""

import re
from typing import Final

from crosswarp.archives.options import Dementia
from crosswarp.archives.rules import Label
from crosswarp.archives.uds import OTHER_CAUSE

NORMAL: Final = ("cognitively normal",)
NOT_DEMENTED: Final = ("no dementia",)
"""Not called normal either: taken for it where the CDR is 0."""

ALZHEIMER: Final = ("ad dem", "dat")
"""With depression, vascular disease and whatever else contributes or does not."""

UNCERTAIN: Final = (
    "unc", "incipient", "0.5 in memory", "ad dem cannot be primary", "ques"
)  # fmt: skip
OTHER_DEMENTIA: Final = (
    *("dlbd", "vascular dem", "frontotemporal dem", "dementia/pd", "non ad dem"),
    "ftd",
)
UNSURE: Final = "an uncertain clinical diagnosis (dx1)"
NEITHER: Final = "a clinical diagnosis (dx1) that is none of CN, MCI and dementia"
DISAGREE: Final = "the clinical diagnosis (dx1) and the CDR disagree"
_MILD: Final = 1.0


def label_of_dx1(
    dx1: str | None, cdr: float | None, dementia: Dementia = "ad"
) -> Label:
    """Read the first clinical diagnosis of a visit.

    Args:
        dx1: As the table has it, free text; None where it is missing.
        cdr: CDRTOT of the visit; None where it is missing.
        dementia: Same choice as `ArchiveOptions.dementia`.

    Returns:
        No label where the diagnosis is missing, uncertain, of another dementia, or
        impossible beside the CDR: normal at 1 and above, demented at 0.

    Example:
        >>> label_of_dx1("AD dem w/depresss- contribut", 0.5).label
        'AD'
        >>> label_of_dx1("Unc: ques. Impairment", 0.5).reason
        'an uncertain clinical diagnosis (dx1)'
        >>> [label_of_dx1("No dementia", cdr).label for cdr in (0.0, 0.5)]
        ['CN', None]
    """
    if dx1 is None:
        return Label(None)
    text = re.sub(r"\s+", " ", dx1).casefold()
    said = f"dx1 {text}, CDRTOT {'n/a' if cdr is None else f'{cdr:g}'}"
    label, reason = None, NEITHER
    if text.startswith(UNCERTAIN):
        reason = UNSURE
    elif text.startswith(NORMAL):
        label, reason = "CN", DISAGREE if cdr is not None and cdr >= _MILD else ""
    elif text.startswith(NOT_DEMENTED):
        label, reason = "CN", "" if cdr == 0 else NEITHER
    elif text.startswith(ALZHEIMER):
        label, reason = "AD", DISAGREE if cdr == 0 else ""
    elif text.startswith(OTHER_DEMENTIA):
        label, reason = "AD", "" if dementia == "any" else OTHER_CAUSE
    return Label(None if reason else label, reason, said)
