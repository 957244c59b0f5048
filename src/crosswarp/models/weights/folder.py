"""Where weights lie, and whether they are still what was fetched."""

import hashlib
import os
from dataclasses import dataclass
from pathlib import Path
from typing import Final, Literal

from pydantic import BaseModel, Field

from crosswarp.documents import read_as
from crosswarp.errors import InputError, MissingDerivativeError
from crosswarp.models.weights.sources import WeightSource

FOLDER: Final = "CROSSWARP_WEIGHTS"
"""Environment variable that names the folder, for clusters without a network."""

State = Literal["verified", "as first fetched", "not recorded", "changed", "absent"]


class FirstFetch(BaseModel):
    """What is recorded of the first fetch.

    Attributes:
        sha256: Of the file.
    """

    sha256: str = Field(pattern="^[0-9a-f]{64}$")


@dataclass(frozen=True)
class Verified:
    """What is known of a file of weights.

    Attributes:
        state: ``verified`` by a digest that somebody states; ``as first fetched``
            where nobody does: trust on first use; ``not recorded`` when the file was
            put there by hand; ``changed``; ``absent``.
        sha256: Of the file; None when it is absent.
        expected: By whichever digest there is.
    """

    state: State
    sha256: str | None
    expected: str | None


def weights_folder(chosen: Path | None = None) -> Path:
    """Choose the folder of weights.

    Args:
        chosen: Taken when it is given; then comes ``CROSSWARP_WEIGHTS``, then the
            user's cache.
    """
    if chosen is not None:
        return chosen
    named = os.environ.get(FOLDER)
    if named:
        return Path(named)
    cache = os.environ.get("XDG_CACHE_HOME")
    return (Path(cache) if cache else Path.home() / ".cache") / "crosswarp" / "weights"


def record_path(folder: Path, source: WeightSource) -> Path:
    """Name the record of the first fetch."""
    return folder / f"{source.name}.json"


def file_sha256(path: Path) -> str:
    """Digest a file, all 64 digits."""
    with path.open("rb") as file:
        return hashlib.file_digest(file, "sha256").hexdigest()


def verify(folder: Path, source: WeightSource) -> Verified:
    """Compare a file of weights with the digest that is stated, else recorded."""
    path, record = folder / source.file, record_path(folder, source)
    recorded = None
    if record.is_file():
        mend = "delete it and the weights, and fetch them again"
        recorded = read_as(record, FirstFetch, mend).sha256
    expected = source.sha256 or recorded
    if not path.is_file():
        return Verified("absent", None, expected)
    got = file_sha256(path)
    if expected is None:
        return Verified("not recorded", got, None)
    if got != expected:
        return Verified("changed", got, expected)
    return Verified("verified" if source.sha256 else "as first fetched", got, expected)


def find_weights(source: WeightSource, folder: Path | None = None) -> Path:
    """Find a file of weights that may be used.

    Args:
        source: Source of the weights.
        folder: As `weights_folder` takes it.

    Raises:
        MissingDerivativeError: If it is not there; says how to fetch it.
        InputError: If it was changed.
    """
    place = weights_folder(folder)
    found = verify(place, source)
    if found.state == "absent":
        msg = (
            f"no {source.file} in {place}; run crosswarp model weights fetch"
            f" {source.name} where there is a network, and set {FOLDER} to the folder"
            " where there is none"
        )
        raise MissingDerivativeError(msg)
    if found.state == "changed":
        msg = (
            f"{place / source.file} is not the file that is expected: its SHA-256 is"
            f" {found.sha256}, not {found.expected}; delete it and fetch it again"
        )
        raise InputError(msg)
    return place / source.file
