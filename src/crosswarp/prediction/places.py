"""Where bundles lie: one folder, or one for each fold of a model."""

from pathlib import Path

from crosswarp.errors import InputError
from crosswarp.study.names import BUNDLE, BUNDLE_CARD, MODELS
from crosswarp.study.run import require_ended


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
