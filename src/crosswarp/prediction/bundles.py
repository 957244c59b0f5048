"""The networks that answer together: one bundle, or a model's bundle of each fold."""

from collections.abc import Sequence
from pathlib import Path

from crosswarp.errors import InputError
from crosswarp.models.bundle import Bundle, load_bundle
from crosswarp.prediction.places import find_bundles
from crosswarp.types.maps import WORDS, of_two_scans

_SAME = (
    *("model", "classes", "space", "resolution", "grid_extent", "box"),
    "preprocessing",
    "maps",
)


def load_bundles(folder: Path) -> list[Bundle]:
    """Load all bundles of a folder.

    Raises:
        InputError: If there is none, one is damaged, they are not of one model, or they
            see a map that is not of one scan.
    """
    paths = find_bundles(folder)
    bundles = [load_bundle(path) for path in paths]
    _check_alike(paths, bundles)
    if of_two_scans(bundles[0].card.maps):
        msg = (
            f"{paths[0]} sees the {WORDS[bundles[0].card.maps[1]]} between two scans,"
            " which is not made for one scan: such networks are tested in their run,"
            " and do not predict for others yet"
        )
        raise InputError(msg)
    return bundles


def _check_alike(paths: Sequence[Path], bundles: Sequence[Bundle]) -> None:
    first = bundles[0].card
    for path, bundle in zip(paths, bundles, strict=True):
        differing = [
            name for name in _SAME if getattr(bundle.card, name) != getattr(first, name)
        ]
        if differing:
            msg = (
                f"{path} and {paths[0]} differ in {', '.join(differing)}; give the"
                " folder of one model"
            )
            raise InputError(msg)
