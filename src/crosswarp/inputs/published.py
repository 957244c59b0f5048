"""A split that can be published: its participants by salted hashes of their ids.

Archives do not allow lists of ids to be published. Whoever has the same data computes
the same hashes, and so the same folds. A salt that is published is no secret: somebody
who guesses an id can find out whether it is in the split, and in which part. Nothing
else of a participant is in the file.
"""

import secrets
from collections.abc import Iterable
from pathlib import Path
from typing import Final, Literal

import pandas as pd
from pydantic import BaseModel, ConfigDict, Field

from crosswarp.documents import read_as, read_object
from crosswarp.errors import InputError, OccupiedError
from crosswarp.files import write_json
from crosswarp.inputs.fold_checks import HELD_OUT, UNUSED
from crosswarp.study.keyed_ids import SHORTEST_SALT, hash_of, keyed_digest

FORMAT: Final = "crosswarp published split 1"

METHOD: Final = (
    "A hash is the first 32 hexadecimal digits of HMAC-SHA-256. Key: the salt in UTF-8."
    " Message: the participant's id in lower case, without `sub-` and without all that"
    " is neither an ASCII letter nor a digit. A fold has a letter for each hash, in"
    " their order: r trains, v validates, t is tested."
)
"""All that another program needs to read a split."""

LETTERS: Final = {"train": "r", "val": "v", "test": "t"}
"""Letter of each split in a fold."""

_MEND: Final = "ask its authors for a whole copy"


class PublishedFold(BaseModel):
    """One fold of one repeat.

    Attributes:
        repeat: Number of the repeat, from 0.
        fold: Number of the fold, from 0.
        held_out: Whether the test part was chosen by a column, such as a site.
        splits: One letter of `LETTERS` for each participant.
    """

    model_config = ConfigDict(frozen=True, extra="forbid")

    repeat: int = Field(ge=0)
    fold: int = Field(ge=0)
    held_out: bool
    splits: str = Field(pattern="^[rvt]+$")


class PublishedSplit(BaseModel):
    """A split by hashes.

    Attributes:
        format: Name and version of the format.
        method: How a hash is computed and a fold is written, for other programs.
        salt: Salt of all hashes.
        participants: Number of participants.
        hashes: Hash of each participant, sorted.
        folds: All folds of all repeats.
        check: Hash of salt, participants and folds, by which a change is found.
    """

    model_config = ConfigDict(frozen=True, extra="forbid")

    format: Literal["crosswarp published split 1"]
    method: str
    salt: str = Field(min_length=SHORTEST_SALT)
    participants: int = Field(ge=1)
    hashes: tuple[str, ...]
    folds: tuple[PublishedFold, ...] = Field(min_length=1)
    check: str


def published_split(folds: pd.DataFrame, salt: str) -> PublishedSplit:
    """Put a table of folds into the form in which it can be published.

    Args:
        folds: Table of folds that was checked. Unused participants are left out.
        salt: Any text of 8 characters or more.

    Raises:
        InputError: If the salt is too short, or two ids have one hash since they
            differ in punctuation or case only.
    """
    if len(salt) < SHORTEST_SALT:
        msg = (
            f"expected a `salt` of {SHORTEST_SALT} or more characters, got {len(salt)}"
        )
        raise InputError(msg)
    used = folds[folds["split"] != UNUSED]
    hashes = hashes_of(used["participant_id"], salt)
    made = []
    for cell, part in used.groupby(["repeat", "fold"]):
        repeat, fold = (int(str(number)) for number in cell)
        letters = {
            hashes[name]: LETTERS[split]
            for name, split in zip(part["participant_id"], part["split"], strict=True)
        }
        splits = "".join(letters[digest] for digest in sorted(letters))
        held_out = HELD_OUT in part and bool(part[HELD_OUT].notna().all())
        made.append(
            PublishedFold(repeat=repeat, fold=fold, held_out=held_out, splits=splits)
        )
    listed = tuple(sorted(hashes.values()))
    return PublishedSplit(
        format=FORMAT,
        method=METHOD,
        salt=salt,
        participants=len(listed),
        hashes=listed,
        folds=tuple(made),
        check=_check_of(salt, listed, made),
    )


def write_published(
    path: Path, folds: pd.DataFrame, salt: str | None = None, *, overwrite: bool = False
) -> str:
    """Write a split that can be published.

    Args:
        path: File to write, ``.json``.
        folds: Table of folds that was checked.
        salt: Salt of the hashes; that of the file that is there, or else a random one,
            when None.
        overwrite: Replace another published split.

    Returns:
        A sentence that says what was written.

    Raises:
        OccupiedError: If another file is there, or another split and it is not to be
            replaced.
        InputError: As `published_split`.
    """
    older = None
    if path.exists():
        if read_object(path).get("format") != FORMAT:
            msg = f"{path} is there and is no published split; name another file"
            raise OccupiedError(msg)
        older = read_published(path)
    kept = older.salt if older else secrets.token_hex(16)
    split = published_split(folds, kept if salt is None else salt)
    if older is not None and older != split and not overwrite:
        msg = (
            f"{path} is there, and is another split; nothing was changed. Name another"
            " file, or give `overwrite=True` to replace it"
        )
        raise OccupiedError(msg)
    write_json(path, split.model_dump(mode="json"))
    return f"split of {split.participants} participants by salted hashes in {path}"


def read_published(path: Path) -> PublishedSplit:
    """Read a published split, and check that it is whole.

    Raises:
        MissingDerivativeError: If there is no such file.
        InputError: If it is none, its number of participants is not that of its
            hashes, a fold lacks some, or salt, hashes and folds are not those that
            were written together.
    """
    split = read_as(path, PublishedSplit, _MEND, "a published split")
    count = split.participants
    if len(set(split.hashes)) != count:
        msg = (
            f"{path} says that it has {count} participants, and has"
            f" {len(set(split.hashes))}; {_MEND}"
        )
        raise InputError(msg)
    for fold in split.folds:
        if len(fold.splits) != count:
            msg = (
                f"{path}: repeat {fold.repeat}, fold {fold.fold} has"
                f" {len(fold.splits)} letters for {count} participants; {_MEND}"
            )
            raise InputError(msg)
    if _check_of(split.salt, split.hashes, split.folds) != split.check:
        msg = f"{path}: the salt does not fit, or something was changed; {_MEND}"
        raise InputError(msg)
    return split


def hashes_of(participants: Iterable[str], salt: str) -> dict[str, str]:
    """Hash ids that must stay different.

    Args:
        participants: Identifiers as cohort tables have them.
        salt: Salt of the split.

    Returns:
        The hash of each identifier.

    Raises:
        InputError: If two of them have one hash.
    """
    found: dict[str, str] = {}
    taken: dict[str, str] = {}
    for name in dict.fromkeys(map(str, participants)):
        found[name] = digest = hash_of(name, salt)
        other = taken.setdefault(digest, name)
        if other != name:
            msg = (
                f"{other} and {name} differ in punctuation or case only, so that they"
                " have one hash; give participants ids that differ in letters or digits"
            )
            raise InputError(msg)
    return found


def _check_of(salt: str, hashes: Iterable[str], folds: Iterable[PublishedFold]) -> str:
    lines = [f"{f.repeat} {f.fold} {int(f.held_out)} {f.splits}" for f in folds]
    return keyed_digest("\n".join([*hashes, *lines]), salt)
