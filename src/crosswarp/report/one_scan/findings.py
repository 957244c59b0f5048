"""Doubts, volumes beside the reference group, and what each map brings."""

from typing import Final

import numpy as np
from matplotlib.axes import Axes
from matplotlib.ticker import MaxNLocator

from crosswarp.errors import MissingDerivativeError
from crosswarp.figures.style import BLUE, FAINT, INK, ORANGE, WIDTH, new_figure, styled
from crosswarp.report.one_scan.source import OneScan
from crosswarp.report.parts import Illustration, Table, Text
from crosswarp.report.wording import MINUS, number
from crosswarp.study.findings import Level, RegionalTable, RegionVolume

BEYOND: Final = 1.96
"""Deviation from which a bar is coloured: 5 % of the reference group lie beyond."""

NOT_ASKED: Final = "the answer was given by an earlier version; predict again"

_NAMES: Final = {
    "embedding": "Distance, for the networks",
    "image_and_quality": "Distance, of image and quality numbers",
    "age_years": "Age",
    "field_strength_t": "Field strength",
}


def warn(page: OneScan) -> Text | None:
    """Say, set apart, how the scan is unlike the training scans; nothing where not."""
    doubts = page.answer.doubts
    if doubts is None or not doubts.raised:
        return None
    first = "This scan is unlike those that the networks learned from."
    if doubts.level is Level.REFUSAL:
        first += " It is so unlike that no number should be given; it was asked for."
    return Text([first], [each.sentence for each in doubts.raised], is_warning=True)


def tabulate_doubts(page: OneScan) -> Table:
    """List every comparison of the scan with the training scans.

    Raises:
        MissingDerivativeError: If the answer has none.
    """
    doubts = page.answer.doubts
    if doubts is None:
        raise MissingDerivativeError(NOT_ASKED)
    rows = [
        [
            _NAMES[each.name],
            number(each.value, 1),
            number(each.percentile, 0),
            each.level.value,
        ]
        for each in doubts.compared
    ]
    missing = f" Not compared: {'; '.join(doubts.missing)}." if doubts.missing else ""
    return Table(
        "Is the scan like the training scans?",
        ["Comparison", "Value", "Percentile", "Doubt"],
        rows,
        "Distances are over that of a typical training scan; the percentile is among"
        " training scans. Beyond the 97.5th a distance is a warning; beyond three times"
        " the distance of the 95th no number is given unless it is asked for. Limits"
        f" apply from 20 scans.{missing}",
    )


def tabulate_shares(page: OneScan) -> Table:
    """Divide the evidence between the two maps.

    Raises:
        MissingDerivativeError: If the bundle keeps no mean maps.
    """
    shares, positive = page.answer.shares, page.answer.classes[-1]
    if shares is None:
        msg = (
            "the share of each map is not known: the bundle keeps no mean maps to"
            " compare with"
        )
        raise MissingDerivativeError(msg)
    rows = [
        [f"Mean maps of {shares.whom}", _signed(shares.reference)],
        ["T1w image of this scan", _signed(shares.t1w)],
        ["Log-Jacobian map of this scan", _signed(shares.jsm)],
        ["Sum: this scan", _signed(shares.evidence)],
    ]
    return Table(
        f"What speaks for {positive}, by map",
        ["Part", "Evidence, logits"],
        rows,
        "Shapley values over the two maps, exact, as the mean over the networks and"
        f" before temperature scaling; above 0 speaks for {positive}.",
    )


def draw_regions(page: OneScan) -> Illustration:
    """Draw the deviation of each region from the reference group as a bar.

    Raises:
        MissingDerivativeError: If there is no reference group.
    """
    found = _regions(page)
    names = list(dict.fromkeys(each.region for each in found.regions))
    with styled():
        figure = new_figure(WIDTH, 0.34 * len(names) + 0.7)
        axes = figure.subplots()
        for (
            side,
            offset,
        ) in (("left", -0.19), ("right", 0.19)):
            chosen = [each for each in found.regions if each.hemisphere == side]
            _bars(axes, names, chosen, offset)
        axes.axvspan(-BEYOND, BEYOND, color=FAINT, alpha=0.18, lw=0)
        axes.axvline(0, color=INK, linewidth=0.8)
        axes.set_yticks(range(len(names)), names)
        axes.invert_yaxis()
        far = max(3.0, *(abs(each.z) + 0.6 for each in found.regions))
        axes.set(xlim=(-far, far), xlabel="standard deviations of the reference group")
        axes.xaxis.set_major_locator(MaxNLocator(integer=True))
    outside = [each for each in found.regions if abs(each.z) > BEYOND]
    said = "; ".join(
        f"{each.region} {each.hemisphere} {number(each.z, 1)}" for each in outside
    )
    return Illustration(
        figure,
        f"Volumes beside {found.participants} {found.group} participants of the"
        f" training part, adjusted for {_listed(found.adjusted_for)}. Upper bar left,"
        " lower bar right. The shade holds 95 % of the reference group; blue is"
        " smaller, orange larger.",
        f"Bars of volumes in standard deviations; outside the shade: {said or 'none'}.",
    )


def tabulate_regions(page: OneScan) -> Table:
    """Give each region's volume, deviation and percentile on either side.

    Raises:
        MissingDerivativeError: If there is no reference group.
    """
    found = _regions(page)
    sides: dict[str, dict[str, RegionVolume]] = {}
    for each in found.regions:
        sides.setdefault(each.region, {})[each.hemisphere] = each
    rows = [
        [
            name,
            *(
                cell
                for side in ("left", "right")
                for cell in (
                    _percent(both[side].ratio),
                    number(both[side].z, 1),
                    number(both[side].percentile, 0),
                )
            ),
        ]
        for name, both in sides.items()
    ]
    left_out = (
        f" Not adjusted for {_listed(found.not_adjusted_for)}: not known."
        if found.not_adjusted_for
        else ""
    )
    return Table(
        f"Volumes beside the reference group ({found.participants} {found.group})",
        ["Region", "Left, %", "z", "Percentile", "Right, %", "z", "Percentile"],
        rows,
        "Per cent against the template, the head's size taken out; z and percentile"
        " against a linear regression in the cognitively normal training participants,"
        f" adjusted for {_listed(found.adjusted_for)}.{left_out} Measured by"
        " registration to one template; no norm of a population.",
    )


def _regions(page: OneScan) -> RegionalTable:
    found = page.answer.regions
    if found is None or not found.regions:
        raise MissingDerivativeError(NOT_ASKED if found is None else found.reason)
    return found


def _bars(
    axes: Axes, names: list[str], found: list[RegionVolume], offset: float
) -> None:
    heights = np.array([names.index(each.region) for each in found]) + offset
    values = [each.z for each in found]
    colours = [
        FAINT if abs(each) <= BEYOND else ORANGE if each > 0 else BLUE
        for each in values
    ]
    axes.barh(heights, values, height=0.34, color=colours)
    for height, each in zip(heights, values, strict=True):
        side = 1 if each >= 0 else -1
        axes.annotate(
            number(each, 1),
            (each, height),
            xytext=(3 * side, 0),
            textcoords="offset points",
            ha="left" if side > 0 else "right",
            va="center",
            fontsize=6.5,
        )


def _listed(words: tuple[str, ...]) -> str:
    if len(words) < 2:
        return words[0] if words else "nothing"
    return f"{', '.join(words[:-1])} and {words[-1]}"


def _signed(value: float) -> str:
    return f"{value:+.2f}".replace("-", MINUS)


def _percent(ratio: float) -> str:
    return f"{100 * (ratio - 1):+.1f}".replace("-", MINUS)
