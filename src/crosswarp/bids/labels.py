"""Diagnoses of a data set as labels, as the user maps, drops or keeps them."""

import itertools
from collections import Counter
from collections.abc import Mapping

from crosswarp.bids.diagnoses import (
    Diagnosis,
    is_label,
    known_diagnosis,
    likely_slip,
    parse_label,
)
from crosswarp.bids.options import CohortOptions
from crosswarp.bids.values import is_code
from crosswarp.errors import InputError


class Labels:
    """Reads diagnoses and remembers which were not known ones.

    Args:
        options: Labels to map and to drop.
        levels: Meaning of codes, from ``participants.json``.
    """

    def __init__(self, options: CohortOptions, levels: Mapping[str, str]) -> None:
        self._options = options
        self._levels = levels
        self._map = {_folded(key): label for key, label in options.mapping.items()}
        self._drop = {_folded(label) for label in options.drop}
        self._kept: Counter[str] = Counter()
        self._used: set[str] = set()

    def read(self, text: str | None) -> str:
        """Read the diagnosis of a scan.

        Raises:
            InputError: If there is none, it is no label, or it is dropped.
        """
        if text is None:
            msg = "no diagnosis"
            raise InputError(msg)
        label = self._mapped(text) or self._known(text)
        if _folded(label) in self._drop:
            self._used.add(_folded(label))
            msg = f"diagnosis {label} is left out by --drop"
            raise InputError(msg)
        if label not in set(Diagnosis):
            self._kept[label] += 1
        return label

    def sentences(self) -> list[str]:
        """Say which labels are not CN, MCI or AD, and which options did nothing."""
        found = []
        for label, scans in sorted(self._kept.items()):
            slip = likely_slip(label)
            hint = (
                f"; did you mean {slip}? Then add --map {label}={slip}" if slip else ""
            )
            found.append(
                f"diagnosis {label} ({scans} scan{'s' if scans > 1 else ''}) is kept as"
                f" a label of its own{hint}"
            )
        written = sorted(self._kept)
        for one, other in itertools.combinations(written, 2):
            if one.casefold() == other.casefold():
                found.append(
                    f"diagnoses {one} and {other} differ in case alone; make them one"
                    f" with --map {other}={one}"
                )
        asked = {
            f"--map {key}={to}": _folded(key)
            for key, to in self._options.mapping.items()
        }
        asked |= {f"--drop {label}": _folded(label) for label in self._options.drop}
        return found + [
            f"{option}: no scan has this diagnosis"
            for option, key in asked.items()
            if key not in self._used
        ]

    def _known(self, text: str) -> str:
        # A level may be a whole sentence: what is written counts where it is known.
        level = self._levels.get(text, text)
        word = level if known_diagnosis(level) or not is_label(text) else text
        word = text if known_diagnosis(text) else word
        if is_code(word):
            msg = f"no diagnosis ({text})"
            raise InputError(msg)
        label = parse_label(word)
        return self._mapped(label) or label

    def _mapped(self, text: str) -> str | None:
        key = _folded(text)
        if key in self._map:
            self._used.add(key)
        return self._map.get(key)


def _folded(text: str) -> str:
    return text.strip().casefold()
