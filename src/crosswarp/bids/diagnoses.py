"""Clinical diagnoses, and the spellings that data sets have for them."""

import difflib
from enum import StrEnum
from typing import Final

from crosswarp.errors import InputError


class Diagnosis(StrEnum):
    """Clinical label of a participant at the time of a scan.

    Example:
        >>> Diagnosis.parse("Alzheimer's disease")
        <Diagnosis.AD: 'AD'>
    """

    CN = "CN"
    """Cognitively normal."""
    MCI = "MCI"
    """Mild cognitive impairment."""
    AD = "AD"
    """Dementia of the Alzheimer type."""

    @classmethod
    def parse(cls, text: str) -> "Diagnosis":
        """Read a diagnosis in one of its usual spellings; case does not count.

        Raises:
            InputError: If it is none of them; names the nearest.
        """
        key = _key(text)
        if key in _SPELLINGS:
            return _SPELLINGS[key]
        near = difflib.get_close_matches(key, _SPELLINGS, n=1)
        hint = f"; did you mean {_SPELLINGS[near[0]]}?" if near else ""
        msg = f"unknown diagnosis {text!r}, expected CN, MCI or AD{hint}"
        raise InputError(msg)


def _key(text: str) -> str:
    return "".join(letter for letter in text.casefold() if letter.isalnum())


_SPELLINGS: Final = {
    _key(spelling): diagnosis
    for diagnosis, spellings in {
        Diagnosis.CN: (
            "CN, NC, HC, NL, CTL, Control, Controls, Healthy, Healthy control, Normal,"
            " Normal control, Cognitively normal, Cognitively unimpaired, CU"
        ),
        Diagnosis.MCI: (
            "MCI, EMCI, LMCI, Mild cognitive impairment, Early MCI, Late MCI"
        ),
        Diagnosis.AD: (
            "AD, DAT, Dementia, Demented, Alzheimer, Alzheimers, Alzheimer's disease,"
            " AD dementia, Alzheimer's dementia, Dementia of the Alzheimer type"
        ),
    }.items()
    for spelling in spellings.split(",")
}
