"""The whole settings of preprocessing that made the maps of a cohort."""

from collections.abc import Sequence
from typing import Any

from crosswarp.errors import InputError
from crosswarp.files import fingerprint
from crosswarp.inputs.scan_files import Derivatives, ScanFiles
from crosswarp.preprocessing.kept import KeptSettings, kept_with, settings_digest
from crosswarp.types.maps import of_two_scans


def find_kept(
    samples: Sequence[ScanFiles], derivatives: Derivatives
) -> KeptSettings | None:
    """Return the whole settings that made all maps, to make others likewise.

    Args:
        samples: At least one; `find_preprocessing` says that all were made alike.
        derivatives: Where the maps are.

    Returns:
        None when the maps do not say all of them.
    """
    grid = (derivatives.space, derivatives.resolution)
    return kept_with(read_settings_of(samples[0]), derivatives.folder, grid)


def find_preprocessing(samples: Sequence[ScanFiles]) -> str | None:
    """Return the fingerprint of the settings that made all maps.

    Limits of the quality control do not count: they change no map.

    Returns:
        None when the maps have no sidecar that says.

    Raises:
        InputError: If scans were made with different settings.
    """
    by_settings: dict[str | None, str] = {}
    for files in samples:
        by_settings.setdefault(_settings_of(files), files.scan.label)
    if len(by_settings) > 1:
        msg = (
            "maps were made with different settings, for example those of"
            f" {' and '.join(list(by_settings.values())[:2])}; preprocess all scans"
            " with the same settings"
        )
        raise InputError(msg)
    return next(iter(by_settings), None)


def _settings_of(files: ScanFiles) -> str | None:
    settings = files.record.get("Settings")
    made = None if settings is None else settings_digest(settings)
    if not of_two_scans(files.maps) or made is None:
        return made
    return fingerprint(made, files.sidecars[1].get("Settings"), files.maps)


def read_settings_of(files: ScanFiles) -> dict[str, Any]:
    """Read the settings of preprocessing that made a scan's log-Jacobian map.

    Returns:
        Empty when the map has no sidecar that says.
    """
    settings = files.record.get("Settings")
    return settings if isinstance(settings, dict) else {}
