"""One trained network in the format of another program, whole or not at all."""

from collections.abc import Callable
from pathlib import Path
from typing import Final, Literal

from crosswarp.documents import read_object
from crosswarp.errors import InputError, OccupiedError
from crosswarp.files import remove_unfinished, written_folder
from crosswarp.locks import locked
from crosswarp.models.bundle import Bundle, load_bundle
from crosswarp.models.export.card import find_metrics, write_cards
from crosswarp.models.export.monai_bundle import write_monai_bundle
from crosswarp.models.export.onnx import write_onnx
from crosswarp.outputs import EXPORT, claim_folder, contents
from crosswarp.study.names import EXPORT_RECORD
from crosswarp.types.maps import of_two_scans

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
        InputError: If the bundle is not sound, sees a change between two scans, or the
            answers differ: nothing is left.
        OccupiedError: If the folder holds something else, files that no export wrote
            or the export of another network.
        MissingPackageError: If the format's packages are not installed.
        MixedError: If the bundle's run was evaluated, and has changed since.
        LockedError: If another process works on the folder.
    """
    claim_folder(out, EXPORT, [bundle])
    original = load_bundle(bundle)
    if of_two_scans(original.card.maps):
        msg = (
            f"{bundle} sees a map of change between two scans, which exports do not"
            " describe; export a network that sees the maps of one scan"
        )
        raise InputError(msg)
    metrics = find_metrics(bundle, original.card.model.name)
    with locked(out):
        claim_folder(out, EXPORT, [bundle])
        _refuse_another(out, original.card.model.name)
        remove_unfinished(out.parent, out.name)
        with written_folder(out) as folder:
            difference = WRITERS[kind](folder, original)
            write_cards(folder, original, metrics, kind, difference)
    return difference


def _refuse_another(out: Path, name: str) -> None:
    """Refuse an export of another network, and one that files were put beside."""
    record = read_object(out / EXPORT_RECORD)
    if not record:
        return
    known = record["card"].get("model", {}).get("name")
    # The first exports did not list their files.
    files = record.get("files", [path.name for path in contents(out)])
    strange = [path.name for path in contents(out) if path.name not in files]
    if known != name or strange:
        held = f"the export of {known}" if known != name else f"also {strange[0]}"
        msg = (
            f"{out} holds {held}, which an export of {name} would replace; choose a new"
            " or empty folder"
        )
        raise OccupiedError(msg)
