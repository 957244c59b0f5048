"""links: equal files have one place on disk, and other files keep theirs."""

import errno
import os
from pathlib import Path

import pytest

from crosswarp.links import link_or_copy, share_equal


def refuse(*_: object) -> None:
    raise OSError(errno.EXDEV, os.strerror(errno.EXDEV))


def test_an_equal_file_is_shared_and_another_is_not(tmp_path: Path) -> None:
    new, other, equal = (tmp_path / name for name in ("new", "other", "equal"))
    new.write_bytes(b"maps")
    other.write_bytes(b"mops")
    equal.write_bytes(b"maps")
    assert not share_equal(new, [other, tmp_path / "gone"])
    assert share_equal(new, [other, tmp_path / "gone", equal])
    assert new.samefile(equal)
    assert new.read_bytes() == b"maps"
    assert sorted(path.name for path in tmp_path.iterdir()) == ["equal", "new", "other"]


def test_where_links_are_refused_it_keeps_its_own(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    new, equal = tmp_path / "new", tmp_path / "equal"
    new.write_bytes(b"maps")
    equal.write_bytes(b"maps")
    monkeypatch.setattr("crosswarp.links.os.link", refuse)
    assert not share_equal(new, [equal])
    link_or_copy(str(equal), str(tmp_path / "copy"))
    assert (tmp_path / "copy").read_bytes() == b"maps"
    assert not (tmp_path / "copy").samefile(equal)


def test_a_file_replaced_under_one_name_is_what_it_was_under_the_other(
    tmp_path: Path,
) -> None:
    new, equal = tmp_path / "new", tmp_path / "equal"
    equal.write_bytes(b"maps")
    link_or_copy(str(equal), str(new))
    assert new.samefile(equal)
    (tmp_path / "later").write_bytes(b"others")
    (tmp_path / "later").replace(equal)
    assert new.read_bytes() == b"maps"
