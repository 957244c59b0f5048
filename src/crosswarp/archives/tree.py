"""What lies below a folder: images and other files, in one walk.

Nothing but names is read, save the header of a pair of files and the first bytes of a
folder's first file without a telling name. Slices of a DICOM series count as one item.
"""

import os
import re
from collections import defaultdict
from dataclasses import dataclass, field
from pathlib import Path
from typing import Final

from crosswarp.archives.records import Kind
from crosswarp.bids.dicom_files import is_dicom_file, may_be_dicom_name
from crosswarp.bids.images import HEADERS, SINGLE, VOXELS
from crosswarp.bids.walk import is_derivative_folder, is_hidden
from crosswarp.errors import InputError
from crosswarp.outputs import is_output
from crosswarp.study.names import DESCRIPTION

_TABLES: Final = (".csv", ".tsv", ".xlsx", ".xls")
_SLICES: Final = (".dcm", ".ima")
_IMAGE_ID: Final = re.compile(r"_I(\d+)\.\w+$")
_NIFTI_MAGIC: Final = (b"ni1\0", b"n+1\0")
_MAGIC_AT: Final = 344


@dataclass(frozen=True)
class Item:
    """What may be an image.

    Attributes:
        path: File; for slices their folder; of a pair the file with the voxels.
        kind: How it is stored.
        name: File name; of slices that of the first one.
        files: Number of files: slices of a folder, 2 of a pair.
        image_ids: Numbers at the end of the names, ``…_I40966.dcm``: several where a
            folder holds slices of several images.
    """

    path: Path
    kind: Kind
    name: str
    files: int = 1
    image_ids: tuple[str, ...] = ()


@dataclass
class Tree:
    """Everything below a folder.

    Attributes:
        root: Root of the folder.
        images: Sorted by path.
        tables: CSV, TSV and Excel files.
        others: Further files by the end of their name, ``.xml``.
        folders: Names of the folders right below the root.
        left_out: Places that were not looked into, and why.
    """

    root: Path
    images: list[Item] = field(default_factory=list)
    tables: list[Path] = field(default_factory=list)
    others: dict[str, list[Path]] = field(default_factory=lambda: defaultdict(list))
    folders: list[str] = field(default_factory=list)
    left_out: list[tuple[str, str]] = field(default_factory=list)

    def place(self, path: Path) -> str:
        """Return a path as the tables name it: from the root on."""
        if path.is_relative_to(self.root):
            return path.relative_to(self.root).as_posix()
        return path.name


def read_tree(root: Path, excluding: tuple[Path, ...] = ()) -> Tree:
    """Look at all that lies below a folder.

    Linked folders are followed, each real folder once. Hidden names, derivatives and
    outputs of this program are passed over.

    Args:
        root: A folder; or a table, whose folder is not looked into.
        excluding: Folders and files not to look at, such as the outputs.

    Raises:
        InputError: If there is nothing there, or it cannot be read.
    """
    if root.is_file():
        tree = Tree(root.parent)
        tree.tables.append(root)
        return tree
    if not root.is_dir():
        msg = f"{root} is not there: name the folder that holds what was downloaded"
        raise InputError(msg)
    tree = Tree(root)
    walk = _Walk(tree, {path.absolute() for path in excluding})
    walk.into(str(root))
    if walk.unreadable == str(root):
        msg = f"{root} cannot be read: {tree.left_out[0][1]}"
        raise InputError(msg)
    tree.images.sort(key=lambda item: item.path)
    tree.tables.sort()
    return tree


@dataclass
class _Walk:
    tree: Tree
    excluded: set[Path]
    seen: set[tuple[int, int]] = field(default_factory=set)
    unreadable: str = ""

    def into(self, folder: str) -> None:
        try:
            there = os.stat(folder)  # noqa: PTH116 - a hundred thousand folders
            entries = sorted(os.scandir(folder), key=lambda entry: entry.name)
        except OSError as error:
            self.unreadable = folder
            self._leave_out(folder, f"cannot be read: {error.strerror}")
            return
        if (there.st_dev, there.st_ino) in self.seen:
            self._leave_out(folder, "a link to a folder that is read already")
            return
        self.seen.add((there.st_dev, there.st_ino))
        shown = [entry for entry in entries if not is_hidden(entry.name)]
        below = [entry.name for entry in shown if entry.is_dir()]
        names = [entry.name for entry in shown if not entry.is_dir()]
        self._enter(folder, names, below)

    def _enter(self, folder: str, names: list[str], below: list[str]) -> None:
        if folder == str(self.tree.root):
            self.tree.folders.extend(below)
        elif self._is_derived(folder, names, below):
            return
        self._sort(folder, names)
        for name in below:
            path = f"{folder}/{name}"
            if not self.excluded or Path(path).absolute() not in self.excluded:
                self.into(path)

    def _is_derived(self, folder: str, names: list[str], below: list[str]) -> bool:
        # Thousands of folders hold one image each: those need no further look.
        if DESCRIPTION not in names and not below:
            return False
        path = Path(folder)
        if is_output(path):
            self._leave_out(folder, "an output of crosswarp; not read as raw scans")
            return True
        if is_derivative_folder(path):
            self._leave_out(folder, "a derivative data set; not read as raw scans")
            return True
        return False

    def _sort(self, folder: str, names: list[str]) -> None:
        tree, here = self.tree, Path(folder)
        # By far the most files are slices: they are told first.
        slices = [name for name in names if name.lower().endswith(_SLICES)]
        rest = names if not slices else sorted({*names} - {*slices})
        pairs: list[str] = []
        for name in rest:
            lower = name.lower()
            if lower.endswith(SINGLE):
                tree.images.append(_item(here / name, Kind.NIFTI))
            elif lower.endswith((*VOXELS, *HEADERS)):
                pairs.append(name)
            elif lower.endswith(".zip"):
                tree.images.append(_item(here / name, Kind.ZIP))
            elif may_be_dicom_name(name):
                slices.append(name)
            else:
                self._add_other(here / name)
        tree.images.extend(_pairs(here, pairs))
        if slices:
            self._add_slices(here, slices)

    def _add_other(self, path: Path) -> None:
        end = path.suffix.lower()
        if end not in _TABLES:
            self.tree.others[end].append(path)
        elif not self.excluded or path.absolute() not in self.excluded:
            self.tree.tables.append(path)

    def _add_slices(self, folder: Path, names: list[str]) -> None:
        told = [name for name in names if name.lower().endswith(_SLICES)]
        if not told and not is_dicom_file(folder / names[0]):
            self.tree.others[""].extend(folder / name for name in names)
            return
        slices = told or names
        ids = {found.group(1) for n in slices if (found := _IMAGE_ID.search(n))}
        self.tree.images.append(
            Item(folder, Kind.DICOM, slices[0], len(slices), tuple(sorted(ids)))
        )

    def _leave_out(self, folder: str, reason: str) -> None:
        self.tree.left_out.append((self.tree.place(Path(folder)), reason))


def _item(path: Path, kind: Kind, files: int = 1) -> Item:
    found = _IMAGE_ID.search(path.name.removesuffix(".gz"))
    return Item(path, kind, path.name, files, (found.group(1),) if found else ())


def _pairs(folder: Path, names: list[str]) -> list[Item]:
    """Put headers and voxels together; a file without its other half is an item too."""
    stems: dict[str, dict[str, str]] = defaultdict(dict)
    for name in names:
        lower = name.lower().removesuffix(".gz")
        stems[lower[:-4]][lower[-4:]] = name
    items = []
    for parts in stems.values():
        header, voxels = parts.get(".hdr"), parts.get(".img")
        kind = _kind_of_pair(folder / header) if header else Kind.ANALYZE
        items.append(_item(folder / (voxels or header or ""), kind, len(parts)))
    return items


def _kind_of_pair(header: Path) -> Kind:
    try:
        with header.open("rb") as file:
            magic = file.read(_MAGIC_AT + 4)[_MAGIC_AT:]
    except OSError:
        return Kind.ANALYZE
    return Kind.NIFTI if magic in _NIFTI_MAGIC else Kind.ANALYZE
