"""A split by salted hashes: the same for everybody with the data, whole or refused."""

import hashlib
import hmac
import json
from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest

from crosswarp.errors import InputError, MissingDerivativeError, OccupiedError
from crosswarp.inputs.folds import make_folds
from crosswarp.inputs.published import (
    hash_of,
    published_split,
    read_published,
    write_published,
)
from tests.inputs.virtual_people import people

SALT = "salt of the tests"


@pytest.fixture
def path(tmp_path: Path) -> Path:
    written = tmp_path / "split.json"
    write_published(written, make_folds(people(24), folds=3), SALT)
    return written


def changed(path: Path, change: Callable[[dict[str, Any]], None]) -> Path:
    content = json.loads(path.read_text())
    change(content)
    path.write_text(json.dumps(content))
    return path


def test_a_hash_is_what_the_file_says_of_it() -> None:
    message = hmac.new(SALT.encode(), b"002s0295", hashlib.sha256).hexdigest()[:32]
    for written in ("002_S_0295", "sub-002S0295", " 002-s-0295 "):
        assert hash_of(written, SALT) == message
    assert hash_of("002_S_0295", SALT + ".") != message
    assert hash_of("002_S_296", SALT) != message


def test_no_id_is_in_the_file_and_the_order_says_nothing(path: Path) -> None:
    text = path.read_text()
    assert "sub-0" not in text
    split = read_published(path)
    assert list(split.hashes) == sorted(split.hashes)
    assert split.participants == 24
    assert [len(fold.splits) for fold in split.folds] == [24] * 3


def test_a_random_salt_is_another_one_each_time_and_kept_in_a_file(tmp_path) -> None:
    folds = make_folds(people(24), folds=3)
    one, other = tmp_path / "a.json", tmp_path / "b.json"
    for path in (one, other):
        write_published(path, folds)
    first = read_published(one)
    assert first.salt != read_published(other).salt
    assert len(first.salt) == 32
    before = one.read_bytes()
    write_published(one, folds)
    assert one.read_bytes() == before


def test_another_split_and_another_file_stay(path: Path, tmp_path: Path) -> None:
    other = make_folds(people(24), folds=3, seed=1)
    with pytest.raises(OccupiedError, match=r"another split; .* `overwrite=True`"):
        write_published(path, other)
    write_published(path, other, overwrite=True)
    assert read_published(path) == published_split(other, SALT)
    notes = tmp_path / "notes.json"
    notes.write_text("{}")
    with pytest.raises(OccupiedError, match="is there and is no published split"):
        write_published(notes, other, overwrite=True)


@pytest.mark.parametrize(
    ("change", "reason"),
    [
        (
            lambda c: c.update(salt="another salt"),
            "the salt does not fit, or something",
        ),
        (lambda c: c.update(participants=25), "25 participants, and has 24; ask its"),
        (lambda c: c["hashes"].append(c["hashes"][0]), "salt does not fit"),
        (lambda c: c["hashes"].pop(), "24 participants, and has 23"),
        (lambda c: c["folds"][1].update(splits="rvt"), "fold 1 has 3 letters for 24"),
        (lambda c: c["folds"][0].update(splits="r" * 24), "something was changed"),
        (lambda c: c["folds"][0].update(splits="x" * 24), "folds.0.splits: String"),
        (lambda c: c.update(format="other"), "is not a published split: format"),
        (lambda c: c.pop("salt"), "is not a published split: salt: Field required"),
        (lambda c: c.update(folds=[]), "is not a published split: folds"),
    ],
)
def test_a_file_that_is_not_whole_is_refused(path: Path, change, reason: str) -> None:
    with pytest.raises(InputError, match=reason):
        read_published(changed(path, change))


def test_there_is_no_such_file(tmp_path: Path) -> None:
    with pytest.raises(MissingDerivativeError, match="there is no"):
        read_published(tmp_path / "split.json")


def test_a_short_salt_and_ids_that_differ_in_punctuation_only_are_refused() -> None:
    folds = make_folds(people(24), folds=3)
    with pytest.raises(InputError, match="`salt` of 8 or more characters, got 5"):
        published_split(folds, "short")
    names = folds["participant_id"].replace({"sub-001": "sub-0-00"})
    with pytest.raises(InputError, match=r"sub-000 and sub-0-00 differ in punctuation"):
        published_split(folds.assign(participant_id=names), SALT)
