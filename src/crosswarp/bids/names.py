"""Names of all files of a data set, raw or derived, as BIDS has them."""

import os
from importlib.metadata import version
from pathlib import Path
from typing import Final

from crosswarp.bids.ids import ScanId
from crosswarp.files import write_json, written_whole

BIDS_VERSION: Final = "1.10.0"

IGNORED: Final = (
    "*_xfm.*",
    "tpl-*",
    "ledger.tsv",
    "logs",
    "qc.html",
    "figures",
    "sub-*/figures",
)
"""Ours, and not (yet) in BIDS: transforms, template, ledger, logs, pages, pictures."""


def raw_path(root: Path, scan: ScanId, extension: str = ".nii.gz") -> Path:
    """Name a raw T1w image.

    Args:
        root: Of the raw data set.
        scan: Whose.
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
        root: Of the derivatives.
        scan: Whose.
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


def transform_path(root: Path, scan: ScanId, *, space: str, extension: str) -> Path:
    """Name a transform between the scan and the template.

    Args:
        root: Of the derivatives.
        scan: Whose.
        space: Name of the template.
        extension: ``.txt`` for the affine, ``.nii.gz`` for the displacement.
    """
    name = f"{scan.label}_from-T1w_to-{space}_mode-image_xfm{extension}"
    return _anat(root, scan) / name


def template_path(root: Path, *, space: str, res: int, desc: str, suffix: str) -> Path:
    """Name a map of the template itself, kept beside the derivatives.

    Args:
        root: Of the derivatives.
        space: Name of the template.
        res: Spacing of the grid, in mm.
        desc: What the map shows.
        suffix: ``T1w`` or ``mask``.
    """
    return root / f"tpl-{space}_res-{res}_desc-{desc}_{suffix}.nii.gz"


def figure_path(root: Path, scan: ScanId, desc: str, extension: str = ".png") -> Path:
    """Name a picture of a scan, in the participant's ``figures`` folder."""
    name = f"{scan.label}_desc-{desc}_T1w{extension}"
    return root / scan.participant_id / "figures" / name


def sessions_path(root: Path, participant_id: str) -> Path:
    """Name the table of a participant's sessions."""
    return root / participant_id / f"{participant_id}_sessions.tsv"


def write_dataset_description(
    root: Path, name: str, *, raw: Path | None = None
) -> None:
    """Say that a folder is a derivative data set of ours, and what BIDS must ignore.

    Args:
        root: Of the derivatives.
        name: For people.
        raw: Root of the raw data set, which sidecars call ``bids:raw:``; written as
            the way from ``root``, so that both can be moved together.
    """
    value: dict[str, object] = {
        "Name": name,
        "BIDSVersion": BIDS_VERSION,
        "DatasetType": "derivative",
        "GeneratedBy": [{"Name": "crosswarp", "Version": version("crosswarp")}],
    }
    if raw is not None:
        way = Path(os.path.relpath(raw.resolve(), root.resolve()))
        value["DatasetLinks"] = {"raw": way.as_posix()}
    write_json(root / "dataset_description.json", value)
    with written_whole(root / ".bidsignore") as temporary:
        temporary.write_text("\n".join(IGNORED) + "\n", encoding="utf-8")


def write_raw_description(root: Path, name: str) -> None:
    """Say that a folder is a raw data set made by this program.

    Args:
        root: Of the data set.
        name: For people.
    """
    value = {
        "Name": name,
        "BIDSVersion": BIDS_VERSION,
        "DatasetType": "raw",
        "GeneratedBy": [{"Name": "crosswarp", "Version": version("crosswarp")}],
    }
    write_json(root / "dataset_description.json", value)


def _anat(root: Path, scan: ScanId) -> Path:
    return root / scan.participant_id / (scan.session_id or "") / "anat"
