"""Clinical diagnoses: free labels, and the spellings of those that are known."""

import difflib
import re
from collections.abc import Iterable, Mapping
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


JOINT: Final = "+"
"""Between the labels of a class that merges several, as in ``MCI+AD``."""

_LABEL: Final = re.compile(r"[A-Za-z0-9_-]*[A-Za-z][A-Za-z0-9_-]*")
_SHORTEST_SLIP: Final = 5
"""Letters from which a label can be a slip of a known one: sMCI is none of MCI."""
_SIMILAR: Final = 0.8


def parse_label(text: str) -> str:
    """Read a diagnosis as a label.

    Args:
        text: A usual spelling of CN, MCI or AD, which becomes that name; or any label
            of its own: letters, digits, ``-`` and ``_``, at least one letter.

    Returns:
        The label; one that is not known is kept as it is written.

    Raises:
        InputError: If it is no label, such as a code or several words.

    Example:
        >>> parse_label("Cognitively normal"), parse_label(" sMCI ")
        ('CN', 'sMCI')
    """
    known = known_diagnosis(text)
    if known is not None:
        return known.value
    label = text.strip()
    if not is_label(label):
        msg = (
            f"diagnosis {label!r} is not a label of letters, digits, - and _ with at"
            f" least one letter (say what it means in the cohort:"
            f" `mapping={{{label!r}: 'AD'}}`)"
        )
        raise InputError(msg)
    return label


def known_diagnosis(text: str) -> Diagnosis | None:
    """Name the diagnosis that is spelt in a usual way; None for any other text."""
    return _SPELLINGS.get(_key(text))


def is_label(text: str) -> bool:
    """Whether a text can be a label of its own."""
    return _LABEL.fullmatch(text) is not None


def likely_slip(label: str) -> str | None:
    """Name the known diagnosis that a label is probably a misspelling of.

    Example:
        >>> likely_slip("Alzheimr"), likely_slip("sMCI")
        ('AD', None)
    """
    key = _key(label)
    if len(key) < _SHORTEST_SLIP or key in _SPELLINGS:
        return None
    near = difflib.get_close_matches(key, _SPELLINGS, n=1, cutoff=_SIMILAR)
    return _SPELLINGS[near[0]].value if near else None


def parse_class(text: str) -> str:
    """Read a class of an experiment: one label, or several joined by ``+``.

    Raises:
        InputError: If a part is no label, or is there twice.

    Example:
        >>> parse_class("MCI + Dementia")
        'MCI+AD'
    """
    labels = [parse_label(part) for part in text.split(JOINT)]
    twice = sorted({label for label in labels if labels.count(label) > 1})
    if twice:
        msg = f"class {text!r} names {', '.join(twice)} twice"
        raise InputError(msg)
    return JOINT.join(labels)


def class_of_label(classes: Iterable[str]) -> Mapping[str, str]:
    """Tell the class that each label belongs to.

    Args:
        classes: As `parse_class` returns them.

    Raises:
        InputError: If a label belongs to two classes.

    Example:
        >>> class_of_label(["CN", "MCI+AD"])
        {'CN': 'CN', 'MCI': 'MCI+AD', 'AD': 'MCI+AD'}
    """
    found: dict[str, str] = {}
    for name in classes:
        for label in name.split(JOINT):
            if label in found:
                msg = f"diagnosis {label} is in two classes: {found[label]} and {name}"
                raise InputError(msg)
            found[label] = name
    return found


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
