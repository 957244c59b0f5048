"""Why the scan got its answer, as `crosswarp explain` found it."""

from pathlib import Path
from typing import Final

import numpy as np

from crosswarp.errors import MissingDerivativeError
from crosswarp.figures.scan import Layer, draw_layers
from crosswarp.report.maps import read_map
from crosswarp.report.one_scan.maps import template_mask
from crosswarp.report.one_scan.source import OneScan
from crosswarp.report.parts import Illustration, Table
from crosswarp.report.wording import MINUS, number
from crosswarp.study.names import ANSWER_ENDING, ANSWERS, EXPLANATION_ENDING
from crosswarp.study.scan_explanation import ScanExplanation, read_scan_explanation
from crosswarp.types.arrays import SpatialMap

STRONGEST: Final = 0.999
"""Quantile of the sizes of an attribution that is drawn in the strongest colour."""

WORDS: Final = {"t1w": "T1w image", "jsm": "log-Jacobian map"}

PAIRS: Final = 6
"""Pairs of regions that the page names."""


def draw(page: OneScan) -> Illustration:
    """Draw the attribution of each map over the scan's own T1w image.

    Raises:
        MissingDerivativeError: If the scan was not explained.
    """
    found, folder = _explanation(page)
    positive = found.positive
    layers = []
    for name, file in sorted(found.maps.items()):
        signed = read_map(folder / file)
        limit = float(np.quantile(np.abs(signed.values[signed.values != 0]), STRONGEST))
        ends = (f"speaks against {positive}", f"for {positive}")
        scaled = SpatialMap(
            np.clip(signed.values / np.float32(limit or 1.0), -1, 1), signed.affine
        )
        words = f"attribution to the {WORDS[name]}, 1 = strongest"
        layers.append(Layer(scaled, ends, words, 1.0))
    figure = draw_layers(layers, page.maps["t1w"], template_mask(page))
    return Illustration(
        figure,
        f"Attribution over this scan's T1w image: red speaks for {positive}, blue"
        f" against it ({found.method}). It is also large where the scan merely differs"
        " from the reference; the sums by region below are the safer reading. None"
        " shows what causes disease. The sum misses the change of the evidence by"
        f" {number(found.completeness_error_logits, 2)} logits.",
        "Three planes through the scan, coloured where the maps spoke for or against"
        f" {positive}.",
    )


def tabulate(page: OneScan) -> Table:
    """Give what each region says: attribution in either map, and occlusion.

    Raises:
        MissingDerivativeError: If the scan was not explained.
    """
    found, _ = _explanation(page)
    names = sorted(found.maps)
    rows = [
        [
            f"{each.region}, {each.hemisphere}",
            *(_signed(each.attribution[name]) for name in names),
            _signed(each.occlusion),
        ]
        for each in found.regions
    ]
    return Table(
        f"What each region says for {found.positive}, in logits",
        ["Region", *(WORDS[name] for name in names), "Without the region"],
        rows,
        "Sums of the attribution, and by how much the evidence falls when the region is"
        " replaced in both maps by the mean of the reference group. Above 0 speaks for"
        f" {found.positive}. {_attention(found)}",
    )


def _attention(found: ScanExplanation) -> str:
    if not found.attention:
        return "The network has no cross-attention of tokens."
    pairs = "; ".join(
        f"{each.source} ({WORDS[each.asking]}) to {each.target}"
        f" {number(each.enrichment, 1)} times"
        for each in found.attention[:PAIRS]
    )
    return f"Attention above an even one is strongest from {pairs}."


def _explanation(page: OneScan) -> tuple[ScanExplanation, Path]:
    folder = page.out / ANSWERS
    stem = page.answer.file.removesuffix(ANSWER_ENDING)
    path = folder / f"{stem}{EXPLANATION_ENDING}"
    if not path.is_file():
        msg = "the answer was not explained; give crosswarp explain BUNDLE SCAN OUT"
        raise MissingDerivativeError(msg)
    return read_scan_explanation(path), folder


def _signed(value: float) -> str:
    return f"{value:+.2f}".replace("-", MINUS)
