"""The whole settings of preprocessing that made the maps of a cohort."""

from collections.abc import Sequence

from crosswarp.inputs.samples import Derivatives, ScanFiles, read_settings_of
from crosswarp.preprocessing.kept import KeptSettings, kept_with


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
