"""A cohort of one archive: recognise, read, assemble."""

from dataclasses import replace
from pathlib import Path
from typing import Final

from crosswarp.archives.assemble import assemble
from crosswarp.archives.known import ARCHIVES, archive_of
from crosswarp.archives.options import ArchiveOptions
from crosswarp.archives.records import Content, Imported
from crosswarp.archives.sidecar import join_own_tables
from crosswarp.archives.tree import read_tree
from crosswarp.errors import InputError

_WINDOW: Final = 180
"""Days between a scan and a row of an own table, where no archive says otherwise."""


def import_cohort(
    source: Path,
    archive: str | None = None,
    options: ArchiveOptions | None = None,
    excluding: tuple[Path, ...] = (),
) -> Imported:
    """Make a cohort of what was downloaded of an archive.

    Args:
        source: Folder of the download, with images and tables.
        archive: Its name in `ARCHIVES`; found by looking when None.
        options: Rules for scans and labels.
        excluding: Files and folders not to look at, such as an earlier output.

    Raises:
        InputError: If the archive is not known, does not have a setting, or a table
            that it needs is not there.
    """
    chosen = options or ArchiveOptions()
    if archive is not None and archive not in ARCHIVES:
        msg = f"expected --archive to be one of {', '.join(ARCHIVES)}, got {archive!r}"
        raise InputError(msg)
    tree = read_tree(source, excluding)
    name, why = (archive, "") if archive is not None else archive_of(tree)
    ARCHIVES[name].check(chosen.settings)
    read = ARCHIVES[name].read(tree, chosen)
    made = read if isinstance(read, Imported) else assemble(read, chosen, tree)
    window = _window(read, chosen)
    join_own_tables(made, chosen.tables, window)
    said = [f"archive: {ARCHIVES[name].title}, known by {why}"] if why else []
    return replace(made, notes=[*said, *made.notes], archive=name, labels=chosen.labels)


def _window(read: Content | Imported, options: ArchiveOptions) -> int:
    if options.window is not None:
        return options.window
    return read.window if isinstance(read, Content) else _WINDOW
