"""Write the page of one scan: one file that holds everything it shows."""

from collections.abc import Callable
from functools import partial
from pathlib import Path
from typing import Final

from crosswarp.bids.cohort import VIRTUAL_NOTICE
from crosswarp.files import written_whole
from crosswarp.models.bundle_card import BundleCard, read_card
from crosswarp.prediction.answer import ScanPrediction
from crosswarp.prediction.places import find_bundles
from crosswarp.preprocessing.limits import QualityLimits
from crosswarp.report.one_scan import answer as answer_parts
from crosswarp.report.one_scan import findings, held_out, maps, quality, why
from crosswarp.report.one_scan.source import OneScan
from crosswarp.report.shown import Part, Section, render, said_once, show
from crosswarp.report.wording import count
from crosswarp.study.names import ANSWER_ENDING, ANSWER_PAGE_ENDING, ANSWERS

MakePart = Callable[[OneScan], Part | None]

SECTIONS: Final[tuple[tuple[str, str, tuple[tuple[str, MakePart], ...]], ...]] = (
    (
        "answer",
        "Answer",
        (
            ("warning", answer_parts.warn),
            ("unlike", findings.warn),
            ("answer", answer_parts.tabulate),
            ("changes", answer_parts.tabulate_changes),
            ("held_out", held_out.draw),
            ("held_out_scans", held_out.tabulate),
        ),
    ),
    ("doubts", "Doubts", (("doubts", findings.tabulate_doubts),)),
    (
        "why",
        "Why",
        (
            ("shares", findings.tabulate_shares),
            ("attribution", why.draw),
            ("evidence", why.tabulate),
        ),
    ),
    (
        "regions",
        "Regions",
        (
            ("bars", findings.draw_regions),
            ("beside", findings.tabulate_regions),
            ("volumes", maps.tabulate),
        ),
    ),
    ("scan", "Maps", (("scan", maps.draw),)),
    ("quality", "Quality control", (("quality", quality.tabulate),)),
    ("notes", "What a reader must know", (("notes", answer_parts.explain),)),
)
"""The page from top to bottom: anchor, heading, and named parts of each section."""


def page_of(out: Path, answer: ScanPrediction) -> Path:
    """Name the page of an answer: beside the answer's own file."""
    return (
        out / ANSWERS / f"{answer.file.removesuffix(ANSWER_ENDING)}{ANSWER_PAGE_ENDING}"
    )


def write_scan_page(bundle: Path, out: Path, answer: ScanPrediction) -> Path:
    """Write the page of one answer: ``predictions/<answer>_prediction.html``.

    The page asks nothing of the network and runs no script. Where the bundle lies in
    its run, the answer stands before those to held-out participants; what is missing
    is left out with a line saying so. The same answer gives the same bytes.

    Args:
        bundle: Folder that was asked: a bundle, or a model's folder in a run.
        out: Folder that the answer was written to.
        answer: As `predict_scan` returned it.

    Returns:
        The path of the page.
    """
    card = read_card(find_bundles(bundle)[0])
    source = OneScan(out, answer, (card.space, card.resolution), bundle, _limits(card))
    sections = [
        Section(
            anchor, title, said_once([show(n, partial(m, source)) for n, m in parts])
        )
        for anchor, title, parts in SECTIONS
    ]
    page = render(
        VIRTUAL_NOTICE if card.origin == "virtual" else None,
        command="crosswarp predict",
        title=answer.scan.label,
        positive=None,
        trained_on=_trained_on(card),
        sections=sections,
    )
    with written_whole(page_of(out, answer)) as temporary:
        temporary.write_text(page, encoding="utf-8")
    return page_of(out, answer)


def _limits(card: BundleCard) -> QualityLimits:
    made_with = card.made_with
    return QualityLimits() if made_with is None else made_with.settings.limits


def _trained_on(card: BundleCard) -> str:
    people = count(len(card.people), f"{card.origin} participant")
    return f"{card.model.name}, {' against '.join(card.classes)}, trained on {people}"
