"""Names of all files of a data set, raw or derived, as BIDS has them."""

import os
from importlib.metadata import version
from pathlib import Path
from typing import Final

from crosswarp.bids.ids import ScanId
from crosswarp.files import write_json, written_whole
from crosswarp.makers import PROGRAM, read_description
from crosswarp.outputs import MAPS, Purpose
from crosswarp.study.names import (
    DESCRIPTION,
    LONGITUDINAL,
    LONGITUDINAL_LEDGER,
    LONGITUDINAL_SLOPES,
    PREPROCESSING,
)

BIDS_VERSION: Final = "1.10.0"

QC_PAGE: Final = "qc.html"
"""The page of quality control, in a folder of derivatives."""

MIDPOINT: Final = "midpoint"
"""Name of the space halfway between two scans of one person."""

CHANGE: Final = "change"
"""``desc-`` of the maps of change between them."""

IGNORED: Final = (
    "*_xfm.*",
    "tpl-*",
    "ledger.tsv",
    "left_out.tsv",
    PREPROCESSING,
    LONGITUDINAL,
    LONGITUDINAL_SLOPES,
    LONGITUDINAL_LEDGER,
    "logs",
    QC_PAGE,
    "predictions",
    "predictions.tsv",
    "figures",
    "sub-*/figures",
)
"""Ours, and not (yet) in BIDS: transforms, template, tables, settings, logs, pages."""


LONGEST: Final = 100
"""Characters of a scan's label: names of files hold 255, and ours have more in them
than the label, also while they are being written."""


def name_fault(scan: ScanId) -> str:
    """Say why files of a scan cannot be named; empty when they can.

    Example:
        >>> name_fault(ScanId("sub-01"))
        ''
    """
    if len(scan.label) <= LONGEST:
        return ""
    return (
        f"its name has {len(scan.label)} characters, more than the {LONGEST} that leave"
        " room for the names of its maps; rename it"
    )


def raw_path(root: Path, scan: ScanId, extension: str = ".nii.gz") -> Path:
    """Name a raw T1w image.

    Args:
        root: Of the raw data set.
        scan: Identifier of the scan.
        extension: With its dot; ``.json`` for the sidecar.

    Example:
        >>> raw_path(Path("raw"), ScanId("sub-01", "ses-M00")).as_posix()
        'raw/sub-01/ses-M00/anat/sub-01_ses-M00_T1w.nii.gz'
    """
    return _anat(root, scan) / f"{scan.label}_T1w{extension}"


def derivative_path(
    root: Path,
    scan: ScanId,
    *,
    space: str,
    res: int,
    desc: str,
    suffix: str = "T1w",
    extension: str = ".nii.gz",
) -> Path:
    """Name a map on the template grid.

    Args:
        root: Root folder of the derivatives.
        scan: Identifier of the scan.
        space: Name of the template.
        res: Spacing of the grid, in mm.
        desc: What the map shows: letters and digits.
        suffix: ``T1w`` or ``mask``.
        extension: With its dot; ``.json`` for the sidecar.

    Example:
        >>> derivative_path(
        ...     Path("out"), ScanId("sub-01"), space="MNI152NLin2009cSym", res=2,
        ...     desc="logjacobian",
        ... ).name
        'sub-01_space-MNI152NLin2009cSym_res-2_desc-logjacobian_T1w.nii.gz'
    """
    name = f"{scan.label}_space-{space}_res-{res}_desc-{desc}_{suffix}{extension}"
    return _anat(root, scan) / name


def transform_path(
    root: Path, scan: ScanId, *, space: str, extension: str, res: int | None = None
) -> Path:
    """Name a transform between the scan and the template.

    Args:
        root: Root folder of the derivatives.
        scan: Identifier of the scan.
        space: Name of the template.
        extension: ``.txt`` for the affine, ``.nii.gz`` for the displacement.
        res: Spacing, in mm, of the maps that it was made with: maps of two spacings
            may be made with two registrations. None where a scan has one transform.
    """
    made_with = "" if res is None else f"_res-{res}"
    stem = f"{scan.label}{made_with}_from-T1w_to-{space}_mode-image_xfm"
    return _anat(root, scan) / f"{stem}{extension}"


def template_path(root: Path, *, space: str, res: int, desc: str, suffix: str) -> Path:
    """Name a map of the template itself, kept beside the derivatives.

    Args:
        root: Root folder of the derivatives.
        space: Name of the template.
        res: Spacing of the grid, in mm.
        desc: What the map shows.
        suffix: ``T1w`` or ``mask``.
    """
    return root / f"tpl-{space}_res-{res}_desc-{desc}_{suffix}.nii.gz"


def figure_path(
    root: Path,
    scan: ScanId,
    desc: str,
    grid: tuple[str, int] | None = None,
    extension: str = ".png",
) -> Path:
    """Name a picture of a scan, in the participant's ``figures`` folder.

    Args:
        root: Root folder of the derivatives.
        scan: Identifier of the scan.
        desc: What it shows: letters and digits.
        grid: Space and spacing, in mm, of the maps that it shows; None as earlier
            versions named it, whichever maps it was of.
        extension: With its dot.
    """
    of = "" if grid is None else f"_space-{grid[0]}_res-{grid[1]}"
    name = f"{scan.label}{of}_desc-{desc}_T1w{extension}"
    return root / scan.participant_id / "figures" / name


def sessions_path(root: Path, participant_id: str) -> Path:
    """Name the table of a participant's sessions."""
    return root / participant_id / f"{participant_id}_sessions.tsv"


def write_dataset_description(
    root: Path,
    name: str,
    *,
    raw: Path | None = None,
    scans: Path | None = None,
    purpose: Purpose = MAPS,
) -> None:
    """Say that a folder is a derivative data set of ours, and what BIDS must ignore.

    What its owner has added, such as authors or a better name, is kept.

    Args:
        root: Root folder of the derivatives.
        name: Name that people read.
        raw: Root of the raw data set, which sidecars call ``bids:raw:``; written as
            the way from ``root``, so that both can be moved together.
        scans: Folder of the scans where they are no BIDS data set; written likewise.
        purpose: What the folder is for.
    """
    there = read_description(root)
    value: dict[str, object] = {
        "Name": name,
        **there,
        "BIDSVersion": BIDS_VERSION,
        "DatasetType": "derivative",
        "GeneratedBy": [
            {
                "Name": PROGRAM,
                "Version": version(PROGRAM),
                "Description": purpose.command,
            }
        ],
    }
    links = {"raw": raw, "scans": scans}
    known = there.get("DatasetLinks")
    ways = {n: _way(path, root) for n, path in links.items() if path is not None}
    if ways:
        value["DatasetLinks"] = {**(known if isinstance(known, dict) else {}), **ways}
    write_json(root / DESCRIPTION, value)
    _ignore(root / ".bidsignore")


def _way(path: Path, root: Path) -> str:
    return Path(os.path.relpath(path.resolve(), root.resolve())).as_posix()


def _ignore(path: Path) -> None:
    """Add what BIDS must ignore to the lines that are there."""
    there = path.read_text(encoding="utf-8").splitlines() if path.is_file() else []
    lines = [*there, *(line for line in IGNORED if line not in there)]
    with written_whole(path) as temporary:
        temporary.write_text("\n".join(lines) + "\n", encoding="utf-8")


def write_raw_description(root: Path, name: str) -> None:
    """Say that a folder is a raw data set made by this program.

    Args:
        root: Root folder of the data set.
        name: Name that people read.
    """
    value = {
        "Name": name,
        "BIDSVersion": BIDS_VERSION,
        "DatasetType": "raw",
        "GeneratedBy": [{"Name": PROGRAM, "Version": version(PROGRAM)}],
    }
    write_json(root / DESCRIPTION, value)


def _anat(root: Path, scan: ScanId) -> Path:
    return root / scan.participant_id / (scan.session_id or "") / "anat"
