"""What codes of ADNI's tables mean: diagnoses, visits, ids.

Sources: the data dictionary of ADNI (DATADIC, 2024) and ADNI's own package ADNIMERGE2.
"""

import re
from typing import Final

from crosswarp.archives.options import Dementia
from crosswarp.archives.rules import Label
from crosswarp.archives.tables import Row

PTID: Final = re.compile(r"(\d{3})_?[Ss]_?(\d{4,5})")
"""Five digits since ADNI 4."""

STAGES: Final = {"1": "CN", "2": "MCI", "3": "AD"}
"""DIAGNOSIS (all phases today), DXCURREN (ADNI 1)."""

CHANGES: Final = {
    **dict.fromkeys(("1", "7", "9"), "1"),
    **dict.fromkeys(("2", "4", "8"), "2"),
    **dict.fromkeys(("3", "5", "6"), "3"),
}
"""DXCHANGE (ADNI GO and 2): the stage after the change."""

NONE_MADE: Final = "10"
"""Of DIAGNOSIS: no diagnosis was made at the visit."""

NO_TIME_POINT: Final = frozenset({"nv", "reg", "f", "aut", "4_disp", "tau"})
"""Codes that are no visit in time."""

OTHER_CAUSE: Final = "dementia of another cause than Alzheimer's disease"
OUTSIDE_CODES: Final = "a diagnosis outside the code book"

WORDS: Final = {
    **{"cn": "CN", "nl": "CN", "mci": "MCI", "emci": "EMCI", "lmci": "LMCI"},
    **{"smc": "SMC", "dementia": "AD", "ad": "AD"},
}
"""DX, DX_bl and groups of enrolment."""

_VISIT: Final = re.compile(
    r"(?:4_)?(?:sc|bl|init|scmri|screen|m\d{1,3}|v\d{2}|y\d{1,2}|uns\d+|f|nv|reg|aut|disp"
    r"|tau)",
    re.IGNORECASE,
)


def ptid_of(text: str) -> str | None:
    """Write a participant's id as ADNI does; None where it is none.

    Example:
        >>> ptid_of("999_S_10001"), ptid_of("002_s_0295 "), ptid_of("Phantom")
        ('999_S_10001', '002_S_0295', None)
    """
    found = PTID.fullmatch(text.strip())
    return f"{found[1]}_S_{found[2]}" if found else None


def rid_of(ptid: str) -> str:
    """Return the RID: the number behind ``_S_``, whatever its length.

    Example:
        >>> rid_of("002_S_0295"), rid_of("999_S_10001")
        ('295', '10001')
    """
    return str(int(ptid.rpartition("_")[2]))


def is_known_visit(code: str) -> bool:
    """Whether a visit code is one that some phase has."""
    return not code or _VISIT.fullmatch(code) is not None


def diagnosis_of(row: Row, dementia: Dementia) -> tuple[Label, str]:
    """Derive the diagnosis of a row of DXSUM, in the columns of whichever phase.

    DIAGNOSIS, else DXCHANGE, else DXCURREN. Dementia is AD unless DXDDUE names
    another cause, which ``dementia="any"`` ignores.

    Returns:
        The label or why there is none (empty for an empty cell), and the rule.
    """
    column, code = next(
        (
            (name, found)
            for name in ("DIAGNOSIS", "DXCHANGE", "DXCURREN")
            if (found := row.code(name.lower())) is not None
        ),
        ("", ""),
    )
    if not column or code == NONE_MADE:
        return Label(None), ""
    stage = CHANGES.get(code, "") if column == "DXCHANGE" else code
    label, rule = STAGES.get(stage), f"{column} {code}"
    if label is None:
        return Label(None, OUTSIDE_CODES, rule), rule
    if label == "AD" and (cause := row.code("dxddue")) is not None:
        rule += f", DXDDUE {cause}"
        if cause != "1" and dementia == "ad":
            return Label(None, OTHER_CAUSE, rule), rule
    if label == "MCI" and (cause := row.code("dxmdue")) is not None:
        rule += f", DXMDUE {cause}"
    return Label(label), rule


def diagnosis_of_word(text: str | None) -> str | None:
    """Read DX of ADNIMERGE; of ``MCI to Dementia`` in old versions, the last word.

    Example:
        >>> diagnosis_of_word("MCI to Dementia"), diagnosis_of_word("NL")
        ('AD', 'CN')
    """
    if text is None:
        return None
    return WORDS.get(text.casefold().rpartition(" to ")[2].strip())


def was_done(row: Row) -> bool:
    """Whether a row of REGISTRY is of a visit that took place.

    VISTYPE 3 is "not done" in ADNI GO and 2 and a telephone call in ADNI 3, where
    4 is "not done".
    """
    code = row.code("vistype")
    phase = (row.text("phase", "colprot") or "").upper().replace(" ", "")
    if phase in {"ADNIGO", "ADNI2"}:
        return code != "3"
    if phase in {"ADNI3", "ADNI4"}:
        return code != "4"
    return True
