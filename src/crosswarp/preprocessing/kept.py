"""The settings of preprocessing, whole, as folders of maps and bundles keep them."""

import os
from collections.abc import Mapping
from pathlib import Path
from typing import Any

from pydantic import BaseModel, ConfigDict, ValidationError

from crosswarp.documents import read_object
from crosswarp.files import fingerprint, write_json
from crosswarp.preprocessing.identity import identity_of
from crosswarp.preprocessing.settings import STEPS_VERSION, PreprocessSettings
from crosswarp.study.names import PREPROCESSING


class KeptSettings(BaseModel):
    """Settings of preprocessing with all that is needed to do the same again.

    Attributes:
        settings: All choices, the limits of the quality control included. A template
            of the user's own is described by the digests of its files.
        steps: Version of the steps; None where an earlier version did not record it.
        template_files: Where the T1w image and the mask of the user's template lay:
            absolute in memory, as ways from the folder of the file on disk, so that
            no folder of a person's is recorded and all can be moved together. None for
            the embedded template, and where it was not recorded.
    """

    model_config = ConfigDict(frozen=True, extra="forbid")

    settings: PreprocessSettings
    steps: int | None = None
    template_files: tuple[str, str] | None = None

    @property
    def fingerprint(self) -> str:
        """Digest of the settings that maps depend on."""
        return settings_digest(self.settings.model_dump(mode="json"))

    def found_in(self, folder: Path) -> "KeptSettings":
        """Return the same with absolute paths of the template's files.

        Args:
            folder: Folder that these settings are kept in.
        """
        if self.template_files is None:
            return self
        t1w, mask = (str((folder / way).resolve()) for way in self.template_files)
        return self.model_copy(update={"template_files": (t1w, mask)})

    def kept_in(self, folder: Path) -> "KeptSettings":
        """Return the same with the ways to the template's files from a folder.

        Args:
            folder: Folder to keep these settings in, whose ways were absolute.
        """
        if self.template_files is None:
            return self
        t1w, mask = (_way(Path(way), folder) for way in self.template_files)
        return self.model_copy(update={"template_files": (t1w, mask)})


def settings_digest(settings: object) -> str:
    """Digest the settings that maps depend on.

    Args:
        settings: All settings as JSON; whatever else a record may hold is digested as
            it is.
    """
    known = identity_of(settings) if isinstance(settings, Mapping) else settings
    return fingerprint(known)


def write_kept(folder: Path, settings: PreprocessSettings) -> None:
    """Keep the newest settings of one grid in a folder of maps, beside other grids'.

    Args:
        folder: Folder of the derivatives.
        settings: As they are asked for.
    """
    own, files = settings.template, None
    if own is not None and own.t1w is not None and own.mask is not None:
        files = (str(own.t1w.resolve()), str(own.mask.resolve()))
    kept = KeptSettings(settings=settings, steps=STEPS_VERSION, template_files=files)
    kept = kept.kept_in(folder)
    path, grid = folder / PREPROCESSING, (settings.space, settings.resolution)
    there = read_object(path)
    content = {**there, _name(grid): kept.model_dump(mode="json")}
    if content != there:
        write_json(path, content)


def read_kept(folder: Path, grid: tuple[str, int]) -> KeptSettings | None:
    """Read the settings that a folder of maps keeps for a grid.

    Args:
        folder: Folder of the derivatives.
        grid: Space and spacing, in mm.

    Returns:
        None where an earlier version kept none, or they are not those of a version
        that this one knows.
    """
    try:
        return KeptSettings.model_validate(
            read_object(folder / PREPROCESSING)[_name(grid)]
        )
    except (KeyError, ValidationError):
        return None


def kept_with(
    recorded: Mapping[str, Any], folder: Path, grid: tuple[str, int]
) -> KeptSettings | None:
    """Return the whole settings that made maps.

    Args:
        recorded: Settings in the record of one of the maps.
        folder: Folder of the derivatives; what it keeps is taken where it made these
            maps, since limits may have changed after that.
        grid: Space and spacing, in mm.

    Returns:
        None where the record does not name every setting.
    """
    kept = read_kept(folder, grid)
    if kept is not None and kept.fingerprint == settings_digest(recorded):
        return kept
    try:
        settings = PreprocessSettings.model_validate(recorded)
    except ValidationError:
        return None
    # A default in place of what was not recorded would be a guess.
    whole = settings.model_dump(mode="json") == {**recorded}
    return KeptSettings(settings=settings) if whole else None


def _name(grid: tuple[str, int]) -> str:
    return f"space-{grid[0]}_res-{grid[1]}"


def _way(path: Path, folder: Path) -> str:
    return Path(os.path.relpath(path.resolve(), folder.resolve())).as_posix()
