"""Work grows with the number of scans, and no faster: counted, not timed."""

import io
import os
from collections import Counter
from pathlib import Path
from typing import Any

import pytest

from crosswarp.archives.cohort import write_archive_cohort
from crosswarp.archives.options import ArchiveOptions
from tests.archives.trees import Ida, dx, write_csv


class Entries(list[os.DirEntry[str]]):
    """What a folder holds, also for those who close it when they have looked."""

    def __enter__(self) -> "Entries":
        return self

    def __exit__(self, *_: object) -> None:
        """Keep them: nothing is open."""


def test_twice_the_scans_are_about_twice_the_work(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    fewer, more = (counted(tmp_path, count, monkeypatch) for count in (40, 80))
    assert fewer["entries"] > 40
    assert more["entries"] < 2.5 * fewer["entries"]
    # Tables are read once, however many scans there are; slices are not opened.
    assert fewer["opened"] > 0
    assert more["opened"] == fewer["opened"]


def counted(root: Path, count: int, monkeypatch: pytest.MonkeyPatch) -> Counter[str]:
    """Import so many scans; count entries of folders looked at, and files opened."""
    source, rows = root / f"of-{count}", []
    ida = Ida(source)
    for number in range(count):
        ptid = f"999_S_{6000 + number}"
        ida.dicom(ptid, "MPRAGE", "2018-01-10", number, slices=1)
        rows.append(dx(ptid, "bl", "2018-01-10", 1 + 2 * (number % 2)))
    write_csv(source / "DXSUM_3Feb2026.csv", rows)
    seen = Counter[str]()
    scandir, opened = os.scandir, io.open

    def look(*given: Any) -> Entries:
        with scandir(*given) as entries:
            listed = Entries(entries)
        seen["entries"] += len(listed)
        return listed

    def read(path: Any, *given: Any, **named: Any) -> Any:
        if not isinstance(path, int):
            seen["opened"] += Path(path).is_relative_to(source)
        return opened(path, *given, **named)

    with monkeypatch.context() as patch:
        patch.setattr(os, "scandir", look)
        patch.setattr(io, "open", read)
        write_archive_cohort(source, root / f"{count}.tsv", "adni", ArchiveOptions())
    return seen
