"""Attribution maps of a run, as `crosswarp explain` left them."""

import numpy as np

from crosswarp.errors import MissingDerivativeError
from crosswarp.figures.scan import draw_over_template
from crosswarp.report.making import making_of
from crosswarp.report.maps import read_map, template_map
from crosswarp.report.parts import Illustration
from crosswarp.report.run import Run
from crosswarp.study.names import ATTRIBUTION
from crosswarp.types.arrays import SpatialMap
from crosswarp.types.maps import OF_SCAN, WORDS, words_of

STRONGEST = 0.999
"""Quantile of the sizes, among the brain's voxels, that is drawn as 1."""


def map_words(run: Run) -> dict[str, str]:
    """Say what the maps of a run are called, by the names of their files."""
    try:
        return words_of(run.experiment.maps)
    except MissingDerivativeError:
        return words_of(OF_SCAN)


def draw_attribution(run: Run, name: str) -> Illustration:
    """Draw what spoke for and against the positive class in one of the maps.

    Args:
        run: With attribution maps.
        name: ``jsm`` or ``t1w``.

    Raises:
        MissingDerivativeError: If there is no such map.
    """
    model, called = run.attribution.models[0], map_words(run)[name]
    path = run.folder / ATTRIBUTION / model / f"{name}.nii.gz"
    if not path.is_file():
        msg = f"{model} has no attribution of the {called}"
        raise MissingDerivativeError(msg)
    found, mask = read_map(path), template_map(run, "mask")
    sizes = np.abs(found.values[_counted(found, mask)])
    strongest = float(np.quantile(sizes, STRONGEST)) if sizes.size else 1.0
    scaled = SpatialMap(
        np.clip(found.values / np.float32(strongest), -1, 1), found.affine
    )
    positive = run.predictions.positive
    figure = draw_over_template(
        scaled,
        template_map(run, "T1w"),
        mask,
        (f"speaks against {positive}", f"for {positive}"),
        f"attribution to the {called}, 1 = strongest",
    )
    return Illustration(
        figure,
        f"{model}: mean attribution to the {called} of the {positive} test"
        f" scans; red speaks for {positive}, blue against it. Each scan is explained by"
        " the network of the fold that held it out (integrated gradients from the mean"
        " map of that network's training participants"
        f"{_smoothing(run)}). {_made_by(run, called)}The map shows what the network"
        " used, not what causes disease.",
        f"Three planes through the template; colours show where the {called}"
        f" spoke for or against {positive}.",
    )


def _counted(found: SpatialMap, mask: SpatialMap | None) -> np.ndarray:
    """Find the brain's voxels; without its mask those that hold anything."""
    counted: np.ndarray = found.values != 0
    if mask is not None and mask.extent == found.extent:
        counted &= mask.values > 0
    return counted


def _made_by(run: Run, called: str) -> str:
    """Say which registration, and so which prior, the log-Jacobian maps come from.

    A map of change has a registration of its own, which has no prior by place.
    """
    if called != WORDS["jsm"]:
        return ""
    return f"Registration of the maps: {making_of(run).registered_by}. "


def _smoothing(run: Run) -> str:
    width = run.attribution.smoothing_mm
    return f"; smoothed by a Gaussian of SD {width:g} mm" if width else ""
