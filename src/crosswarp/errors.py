"""The errors this package raises on purpose.

* CrosswarpError
    * InputError (also a ValueError): the caller gave something unusable
        * ShapeError: an array has the wrong axes or extent
        * ScanError: a scan cannot be read, or is not a T1w image of a head
            * QualityError: a quality number is outside its limits
        * FoldingError: a deformation is not invertible
        * LeakageError: a participant is in more than one split
        * OccupiedError: an output folder holds something else
    * MissingDerivativeError (also a FileNotFoundError): an earlier stage has not run
        * MixedError: an earlier stage has run, but on other files than those here
    * MissingPackageError (also an ImportError): an optional package is not installed
    * MachineError: the machine was in the way; another try may do
        * StorageError: a folder cannot be written to
    * LockedError: another process works on the folder
    * IncompleteError: a run ended with failures, which its ledger lists
"""

import re
from typing import Final

LONGEST: Final = 4000
"""Characters that a message shows."""

_WORD: Final = re.compile(r"[^\s/]{256,}")
"""Longer than any name of a file, so that ways to files are whole."""


class CrosswarpError(Exception):
    """Base class, so that the command line can tell our errors from bugs.

    A message quotes what was found in a file, which may be a damaged one: words that
    no file can be named by are cut, and so is what is longer than a screen.
    """

    def __str__(self) -> str:
        """Say what was expected, what came, and what to do."""
        text = _WORD.sub(lambda word: f"{word[0][:60]}…", super().__str__())
        if len(text) <= LONGEST:
            return text
        return f"{text[:LONGEST]}… ({len(text)} characters)"


class InputError(CrosswarpError, ValueError):
    """The caller gave something unusable."""


class ShapeError(InputError):
    """An array has the wrong axes or extent."""


class ScanError(InputError):
    """A scan cannot be read, or is not a T1w image of a head."""


class QualityError(ScanError):
    """A quality number of a scan is outside its limits.

    Args:
        message: Which, and the limits.
        numbers: All that were measured until then.
    """

    def __init__(self, message: str, numbers: dict[str, float]) -> None:
        super().__init__(message)
        self.numbers = numbers


class FoldingError(InputError):
    """A deformation is not invertible."""


class LeakageError(InputError):
    """A participant is in more than one split."""


class OccupiedError(InputError):
    """An output folder holds something else."""


class MissingDerivativeError(CrosswarpError, FileNotFoundError):
    """An earlier stage has not run for this scan."""


class MixedError(MissingDerivativeError):
    """Files that were not made from each other lie beside each other."""


class MissingPackageError(CrosswarpError, ImportError):
    """An optional package is not installed."""


class MachineError(CrosswarpError):
    """The machine was in the way, not the input: another try may do."""


class StorageError(MachineError):
    """A folder cannot be written to: full, over a quota, or read-only."""


class LockedError(CrosswarpError):
    """Another process works on the folder."""


class IncompleteError(CrosswarpError):
    """A run ended with failures, which its ledger lists."""
