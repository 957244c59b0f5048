"""What the interactive page of a scan loads: its maps, and the names of regions."""

from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path
from typing import Any, Final

import nibabel as nib
import numpy as np

from crosswarp.atlas import check_space, load_atlas
from crosswarp.bids.ids import ScanId
from crosswarp.bids.volumes import open_volume
from crosswarp.errors import CrosswarpError, MissingDerivativeError
from crosswarp.files import write_json, written_whole
from crosswarp.study.names import (
    ATTRIBUTION_MAP_ENDING,
    REGION_LABELS,
    SCAN_ATTRIBUTION_MAP_ENDING,
    VIEW,
)
from crosswarp.types.arrays import Affine, LabelMap

BASE: Final = "preproc"

SHOWN: Final = {
    BASE: ("T1w, aligned", "gray", "intensity, 0 to 1"),
    "logjacobian": ("Log-Jacobian (JSM)", "signed", "log volume ratio"),
}
"""Label, colours and unit of the maps that every scan has, by their ``desc``."""

ATTRIBUTED: Final = {"jsm": "log-Jacobian", "t1w": "T1w"}
"""Maps that an attribution may be of."""

_HIDDEN: Final = ("brain",)

_ENDING: Final = ".nii.gz"


@dataclass(frozen=True)
class ViewFiles:
    """Where a scan's maps lie.

    Attributes:
        out: Folder of derivatives.
        scan: Identifier of the scan.
        place: Folder that the view is written to.
        more: Further maps on the same template, as label and file.
    """

    out: Path
    scan: ScanId
    place: Path
    more: tuple[tuple[str, Path], ...] = ()


def write_view(files: ViewFiles, page: Path | None = None) -> None:
    """Write ``view.json``, and the atlas on the grid of the maps.

    Whatever three-dimensional image of the scan lies in the folder is listed, maps of
    attribution as well. Where the maps lie on another template than the atlas, the
    regions are left out with the reason.

    Args:
        files: Where the maps lie, and where to write.
        page: Report of the scan, if there is one.

    Raises:
        MissingDerivativeError: If the aligned T1w image is not there.
    """
    volumes = list(_volumes(files))
    base = next((one for one in volumes if one["key"] == BASE), None)
    if base is None:
        msg = f"no aligned T1w image of {files.scan.label}"
        raise MissingDerivativeError(msg)
    path = files.out / base["file"]
    regions: list[dict[str, Any]] = []
    reason = ""
    try:
        regions = _write_regions(files, path)
    except CrosswarpError as error:
        reason = str(error)
    write_json(
        files.place / VIEW,
        {
            "label": files.scan.label,
            "root": str(files.out),
            "volumes": [base, *(one for one in volumes if one is not base)],
            "regions": regions,
            "no_regions": reason,
            "report": None if page is None else str(page.relative_to(files.out)),
        },
    )


def _volumes(files: ViewFiles) -> Iterator[dict[str, Any]]:
    seen: dict[str, int] = {}
    for path in sorted(files.out.rglob(f"*{_ENDING}")):
        if not _is_of(path, files.scan) or len(open_volume(path).shape) != 3:
            continue
        found = _entities(path)
        desc = found.get("desc", "")
        # Those on the scan's own grid do not lie over the aligned image.
        elsewhere = path.name.endswith(SCAN_ATTRIBUTION_MAP_ENDING)
        if desc in _HIDDEN or "xfm" in path.name or elsewhere:
            continue
        plain = (_title(path, desc), "signed", "")
        label, colours, unit = SHOWN.get(desc, plain)
        key = "".join(c for c in (desc or "map") if c.isascii() and c.isalnum())
        seen[key] = seen.get(key, 0) + 1
        yield {
            "key": key if seen[key] == 1 else f"{key}{seen[key]}",
            "label": label,
            "colours": colours,
            "unit": unit,
            "file": path.relative_to(files.out).as_posix(),
        }
    for number, (label, path) in enumerate(files.more):
        yield {
            "key": f"more{number}",
            "label": label,
            "colours": "signed",
            "unit": "",
            # An absolute path leads there from any folder.
            "file": str(path),
        }


def _title(path: Path, desc: str) -> str:
    """Name a map of which only its file is known."""
    stem = path.name.removesuffix(ATTRIBUTION_MAP_ENDING)
    if stem != path.name:
        name = stem.rpartition("_")[2]
        return f"Attribution to the {ATTRIBUTED.get(name, name)}"
    return desc or path.name.removesuffix(_ENDING)


def _is_of(path: Path, scan: ScanId) -> bool:
    """Whether a file is named after this scan, and not another session of its."""
    return path.name.startswith(f"{scan.label}_") and ScanId.parse(path.name) == scan


def _entities(path: Path) -> dict[str, str]:
    pairs = (part.partition("-") for part in path.name.split("_"))
    return {name: value.partition(".")[0] for name, dash, value in pairs if dash}


def _write_regions(files: ViewFiles, base: Path) -> list[dict[str, Any]]:
    check_space(_entities(base).get("space", ""))
    stored = open_volume(base)
    extent, affine = stored.shape, stored.affine
    labels, regions = load_atlas((extent[0], extent[1], extent[2]), affine)
    image = nib.Nifti1Image(labels.astype(np.int16), affine)
    with written_whole(files.place / REGION_LABELS) as temporary:
        nib.save(image, temporary)
    places = _places(labels, affine)
    return [
        {
            "label": region.label,
            "name": region.name,
            "hemisphere": region.hemisphere,
            "place": places[region.label],
        }
        for region in regions
        if region.label in places
    ]


def _places(labels: LabelMap, affine: Affine) -> dict[int, list[float]]:
    """Find a voxel of each region: of all its voxels, the one nearest their mean."""
    voxels = np.argwhere(labels > 0)
    values = labels[tuple(voxels.T)]
    order = np.argsort(values, kind="stable")
    voxels, values = voxels[order], values[order]
    starts = np.flatnonzero(np.diff(values, prepend=-1))
    places = {}
    for some in np.split(voxels, starts[1:]):
        centre = some.mean(axis=0)
        nearest = some[np.argmin(((some - centre) ** 2).sum(axis=1))]
        millimetres = affine[:3, :3] @ nearest + affine[:3, 3]
        places[int(labels[tuple(nearest)])] = [round(float(v), 2) for v in millimetres]
    return places
