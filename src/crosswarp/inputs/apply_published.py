"""Folds of a published split, rebuilt by somebody who has the same data."""

import pandas as pd

from crosswarp.bids.matching import some
from crosswarp.errors import InputError
from crosswarp.inputs.fold_checks import HELD_OUT, UNUSED, check_folds
from crosswarp.inputs.fold_designs import MadeFolds
from crosswarp.inputs.published import LETTERS, PublishedSplit, hashes_of


def apply_published(cohort: pd.DataFrame, split: PublishedSplit) -> MadeFolds:
    """Rebuild the folds of a published split for a cohort.

    Participants of the cohort who are not in the split become ``unused``, so that no
    model is trained or tested on them.

    Args:
        cohort: Table of scans.
        split: Split as `read_published` returns it.

    Returns:
        The folds, and who was not found on either side.

    Raises:
        InputError: If no participant is found, or a part would lack a diagnosis.
        LeakageError: As `check_folds`.
    """
    names = sorted(map(str, set(cohort["participant_id"])))
    of_hash = {digest: name for name, digest in hashes_of(names, split.salt).items()}
    listed = set(split.hashes)
    strangers = sorted(name for digest, name in of_hash.items() if digest not in listed)
    if len(strangers) == len(names):
        msg = (
            f"none of the {len(names)} participants of the cohort is in the published"
            f" split of {split.participants}: it is of other data, or ids are written"
            f" otherwise (here {names[0]})"
        )
        raise InputError(msg)
    rows, named = [], {letter: name for name, letter in LETTERS.items()}
    for fold in split.folds:
        of = {
            of_hash[digest]: named[letter]
            for digest, letter in zip(split.hashes, fold.splits, strict=True)
            if digest in of_hash
        }
        of |= dict.fromkeys(strangers, UNUSED)
        columns = {
            "repeat": fold.repeat,
            "fold": fold.fold,
            "participant_id": list(of),
            "split": list(of.values()),
        }
        if fold.held_out:
            columns[HELD_OUT] = "as published"
        rows.append(pd.DataFrame(columns))
    made = pd.concat(rows, ignore_index=True)
    check_folds(made, cohort, mend="the cohort has too few of the split's participants")
    absent = sorted(listed - set(of_hash))
    return MadeFolds(made, _unmatched(strangers, absent, split.participants))


def _unmatched(strangers: list[str], absent: list[str], total: int) -> list[str]:
    remarks = []
    if strangers:
        remarks.append(
            f"{len(strangers)} participants of the cohort are not in the published"
            f" split, and are not used: {some(strangers)}"
        )
    if absent:
        short = [digest[:8] for digest in absent]
        remarks.append(
            f"{len(absent)} of {total} participants of the published split are not in"
            f" the cohort; their hashes begin with {some(short)}"
        )
    return remarks
