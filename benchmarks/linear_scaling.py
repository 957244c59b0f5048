"""What scaling and smoothing of voxels does to models without a network.

Run from the root of the repository; WORK keeps what is done, and the same command goes
on where it was::

    python -m benchmarks.linear_scaling WORK --true-seed 1 --truth BIDS --cohort FOLDER

``--true-seed`` makes the true log-Jacobian maps of a virtual cohort of that seed
(preset ``realistic``, ``--participants`` of them; no registration is run), ``--truth``
takes those of a data set that `crosswarp simulate` wrote, ``--cohort`` a folder with
``cohort.tsv`` and ``derivatives`` at 2 mm. All can be repeated. Each cohort is split
into 4 folds 6 times. The table goes to standard output, the figure to
``docs/measured/validation/linear-scaling.svg`` (``--figure``).
"""

import argparse
import sys
from collections.abc import Callable, Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from functools import partial
from pathlib import Path
from typing import Any, Final

import numpy as np
import pandas as pd
from matplotlib.figure import Figure
from sklearn.metrics import roc_auc_score

from benchmarks.validation_study.coarse import RESOLUTION
from benchmarks.validation_study.difficulty import cohort_of
from benchmarks.validation_study.figures import drawn, write_figure
from benchmarks.validation_study.linear import Products, products_of
from benchmarks.validation_study.page import markdown
from benchmarks.validation_study.pieces import done_or_made, rows_of
from benchmarks.validation_study.truth import make_pool
from crosswarp.atlas import load_atlas
from crosswarp.baselines.features import regional_volumes, voxel_blocks
from crosswarp.baselines.linear import Study, answer
from crosswarp.baselines.settings import BaselineSettings
from crosswarp.baselines.similarity import (
    MapProducts,
    MeasuredRegions,
    View,
    products,
)
from crosswarp.bids.cohort import make_cohort, read_cohort
from crosswarp.bids.diagnoses import Diagnosis
from crosswarp.bids.ids import ScanId
from crosswarp.errors import ShapeError
from crosswarp.figures.style import BLUE, ORANGE
from crosswarp.inputs.folds import make_folds
from crosswarp.inputs.grid import Grid, whole_box
from crosswarp.inputs.samples import find_grid, find_samples, read_map
from crosswarp.inputs.scan_files import DESCRIPTIONS, Derivatives
from crosswarp.inputs.store import MAPS, STORED
from crosswarp.registration.template import load_template
from crosswarp.simulation.dataset import truth_folder
from crosswarp.types.arrays import Affine, Mask, StoredMaps
from crosswarp.types.grid import SPACE

PARTICIPANTS: Final = 48
FOLDS: Final = 4
DEALINGS: Final = 6
EXPERIMENT: Final = "linear-scaling"
FIGURE: Final = Path("docs") / "measured" / "validation" / "linear-scaling.svg"
OWN_SD: Final = "each voxel by its own SD"
ONE_SCALE: Final = "one scale"
SMOOTHED: Final = "one scale, smoothing chosen"
WAYS: Final = (OWN_SD, ONE_SCALE, SMOOTHED)


@dataclass(frozen=True)
class Source:
    """Maps of one cohort.

    Attributes:
        name: Of the cohort.
        cohort: Who, with diagnoses.
        maps: Of all participants, in the order of the cohort, by name.
        brain: Voxels of their grid to take.
        spacing: Millimetres between voxels along each axis.
        volumes: Logarithms of the regions' volumes; None on a grid without an atlas.
    """

    name: str
    cohort: pd.DataFrame
    maps: Mapping[str, StoredMaps]
    brain: Mask
    spacing: tuple[float, float, float]
    volumes: np.ndarray | None
    _products: dict[str, Products] = field(default_factory=dict)
    _divided: dict[tuple[object, ...], View] = field(default_factory=dict)

    def products(self, name: str) -> Products:
        """Products of each pair of maps, by smoothing."""
        if name not in self._products:
            self._products[name] = products_of(
                self.maps[name], self.brain, self.spacing
            )
        return self._products[name]

    def divided(self, names: Sequence[str], trained: np.ndarray) -> View:
        """Divide each voxel by its own SD over the training scans."""
        key = (*names, trained.tobytes())
        if key not in self._divided:
            blocks = voxel_blocks([self.maps[name] for name in names], self.brain)
            made = products(_divided(block, trained) for block in blocks)
            self._divided[key] = MapProducts([made])
        return self._divided[key]


def _divided(block: np.ndarray, trained: np.ndarray) -> np.ndarray:
    mean, deviation = block[trained].mean(axis=0), block[trained].std(axis=0)
    varies = deviation > 1e-6 * max(float(np.abs(block[trained]).max()), 1e-12)
    divided: np.ndarray = (block[:, varies] - mean[varies]) / deviation[varies]
    return divided


def from_pool(work: Path, seed: int, participants: int) -> Source:
    """True log-Jacobian maps: what a registration without error would find."""
    classes = (Diagnosis.CN, Diagnosis.AD)
    pool = make_pool(work, "realistic", participants, classes, seed=seed)
    template = load_template(RESOLUTION)
    jsm = np.zeros((len(pool.maps), *template.mask.shape), pool.maps.dtype)
    jsm[:, template.mask] = pool.maps
    return Source(
        f"true maps, seed {seed}",
        cohort_of(pool.diagnoses),
        {"jsm": jsm},
        template.mask,
        (float(RESOLUTION),) * 3,
        _volumes(jsm, template.brain.extent, template.brain.affine),
    )


def from_truth(bids: Path) -> Source:
    """True log-Jacobian maps that `crosswarp simulate` wrote beside its scans."""
    cohort = make_cohort(bids).table
    template = load_template(RESOLUTION)
    extent, affine = template.brain.extent, template.brain.affine
    grid = Grid(SPACE, RESOLUTION, extent, affine, whole_box(extent))
    truth = Derivatives(truth_folder(bids), SPACE, RESOLUTION)
    rows = zip(cohort["participant_id"], cohort["session_id"], strict=True)
    scans = [ScanId.from_row(str(person), session) for person, session in rows]
    paths = [truth.path(scan, DESCRIPTIONS["jsm"]) for scan in scans]
    jsm = np.stack([read_map(path, grid).astype(STORED) for path in paths])
    name = f"true maps, {bids.resolve().parent.name}"
    volumes = _volumes(jsm, extent, affine)
    return Source(name, cohort, {"jsm": jsm}, template.mask, grid.spacing, volumes)


def from_folder(folder: Path) -> Source:
    """Maps that the chain found."""
    cohort = read_cohort(folder / "cohort.tsv")
    derivatives = Derivatives(folder / "derivatives", SPACE, RESOLUTION)
    samples = find_samples(cohort, derivatives)
    grid = find_grid(samples, derivatives, crop=False)
    maps = {
        name: np.stack(
            [read_map(getattr(s, name), grid).astype(STORED) for s in samples]
        )
        for name in MAPS
    }
    order = [s.scan.participant_id for s in samples]
    cohort = cohort.set_index("participant_id").loc[order].reset_index()
    brain = read_map(derivatives.brain_mask, grid) > 0
    volumes = _volumes(maps["jsm"], grid.extent, grid.affine)
    name = f"chain, {folder.name}"
    return Source(name, cohort, maps, brain, grid.spacing, volumes)


def _volumes(
    jsm: StoredMaps, extent: tuple[int, int, int], affine: Affine
) -> np.ndarray | None:
    try:
        labels, regions = load_atlas(extent, affine)
    except ShapeError:
        return None
    return regional_volumes(jsm, labels, [[region.label] for region in regions])


@dataclass(frozen=True)
class Variant:
    """One model, fitted one way.

    Attributes:
        way: How its features are scaled.
        classifier: As of `BaselineSettings`.
        maps: Names of maps; ``volumes`` for the regions.
    """

    way: str
    classifier: str
    maps: tuple[str, ...]

    @property
    def settings(self) -> BaselineSettings:
        """Choices of the baseline."""
        given: dict[str, Any] = {"name": "a", "classifier": self.classifier}
        if self.way != SMOOTHED:
            given["fwhm_mm"] = (0.0,)
        return BaselineSettings.model_validate(given)

    def views(self, source: Source, trained: np.ndarray) -> dict[float, View]:
        """Give the features of one fold."""
        if self.maps == ("volumes",):
            assert source.volumes is not None
            plain = MapProducts([products([source.volumes])])
            own = MeasuredRegions(source.volumes)
            return {0.0: own if self.way == OWN_SD else plain}
        if self.way == OWN_SD:
            return {0.0: source.divided(self.maps, trained)}
        known = [source.products(name) for name in self.maps]
        return {
            fwhm: MapProducts([part[fwhm] for part in known])
            for fwhm in self.settings.fwhm_mm
        }


def variants(source: Source) -> Iterator[Variant]:
    """List what the maps of a cohort allow."""
    for way in WAYS:
        for classifier in ("logistic", "svm", "gaussian_process"):
            for maps in (("jsm",), ("t1w",), ("t1w", "jsm")):
                if set(maps) <= set(source.maps):
                    yield Variant(way, classifier, maps)
        if way != SMOOTHED and source.volumes is not None:
            yield Variant(way, "logistic", ("volumes",))


def tested(source: Source, variant: Variant, dealing: int) -> dict[str, Any]:
    """Cross-validate one model on one dealing.

    Returns:
        ``auc``: mean over folds.
    """
    cohort = source.cohort
    people = cohort["participant_id"].to_numpy()
    truth = (cohort["diagnosis"] == "AD").to_numpy()
    aucs = []
    folds = make_folds(cohort, FOLDS, validation_fraction=0.0, seed=dealing)
    for number, part in folds.groupby("fold"):
        split = part.set_index("participant_id")["split"].reindex(people).to_numpy()
        train = split == "train"
        views = variant.views(source, train)
        rows = np.arange(len(people))
        study = Study(views, truth.astype(int), rows, train, split == "val")
        seed = 100 * dealing + int(str(number))
        found = answer(study, variant.settings, 2, seed).probabilities
        aucs.append(roc_auc_score(truth[split == "test"], found[split == "test", 1]))
    return {
        "source": source.name,
        "way": variant.way,
        "model": f"{variant.classifier}, {' and '.join(variant.maps)}",
        "dealing": dealing,
        "auc": float(np.mean(aucs)),
    }


def compare(work: Path, source: Source) -> None:
    """Test every variant on every dealing of a cohort."""
    for variant in variants(source):
        for dealing in range(DEALINGS):
            words = (source.name, *variant.maps, variant.classifier, variant.way)
            label = "-".join(words).replace(" ", "-").replace(",", "")
            make = partial(tested, source, variant, dealing)
            done_or_made(work, f"{EXPERIMENT}/{label}-{dealing}", make)


def table(rows: pd.DataFrame) -> list[str]:
    """Mean AUC of a cohort's dealings and their SD, by model and way."""
    cells = []
    for (source, model), part in rows.groupby(["source", "model"], sort=False):
        by_way = part.groupby("way")["auc"]
        found = {way: f"{aucs.mean():.3f} ± {aucs.std():.3f}" for way, aucs in by_way}
        cells.append((source, model, *(found.get(way, "") for way in WAYS)))
    return markdown(("maps", "model", *WAYS), cells)


def figure_of(rows: pd.DataFrame) -> Figure:
    """Draw before and after: every dealing a dot, one panel a cohort."""
    sources = list(dict.fromkeys(rows["source"]))
    colours = dict(zip(WAYS, (ORANGE, "#8a94a3", BLUE), strict=True))

    def draw(figure: Figure) -> None:
        panels = figure.subplots(1, len(sources), sharey=True, squeeze=False)[0]
        models = list(dict.fromkeys(rows["model"]))
        for axis, source in zip(panels, sources, strict=True):
            for shift, way in enumerate(WAYS):
                part = rows[(rows["source"] == source) & (rows["way"] == way)]
                places = [
                    models.index(model) + 0.25 * (shift - 1) for model in part["model"]
                ]
                axis.plot(
                    part["auc"],
                    places,
                    "o",
                    markersize=3.5,
                    color=colours[way],
                    label=way,
                    alpha=0.8,
                )
            axis.set_title(source)
            axis.set_xlabel("AUC of one assignment to 4 folds")
            axis.grid(axis="x", color="#e4e7eb", linewidth=0.6)
        panels[0].set_yticks(range(len(models)), models)
        panels[0].invert_yaxis()
        figure.legend(
            *panels[0].get_legend_handles_labels(),
            loc="outside upper center",
            ncols=len(WAYS),
            fontsize=7,
        )

    return drawn(draw, 1.5 + 0.42 * rows["model"].nunique())


def main() -> None:
    """Test what is left to test; print the table and draw the figure."""
    parser = argparse.ArgumentParser(prog="python -m benchmarks.linear_scaling")
    parser.add_argument("work", type=Path)
    parser.add_argument("--true-seed", type=int, action="append", default=[])
    parser.add_argument("--participants", type=int, default=PARTICIPANTS)
    parser.add_argument("--truth", type=Path, action="append", default=[])
    parser.add_argument("--cohort", type=Path, action="append", default=[])
    parser.add_argument("--figure", type=Path, default=FIGURE)
    given = parser.parse_args()
    makers: list[Callable[[], Source]] = [
        *(
            partial(from_pool, given.work, seed, given.participants)
            for seed in given.true_seed
        ),
        *(partial(from_truth, bids) for bids in given.truth),
        *(partial(from_folder, folder) for folder in given.cohort),
    ]
    for make in makers:
        compare(given.work, make())
    rows = rows_of(given.work, EXPERIMENT)
    sys.stdout.write("\n".join(table(rows)) + "\n")
    alternative = "AUC of linear models by the scaling of voxels. Virtual participants."
    write_figure(given.figure, figure_of(rows), alternative)


if __name__ == "__main__":
    main()
