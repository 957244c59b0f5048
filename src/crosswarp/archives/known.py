"""The table of archives. A further one is a file and a line here."""

import difflib
from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from typing import Final

from crosswarp.archives import (
    adni,
    aibl,
    bids,
    miriad,
    nacc,
    oasis1,
    oasis2,
    oasis3,
    own_table,
)
from crosswarp.archives.options import ArchiveOptions
from crosswarp.archives.records import Content, Imported
from crosswarp.archives.tree import Tree
from crosswarp.errors import InputError

Recognise = Callable[[Tree], str]
Read = Callable[[Tree, ArchiveOptions], Content | Imported]


@dataclass(frozen=True)
class Archive:
    """How one archive is told and read.

    Attributes:
        title: Its name for people.
        recognise: Say by what a tree is known as this archive; empty if it is not.
            Names of files and folders are enough: no table is read.
        read: Read its tables and sort its images; or make the cohort itself.
        settings: Values by name that ``--set`` takes for this archive alone.
    """

    title: str
    recognise: Recognise
    read: Read
    settings: Mapping[str, tuple[str, ...]] = field(default_factory=dict)

    def check(self, settings: Mapping[str, str]) -> None:
        """Check what the user sets for this archive.

        Raises:
            InputError: If there is no such setting, or no such value of it.
        """
        for name, value in settings.items():
            if name not in self.settings:
                there = ", ".join(self.settings) or "no settings"
                msg = f"--set {name}={value}: {self.title} has {there}"
                raise InputError(msg)
            if value not in self.settings[name]:
                values = " or ".join(self.settings[name])
                msg = f"--set {name}: expected {values}, got {value!r}"
                raise InputError(msg)


ARCHIVES: Final[dict[str, Archive]] = {
    "adni": Archive("ADNI", adni.recognise, adni.read),
    "aibl": Archive("AIBL", aibl.recognise, aibl.read),
    "bids": Archive("a BIDS data set", bids.recognise, bids.read),
    "table": Archive("a table of scans", own_table.recognise, own_table.read),
    "oasis1": Archive("OASIS-1", oasis1.recognise, oasis1.read, oasis1.SETTINGS),
    "oasis2": Archive("OASIS-2", oasis2.recognise, oasis2.read),
    "oasis3": Archive(
        "OASIS-3 and OASIS-4", oasis3.recognise, oasis3.read, oasis3.SETTINGS
    ),
    "nacc": Archive("NACC and SCAN", nacc.recognise, nacc.read),
    "miriad": Archive("MIRIAD", miriad.recognise, miriad.read),
}
"""By the name that ``--archive`` takes."""


def check_archive(name: str) -> None:
    """Refuse a name that no archive has.

    Args:
        name: As a user gives it.

    Raises:
        InputError: With the nearest name, or all of them.
    """
    if name in ARCHIVES:
        return
    near = difflib.get_close_matches(name, ARCHIVES, n=1)
    hint = f"did you mean {near[0]}?" if near else f"known: {', '.join(ARCHIVES)}"
    msg = f"no archive {name!r}; {hint}"
    raise InputError(msg)


def archive_of(tree: Tree) -> tuple[str, str]:
    """Tell which archive a tree is of.

    Returns:
        Its name, and by what it is known.

    Raises:
        InputError: If it is none, or may be several.
    """
    found = {
        name: why for name, one in ARCHIVES.items() if (why := one.recognise(tree))
    }
    if len(found) == 1:
        [(name, why)] = found.items()
        return name, why
    if not found:
        msg = (
            f"{tree.root} is none of the archives that are known by their files; name"
            f" it with --archive, one of {', '.join(ARCHIVES)}"
        )
        raise InputError(msg)
    reasons = "; ".join(f"{name}: {why}" for name, why in found.items())
    msg = f"{tree.root} may be of several archives ({reasons}); choose with --archive"
    raise InputError(msg)
