"""A commented study file to begin with."""

import os
import re
from dataclasses import dataclass
from pathlib import Path
from string import Template
from typing import Final, Literal

from pydantic import BaseModel, ConfigDict, Field

from crosswarp.archives.known import check_archive
from crosswarp.errors import InputError, OccupiedError
from crosswarp.files import written_whole
from crosswarp.study.names import STUDY

Kind = Literal["compact", "paper", "virtual"]

_COHORT_OF_BIDS: Final = """\
# Which scans the analysis is about: those with a diagnosis in the data set's tables.
cohort:
  map: {}  # diagnoses to rename, as {SMC: CN}
  drop: []  # diagnoses to leave out
  # columns: {diagnosis: group}  # names of columns, where they are not found
  # missing: [88]  # further codes of missing values"""

_COHORT_OF_ARCHIVES: Final = """\
# Which scans are taken, and which diagnosis each gets; see docs/how-to/archives.md.
cohort:
  diagnosis: visit  # visit, baseline or group
  visits: baseline  # each participant's first scan with a diagnosis, or all
  subgroups: merge  # EMCI, LMCI and SMC of ADNI: merge, keep or drop
  # conversion: 36  # months within which MCI becomes dementia: pMCI and sMCI
  # exclude: withdrawn.txt  # sessions, images or participants to leave out
  # tables: [own.csv]  # tables of your own to join"""


@dataclass(frozen=True)
class Source:
    """Where the scans of a new study come from.

    Attributes:
        folder: BIDS data set, or folder of the archive's download.
        archive: Name of the archive; a BIDS data set when None.
    """

    folder: Path
    archive: str | None = None


class VirtualSize(BaseModel):
    """Size of a study of virtual participants; the default takes some minutes.

    Attributes:
        participants: Number of participants; half of them have AD.
        folds: Number of folds.
        epochs: Passes over the training set.
        seed: Seed of all random draws.
        workers: Number of processes at a time.
    """

    model_config = ConfigDict(frozen=True, extra="forbid")

    participants: int = Field(default=28, ge=8)
    folds: int = Field(default=4, ge=2)
    epochs: int = Field(default=20, ge=1)
    seed: int = Field(default=0, ge=0)
    workers: int = Field(default=2, ge=1)


def place_of(out: Path) -> Path:
    """Name the study file: ``out`` itself, or a file in that folder.

    Example:
        >>> place_of(Path("adni")).as_posix()
        'adni/study.yaml'
    """
    return out if out.suffix in (".yaml", ".yml") else out / STUDY


def write_study_file(
    out: Path,
    kind: Kind,
    source: Source | None = None,
    size: VirtualSize | None = None,
    *,
    overwrite: bool = False,
) -> Path:
    """Write a study file with a comment for each choice.

    Args:
        out: The file, or a folder for it.
        kind: ``compact``: small networks at 2 mm; ``paper``: the paper's comparison;
            ``virtual``: virtual participants.
        source: Where scans come from; a folder ``BIDS`` beside the file when None.
        size: Size of a study of virtual participants.
        overwrite: Replace another file of that name.

    Returns:
        The path of the file.

    Raises:
        InputError: If there is no such folder of scans.
        OccupiedError: If another file of that name is there.
    """
    path = place_of(out)
    if source is not None and not source.folder.is_dir():
        msg = f"there is no folder {source.folder}"
        raise InputError(msg)
    if source is not None and source.archive is not None:
        check_archive(source.archive)
    text = _text(path, kind, source, size or VirtualSize())
    if path.exists() and not overwrite and path.read_bytes() != text.encode():
        msg = (
            f"{path} is there; nothing was changed. Name another file or folder, or run"
            f" it: crosswarp run {path}"
        )
        raise OccupiedError(msg)
    with written_whole(path) as temporary:
        temporary.write_text(text, encoding="utf-8")
    return path


def _text(path: Path, kind: Kind, source: Source | None, size: VirtualSize) -> str:
    named = Path(__file__).parent / "templates" / f"{kind}.yaml"
    archive = source is not None and source.archive is not None
    return Template(named.read_text(encoding="utf-8")).substitute(
        size.model_dump(),
        file=path.name,
        name=_name(path),
        data=_data(path, source),
        cohort=_COHORT_OF_ARCHIVES if archive else _COHORT_OF_BIDS,
    )


def _name(path: Path) -> str:
    """Name the study after its folder, in letters that need no quotes."""
    word = re.sub(r"[^A-Za-z0-9_-]+", "-", path.resolve().parent.name).strip("-_")
    return word[:100] if re.match("[A-Za-z]", word) else f"study-{word}"[:100]


def _data(path: Path, source: Source | None) -> str:
    if source is None:
        return (
            "data:\n  bids: BIDS  # root of the data set, with its tables; or"
            " crosswarp init --archive"
        )
    way = Path(os.path.relpath(source.folder.resolve(), path.parent.resolve()))
    quoted = "'" + way.as_posix().replace("'", "''") + "'"
    if source.archive is None:
        return f"data:\n  bids: {quoted}  # root of the data set, with its tables"
    return (
        f"data:\n  archive:\n    name: {source.archive}\n    folder: {quoted}  # images"
        " and tables, as downloaded"
    )
