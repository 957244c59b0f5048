"""Licences of everything that is installed: name, version, licence, what kind it is.

    python -m scripts.licences              # a table, tab-separated
    python -m scripts.licences --flagged    # only what somebody should look at

The licence is what a package's own metadata say, which is all that can be known without
reading its files; data and weights inside a package may have another.
"""

import argparse
import re
import sys
from collections.abc import Iterable
from dataclasses import astuple, dataclass
from importlib.metadata import Distribution, distributions
from typing import Final

UNKNOWN: Final = "unknown"
COPYLEFT: Final = re.compile(
    r"\b(?:[AL]?GPL|MPL|EUPL|CDDL|EPL|CC-BY-SA|GNU\b|Mozilla\b)", re.IGNORECASE
)
"""Starts of names of licences that ask something of who passes the work on."""

PERMISSIVE: Final = re.compile(
    r"\b(?:0BSD|Apache|BSD|CC0|HPND|ISC\b|MIT\b|MIT-|PSF|Public Domain|"
    r"Python Software Foundation|Unlicense|Zlib|ZPL)",
    re.IGNORECASE,
)

LONGEST: Final = 60
"""Characters of a licence in the table; some packages give its whole text."""


@dataclass(frozen=True, order=True)
class Licence:
    """What one installed package says of its licence.

    Attributes:
        name: Of the package.
        version: That is installed.
        licence: In the package's own words, or ``unknown``.
        kind: ``permissive``, ``copyleft`` or ``unknown``.
    """

    name: str
    version: str
    licence: str
    kind: str


def kind_of(licence: str) -> str:
    """Say what kind a licence is.

    One copyleft licence among several makes the whole copyleft, even after "or": a
    person is to look at it.

    Args:
        licence: An SPDX expression or a name in words.

    Example:
        >>> kind_of("MIT"), kind_of("Apache-2.0 OR GPL-2.0"), kind_of("see LICENSE")
        ('permissive', 'copyleft', 'unknown')
    """
    if COPYLEFT.search(licence):
        return "copyleft"
    return "permissive" if PERMISSIVE.search(licence) else UNKNOWN


def licence_of(package: Distribution) -> Licence:
    """Read the licence of an installed package from its metadata.

    The SPDX expression comes first, then the classifiers, then the free text, whose
    first line is kept.
    """
    metadata = package.metadata

    def first(field: str) -> str:
        return next(iter(metadata.get_all(field) or []), "").strip()

    classified = [
        line.rpartition(" :: ")[2]
        for line in metadata.get_all("Classifier") or []
        if line.startswith("License :: ") and not line.endswith(":: OSI Approved")
    ]
    free = next(iter(first("License").splitlines()), "")
    said = (
        first("License-Expression") or ", ".join(sorted(classified)) or free or UNKNOWN
    )
    return Licence(
        first("Name") or UNKNOWN,
        package.version,
        " ".join(said.split())[:LONGEST],
        kind_of(said),
    )


def licences(packages: Iterable[Distribution]) -> list[Licence]:
    """Read the licences of packages, one entry each, by name."""
    found = {entry.name.lower(): entry for entry in map(licence_of, packages)}
    return [found[name] for name in sorted(found)]


def main(words: list[str] | None = None) -> None:
    """Print the table of this environment, and how many are to be looked at."""
    parser = argparse.ArgumentParser(prog="python -m scripts.licences")
    parser.add_argument(
        "--flagged", action="store_true", help="only unknown and copyleft licences"
    )
    only_flagged = parser.parse_args(words).flagged
    found = licences(distributions())
    flagged = [entry for entry in found if entry.kind != "permissive"]
    rows = flagged if only_flagged else found
    lines = ["name\tversion\tlicence\tkind", *("\t".join(astuple(r)) for r in rows)]
    sys.stdout.write("\n".join(lines) + "\n")
    sys.stderr.write(
        f"{len(found)} packages, {len(flagged)} to look at: "
        f"{sum(e.kind == 'copyleft' for e in flagged)} copyleft, "
        f"{sum(e.kind == UNKNOWN for e in flagged)} unknown\n"
    )


if __name__ == "__main__":
    main()
