"""Finished maps of a cohort, as another command left them, for a trained network."""

from collections.abc import Iterator, Sequence
from pathlib import Path
from typing import Any

from crosswarp.bids.ids import ScanId
from crosswarp.bids.ledger import LEDGER, read_ledger
from crosswarp.bids.volumes import open_volume
from crosswarp.errors import InputError, MissingDerivativeError
from crosswarp.evaluation.facts import numbers_in
from crosswarp.inputs.grid import Grid
from crosswarp.inputs.made_with import read_settings_of
from crosswarp.inputs.scan_files import DESCRIPTIONS, Derivatives, ScanFiles
from crosswarp.models.bundle import BundleCard
from crosswarp.prediction.answer import as_verdict
from crosswarp.prediction.ready import Ready, Refused
from crosswarp.preprocessing.kept import settings_digest
from crosswarp.types.arrays import Affine

NOT_RECORDED = (
    "Whether these maps were made as those of the training scans was not recorded."
)


def given_maps(folder: Path, card: BundleCard) -> list[Ready | Refused]:
    """List the scans of a folder of maps, on the grid of a bundle.

    Args:
        folder: That `crosswarp preprocess` wrote.
        card: Card of the bundle.

    Returns:
        One entry a scan, sorted: ready, or refused with the reason.

    Raises:
        MissingDerivativeError: If there are no maps on that grid.
    """
    maps = Derivatives(folder, card.space, card.resolution)
    rows = _rows(folder, card)
    scans = sorted({*rows, *_scans_with_maps(maps)})
    if not scans:
        msg = (
            f"{folder} has no maps in {card.space} at {card.resolution} mm, which the"
            " bundle needs; run crosswarp preprocess with"
            f" `resolution={card.resolution}`, or give the raw scans"
        )
        raise MissingDerivativeError(msg)
    return [_one(scan, maps, rows.get(scan, {}), card) for scan in scans]


def grid_of(items: Sequence[Ready | Refused], card: BundleCard) -> Grid | None:
    """Find the grid of a bundle in the first map that has its extent.

    Args:
        items: Scans with maps.
        card: Card of the bundle.

    Returns:
        None where no map has it.
    """
    for item in items:
        if isinstance(item, Refused):
            continue
        try:
            stored = open_volume(item.maps[0])
        except (InputError, OSError):
            continue
        if stored.shape == card.grid_extent:
            return grid_with(card, stored.affine)
    return None


def grid_with(card: BundleCard, affine: Affine) -> Grid:
    """Return the grid of a bundle, of which only the affine is not in its card."""
    return Grid(card.space, card.resolution, card.grid_extent, affine, card.box)


def _rows(folder: Path, card: BundleCard) -> dict[ScanId, dict[str, Any]]:
    path = folder / LEDGER
    if not path.is_file():
        return {}
    table = read_ledger(path, card.space, card.resolution)
    return {
        ScanId.from_row(str(row["participant_id"]), row["session_id"]): {
            str(name): value for name, value in row.items()
        }
        for row in table.to_dict("records")
    }


def _scans_with_maps(maps: Derivatives) -> Iterator[ScanId]:
    for path in maps.folder.glob("sub-*/**/*_desc-logjacobian_T1w.nii.gz"):
        scan = ScanId.parse(path.name)
        if maps.path(scan, DESCRIPTIONS["jsm"]) == path:
            yield scan


def _one(
    scan: ScanId, maps: Derivatives, row: dict[str, Any], card: BundleCard
) -> Ready | Refused:
    t1w, jsm = (maps.path(scan, desc) for desc in DESCRIPTIONS.values())
    if row.get("status", "ok") != "ok":
        return Refused(scan, str(row.get("reason")))
    absent = [path.name for path in (t1w, jsm) if not path.is_file()]
    if absent:
        return Refused(scan, f"there is no {absent[0]}")
    files = ScanFiles(scan, "", "", t1w, jsm)
    try:
        settings, digest = read_settings_of(files), files.digest()
    except (InputError, OSError) as error:
        return Refused(scan, str(error))
    made = settings_digest(settings) if settings else None
    if made and card.preprocessing and made != card.preprocessing:
        return Refused(
            scan,
            "its maps were made with other settings than those of the training scans"
            f" (fingerprint {made}, not {card.preprocessing}): give the raw scan",
        )
    notes = () if made and card.preprocessing else (NOT_RECORDED,)
    return Ready(scan, as_verdict(row), numbers_in(row), (t1w, jsm), "", digest, notes)
