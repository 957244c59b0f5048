"""One network of a run: attributions of the scans that it never saw, added up."""

from dataclasses import dataclass
from pathlib import Path

import numpy as np
import torch

from crosswarp.errors import InputError
from crosswarp.explanation.gradients import Maps, integrated_gradients
from crosswarp.inputs.grid import Grid
from crosswarp.inputs.samples import read_maps
from crosswarp.inputs.scan_files import ScanFiles
from crosswarp.models.bundle import Bundle, load_bundle
from crosswarp.types.arrays import ScalarMap


@dataclass(frozen=True)
class CellToExplain:
    """One network and its scans; small, so that it can be sent to a process.

    Attributes:
        bundle: Folder of the network.
        held_out: Scans of its test part.
        samples: All scans of the run, those that it was trained on among them.
        grid: Of the maps.
        not_trained_on: Participants of its validation and test parts, who are in its
            bundle's list when they chose the epoch, or were seen in pretraining.
    """

    bundle: Path
    held_out: tuple[ScanFiles, ...]
    samples: tuple[ScanFiles, ...]
    grid: Grid
    not_trained_on: frozenset[str] = frozenset()


@dataclass
class Sums:
    """Attributions of one map added up over scans, on the whole template grid.

    Attributes:
        signed: Sum over the scans of the positive class: what spoke for it in them.
        absolute: Sum of sizes over all scans.
    """

    signed: ScalarMap
    absolute: ScalarMap

    def add(self, other: "Sums") -> None:
        """Add the sums of another network."""
        self.signed += other.signed
        self.absolute += other.absolute


@dataclass(frozen=True)
class ExplainedCell:
    """What came of one network.

    Attributes:
        sums: By map, ``t1w`` and ``jsm``; only maps that the network uses.
        positives: Scans of the positive class.
        errors: Of completeness, in logits, one a scan.
    """

    sums: dict[str, Sums]
    positives: int
    errors: list[float]


def explain_cell(cell: CellToExplain) -> ExplainedCell:
    """Attribute the answers for all held-out scans of a network.

    Raises:
        InputError: If the network's training maps are gone.
    """
    bundle = load_bundle(cell.bundle)
    baseline = _mean_maps(bundle, cell)
    sums: dict[str, Sums] = {}
    positive = bundle.card.classes[-1]
    errors = [_add(sums, bundle, files, baseline, cell.grid) for files in cell.held_out]
    positives = sum(files.diagnosis == positive for files in cell.held_out)
    return ExplainedCell(sums, positives, errors)


def _mean_maps(bundle: Bundle, cell: CellToExplain) -> Maps:
    """Average the maps of the participants that a network was trained on.

    Those of its validation part chose the epoch and fitted nothing; like those of the
    test part, they are left out.
    """
    people = {files.scan.participant_id for files in cell.samples}
    trained_on = {name for name in people if bundle.card.saw(name)}
    trained_on -= cell.not_trained_on
    trained = [
        files for files in cell.samples if files.scan.participant_id in trained_on
    ]
    if not trained:
        msg = (
            f"the participants that {cell.bundle} was trained on are not in the"
            " cohort any more"
        )
        raise InputError(msg)
    sums = [torch.zeros(1, 1, *cell.grid.seen_extent) for _ in range(2)]
    for files in trained:
        for total, volume in zip(sums, _maps(files, cell.grid), strict=True):
            total += volume / len(trained)
    return sums[0], sums[1]


def _maps(files: ScanFiles, grid: Grid) -> Maps:
    t1w, jsm = (
        torch.from_numpy(values)[None, None] for values in read_maps(files, grid)
    )
    return t1w, jsm


def _add(
    sums: dict[str, Sums],
    bundle: Bundle,
    files: ScanFiles,
    baseline: Maps,
    grid: Grid,
) -> float:
    classes = bundle.card.classes
    found, missed = integrated_gradients(
        bundle.network, _maps(files, grid), baseline, positive=len(classes) - 1
    )
    for name, attribution in zip(("t1w", "jsm"), found, strict=True):
        if name not in bundle.card.model.maps:
            continue
        zeros = (np.zeros(grid.extent, np.float64) for _ in range(2))
        total = sums.setdefault(name, Sums(*zeros))
        box = tuple(slice(start, stop) for start, stop in grid.box)
        values = attribution[0, 0].double().numpy()
        if files.diagnosis == classes[-1]:
            total.signed[box] += values
        total.absolute[box] += np.abs(values)
    return missed
