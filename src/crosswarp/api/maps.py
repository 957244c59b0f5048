"""The two maps of a scan, as arrays."""

from collections.abc import Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING, Final

from crosswarp.api.paths import PathLike, as_path
from crosswarp.bids.ids import ScanId
from crosswarp.bids.ledger import LEDGER
from crosswarp.bids.volumes import open_volume
from crosswarp.errors import InputError, MissingDerivativeError
from crosswarp.inputs.scan_files import DESCRIPTIONS, Derivatives
from crosswarp.types.arrays import SpatialMap
from crosswarp.types.grid import SPACE

if TYPE_CHECKING:
    from matplotlib.figure import Figure

RESOLUTIONS: Final = (1, 2)
"""Spacings of the template grid, in mm."""

NAMED: Final = 5
"""Entries of a folder that a message names."""


@dataclass(frozen=True)
class ScanMaps:
    """The two maps of one scan on the template grid.

    Attributes:
        participant_id: Participant label, with ``sub-``.
        session_id: Session label, with ``ses-``; None for a scan without sessions.
        t1w: T1w image after the affine alignment: brain only, intensities from 0 to 1.
            ``values`` has three axes (voxels), ``affine`` maps voxel indices to RAS+
            millimetres.
        jsm: Jacobian determinant map (JSM), here its logarithm: local volume change
            without unit, above 0 where the participant is larger than the template.
            The grid is that of ``t1w``.
        paths: File of each map by ``t1w`` and ``jsm``, for viewers.
    """

    participant_id: str
    session_id: str | None
    t1w: SpatialMap
    jsm: SpatialMap
    paths: Mapping[str, Path]

    def plot(self) -> "Figure":
        """Draw both maps in three planes.

        Returns:
            Matplotlib figure. The participant's left is on the left side.
        """
        from crosswarp.figures.scan import draw_scan

        return draw_scan(self.t1w, self.jsm)


def read_maps(
    derivatives: PathLike,
    participant_id: str,
    session_id: str | None = None,
    *,
    resolution: int | None = None,
    space: str = SPACE,
) -> ScanMaps:
    """Read the aligned T1w image and the log-Jacobian map of a scan.

    Args:
        derivatives: Folder that `preprocess` wrote.
        participant_id: Participant label, with or without ``sub-``.
        session_id: Session label, with or without ``ses-``; None for a scan without
            sessions.
        resolution: Spacing of the grid in mm, 1 or 2. The maps that are there are
            taken when None.
        space: BIDS name of the template.

    Returns:
        Both maps as arrays with three axes and their affine (voxel indices to RAS+ mm).

    Raises:
        MissingDerivativeError: If there are no such maps; names what is there.
        InputError: If there are maps at both resolutions and none was chosen.
        ScanError: If a file cannot be read.

    Examples:
        >>> maps = crosswarp.read_maps(study / "derivatives", "sub-001")
        >>> maps.jsm.values.shape, maps.jsm.spacing
        ((97, 115, 97), (2.0, 2.0, 2.0))
        >>> maps.plot()
        <Figure size ...>
    """
    folder = as_path(derivatives)
    scan = ScanId(
        f"sub-{participant_id.removeprefix('sub-')}",
        None if session_id is None else f"ses-{session_id.removeprefix('ses-')}",
    )
    tried = RESOLUTIONS if resolution is None else (resolution,)
    there = [
        maps for n in tried if (maps := _paths(folder, scan, space, n)) is not None
    ]
    if len(there) > 1:
        msg = f"{folder} has maps of {scan.label} at 1 and 2 mm; choose a `resolution`"
        raise InputError(msg)
    if not there:
        raise MissingDerivativeError(_absent(folder, scan, space, resolution))
    t1w, jsm = (read_image(path) for path in there[0].values())
    return ScanMaps(scan.participant_id, scan.session_id, t1w, jsm, there[0])


def read_image(path: Path) -> SpatialMap:
    """Read a NIfTI image of three axes as float32 with its affine.

    Raises:
        ScanError: If the file cannot be read.
        InputError: If it has another number of axes.
    """
    stored = open_volume(path)
    if len(stored.shape) != 3:
        msg = f"expected an image with three axes, {path} has {len(stored.shape)}"
        raise InputError(msg)
    return SpatialMap(stored.values(), stored.affine)


def _paths(
    folder: Path, scan: ScanId, space: str, resolution: int
) -> dict[str, Path] | None:
    maps = Derivatives(folder, space, resolution)
    paths = {name: maps.path(scan, desc) for name, desc in DESCRIPTIONS.items()}
    return (
        paths if all(maps.has(scan, desc) for desc in DESCRIPTIONS.values()) else None
    )


def _absent(folder: Path, scan: ScanId, space: str, resolution: int | None) -> str:
    wanted = "" if resolution is None else f" at {resolution} mm"
    missing = f"no maps of {scan.label} in {space}{wanted} in {folder}"
    people = sorted(path.name for path in folder.glob("sub-*") if path.is_dir())
    if scan.participant_id in people:
        sessions = sorted(p.name for p in (folder / scan.participant_id).glob("ses-*"))
        if sessions and scan.session_id not in sessions:
            return f"{missing}; its sessions are {_some(sessions)}: give `session_id`"
        return f"{missing}; see its row in {LEDGER}, or preprocess it again"
    if people:
        return f"{missing}; the participants there are {_some(people)}"
    return f"{missing}; make them with preprocess()"


def _some(names: list[str]) -> str:
    more = len(names) - NAMED
    return ", ".join(names[:NAMED]) + (f" and {more} more" if more > 0 else "")
