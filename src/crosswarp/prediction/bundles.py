"""The networks that answer together: one bundle, or a model's bundle of each fold."""

from collections.abc import Sequence
from pathlib import Path

from crosswarp.errors import InputError
from crosswarp.models.bundle import Bundle, load_bundle
from crosswarp.study.names import BUNDLE, BUNDLE_CARD, MODELS
from crosswarp.study.run import require_ended

_SAME = (
    *("model", "classes", "space", "resolution", "grid_extent", "box"),
    "preprocessing",
)


def find_bundles(folder: Path) -> list[Path]:
    """Find the bundles in a folder.

    Args:
        folder: A bundle, or a model's folder in a run, with a bundle for each fold.

    Returns:
        Their folders, sorted.

    Raises:
        InputError: If there is none.
        MixedError: If training has begun to change the run and has not ended.
    """
    if (folder / BUNDLE_CARD).is_file():
        return [folder]
    if folder.resolve().parent.name == MODELS:
        # Some of its folds may be of before, others of after.
        require_ended(folder.resolve().parents[1])
    found = sorted(card.parent for card in folder.glob(f"*/{BUNDLE}/{BUNDLE_CARD}"))
    if not found:
        msg = (
            f"no bundle in {folder}: expected {BUNDLE_CARD} in it, or folders of folds"
            f" with {BUNDLE}/{BUNDLE_CARD} (a model's folder in a run,"
            f" RUN/{MODELS}/NAME)"
        )
        raise InputError(msg)
    return found


def load_bundles(folder: Path) -> list[Bundle]:
    """Load all bundles of a folder.

    Raises:
        InputError: If there is none, one is damaged, or they are not of one model.
    """
    paths = find_bundles(folder)
    bundles = [load_bundle(path) for path in paths]
    _check_alike(paths, bundles)
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
