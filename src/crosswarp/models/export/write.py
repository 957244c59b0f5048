"""One trained network in the format of another program, whole or not at all."""

from collections.abc import Callable
from pathlib import Path
from typing import Final, Literal

from crosswarp.errors import OccupiedError
from crosswarp.files import written_folder
from crosswarp.models.bundle import Bundle, load_bundle
from crosswarp.models.export.card import RECORD, find_metrics, write_cards
from crosswarp.models.export.monai_bundle import write_monai_bundle
from crosswarp.models.export.onnx import write_onnx

Format = Literal["onnx", "monai"]

WRITERS: Final[dict[Format, Callable[[Path, Bundle], float]]] = {
    "onnx": write_onnx,
    "monai": write_monai_bundle,
}


def export_bundle(bundle: Path, out: Path, kind: Format) -> float:
    """Export a bundle and check on the spot that it answers as the original does.

    Args:
        bundle: Folder of the original.
        out: Folder to write; an older export there is replaced.
        kind: ``onnx`` or ``monai``.

    Returns:
        The largest difference of a logit that the check found.

    Raises:
        InputError: If the bundle is not sound, or the answers differ: nothing is left.
        OccupiedError: If the folder holds something else.
        MissingPackageError: If the format's packages are not installed.
    """
    occupied = out.is_file() or (out.is_dir() and any(out.iterdir()))
    if occupied and not (out / RECORD).is_file():
        msg = f"{out} holds something else than an export; choose another folder"
        raise OccupiedError(msg)
    original = load_bundle(bundle)
    metrics = find_metrics(bundle, original.card.model.name)
    with written_folder(out) as folder:
        difference = WRITERS[kind](folder, original)
        write_cards(folder, original, metrics, kind, difference)
    return difference
