"""Maps of groups: mean log-Jacobian, difference and effect size, written once.

Figures only draw what lies in ``group_maps/``; nothing is computed while drawing.
"""

from dataclasses import dataclass
from pathlib import Path
from typing import Any

import nibabel as nib
import numpy as np
from pydantic import BaseModel

from crosswarp.bids.ids import ScanId
from crosswarp.documents import read_as, read_object
from crosswarp.errors import CrosswarpError, MissingDerivativeError, ShapeError
from crosswarp.files import file_digest, write_json, written_folder
from crosswarp.report.maps import LOG_JACOBIAN, map_path, read_map, template_map
from crosswarp.report.run import Run
from crosswarp.study.names import GROUP_MAPS, GROUP_MAPS_CARD
from crosswarp.types.arrays import Affine, ScalarMap, SpatialMap

SMALLEST_GROUP = 2
"""Participants below which there is no spread to compare with."""


@dataclass(frozen=True)
class GroupMaps:
    """The log-Jacobian by diagnosis, voxel by voxel. No unit; 0 outside the brain.

    Attributes:
        means: By class, in the order of the run; > 0 where the group is on average
            locally larger than the template.
        difference: Mean of the positive class minus that of the first class.
        cohens_d: The difference over the pooled standard deviation; 0 where nothing
            varies.
        counts: Participants of each class.
    """

    means: dict[str, SpatialMap]
    difference: SpatialMap
    cohens_d: SpatialMap
    counts: dict[str, int]


class Moments:
    """Mean and spread of maps that come one at a time, so that few are in memory.

    References:
        Welford (1962), Note on a method for calculating corrected sums of squares.
        Technometrics 4:419.
    """

    def __init__(self, extent: tuple[int, int, int], affine: Affine) -> None:
        self.count = 0
        self.affine = affine
        self.mean: ScalarMap = np.zeros(extent)
        self.squares: ScalarMap = np.zeros(extent)
        """Sum of squared deviations from the mean."""

    def add(self, values: ScalarMap, name: str) -> None:
        """Take one more map in.

        Args:
            values: On the grid of the others.
            name: Of its file, for a message.

        Raises:
            ShapeError: If its grid differs.
        """
        if values.shape != self.mean.shape:
            msg = f"{name} has extent {values.shape}, others {self.mean.shape}"
            raise ShapeError(msg)
        self.count += 1
        deviation = values - self.mean
        self.mean += deviation / self.count
        self.squares += deviation * (values - self.mean)


class MapsCard(BaseModel):
    """What ``group_maps`` says of itself.

    Attributes:
        reason: Why there are none; None where there are.
        classes: Diagnoses of the groups.
        counts: Participants of each.
    """

    reason: str | None
    classes: tuple[str, ...] = ()
    counts: dict[str, int] = {}


def write_group_maps(run: Run) -> Path:
    """Write the maps as NIfTI files, to be drawn and to be opened in any viewer.

    Where the derivatives cannot be read, maps that an earlier report wrote of the same
    predictions stay; else a card says why there are none.

    Returns:
        The folder ``group_maps`` of the run.
    """
    folder = run.folder / GROUP_MAPS
    card: dict[str, Any] = {"predictions": file_digest(run.predictions_path)}
    try:
        found = group_maps(run)
    except CrosswarpError as error:
        if not _is_of(folder, card["predictions"]):
            with written_folder(folder) as temporary:
                write_json(temporary / GROUP_MAPS_CARD, card | {"reason": str(error)})
        return folder
    with written_folder(folder) as temporary:
        for index, values in enumerate(found.means.values()):
            _save(temporary / f"mean-{index}.nii.gz", values)
        _save(temporary / "difference.nii.gz", found.difference)
        _save(temporary / "cohens_d.nii.gz", found.cohens_d)
        card |= {"reason": None, "classes": list(found.means), "counts": found.counts}
        write_json(temporary / GROUP_MAPS_CARD, card)
    return folder


def read_group_maps(run: Run) -> GroupMaps:
    """Read what `write_group_maps` wrote.

    Raises:
        MissingDerivativeError: If there are none; says why.
    """
    folder = run.folder / GROUP_MAPS
    if not (folder / GROUP_MAPS_CARD).is_file():
        msg = f"no {GROUP_MAPS} in the run; `crosswarp report` writes it"
        raise MissingDerivativeError(msg)
    card = read_as(folder / GROUP_MAPS_CARD, MapsCard, "run `crosswarp report` again")
    if card.reason is not None:
        raise MissingDerivativeError(card.reason)
    return GroupMaps(
        {
            name: read_map(folder / f"mean-{index}.nii.gz")
            for index, name in enumerate(card.classes)
        },
        read_map(folder / "difference.nii.gz"),
        read_map(folder / "cohens_d.nii.gz"),
        {name: card.counts.get(name, 0) for name in card.classes},
    )


def _is_of(folder: Path, digest: str) -> bool:
    card = read_object(folder / GROUP_MAPS_CARD)
    ours = bool(card) and card.get("predictions") == digest
    return ours and card.get("reason") is None


def _save(path: Path, values: SpatialMap) -> None:
    image = nib.Nifti1Image(values.values.astype(np.float32), values.affine)
    image.header.set_xyzt_units("mm")
    nib.save(image, path)


def group_maps(run: Run) -> GroupMaps:
    """Compare the log-Jacobian maps of the run's diagnoses.

    One scan a participant counts, the first that was tested: visits of one person are
    not independent, and would make the spread too small. Outside the template's brain
    all maps are 0: there the registration has nothing to follow, and d is large
    without meaning.

    Raises:
        MissingDerivativeError: If a group has fewer than two participants with maps.
        ShapeError: If the maps' grids differ.
    """
    moments = {name: group_moments(run, name) for name in run.predictions.classes}
    _check_one_grid(moments)
    above = moments[run.predictions.positive]
    below = moments[run.predictions.classes[0]]
    inside = _inside(template_map(run, "mask"), above.mean.shape)
    difference = np.where(inside, above.mean - below.mean, 0.0)
    freedom = above.count + below.count - 2
    deviation = np.sqrt((above.squares + below.squares) / freedom)
    effect = np.divide(
        difference, deviation, out=np.zeros_like(difference), where=deviation > 0
    )
    return GroupMaps(
        {
            name: _as_map(np.where(inside, found.mean, 0.0), found)
            for name, found in moments.items()
        },
        _as_map(difference, above),
        _as_map(effect, above),
        {name: found.count for name, found in moments.items()},
    )


def _inside(brain: SpatialMap | None, extent: tuple[int, ...]) -> np.ndarray:
    if brain is None or brain.extent != extent:
        return np.ones(extent, dtype=bool)
    inside: np.ndarray = brain.values > 0
    return inside


def _as_map(values: ScalarMap, moments: Moments) -> SpatialMap:
    return SpatialMap(values.astype(np.float32), moments.affine)


def _check_one_grid(moments: dict[str, Moments]) -> None:
    (first, one), *others = moments.items()
    for name, other in others:
        if other.mean.shape != one.mean.shape:
            msg = (
                f"log-Jacobian maps of {first} have extent {one.mean.shape}, those of"
                f" {name} {other.mean.shape}; make them again at one resolution"
            )
            raise ShapeError(msg)


def group_moments(run: Run, diagnosis: str) -> Moments:
    """Gather the log-Jacobian maps of the tested participants with a diagnosis.

    Raises:
        MissingDerivativeError: If fewer than two of them have a map.
        ShapeError: If their grids differ.
    """
    moments: Moments | None = None
    tested = run.tested[run.tested["diagnosis"] == diagnosis]
    for _, scans in tested.groupby("participant_id", sort=True):
        paths = [
            map_path(run, ScanId.from_row(participant, session), LOG_JACOBIAN)
            for participant, session in zip(
                scans["participant_id"], scans["session_id"], strict=True
            )
        ]
        present = [path for path in paths if path.is_file()]
        if not present:
            continue
        found = read_map(present[0])
        moments = moments or Moments(found.extent, found.affine)
        moments.add(found.values, present[0].name)
    used = 0 if moments is None else moments.count
    if moments is None or used < SMALLEST_GROUP:
        msg = f"too few log-Jacobian maps of {diagnosis} in the derivatives: {used}"
        raise MissingDerivativeError(msg)
    return moments
