"""Doubts, regions and shares as the page shows them."""

from pathlib import Path

import pytest

from crosswarp.errors import MissingDerivativeError
from crosswarp.preprocessing.limits import QualityLimits
from crosswarp.report.one_scan import answer as answer_parts
from crosswarp.report.one_scan import findings, maps
from crosswarp.report.one_scan.source import OneScan
from crosswarp.study.findings import (
    AtPrevalence,
    Doubt,
    Doubts,
    Level,
    MapShares,
    RegionalTable,
    RegionVolume,
)
from tests.report.fake_run import SPACE
from tests.report.one_scan.conftest import answer


def region(name: str, side: str, z: float) -> RegionVolume:
    return RegionVolume(
        region=name,
        hemisphere=side,
        labels=(1,),
        centre_mm=(0.0, 0.0, 0.0),
        ratio=0.9,
        expected=1.0,
        z=z,
        percentile=1.2,
    )


TABLE = RegionalTable(
    participants=20,
    adjusted_for=("age", "head size"),
    not_adjusted_for=("sex",),
    regions=(
        region("hippocampus", "left", -3.2),
        region("hippocampus", "right", 0.4),
        region("lateral ventricle", "left", 2.5),
        region("lateral ventricle", "right", 1.0),
    ),
)
SHARES = MapShares(t1w=0.5, jsm=1.25, reference=-0.75, whom="20 CN participants")


def page(tmp_path: Path, **changes: object) -> OneScan:
    said = answer(**changes)
    return OneScan(tmp_path, said, (SPACE, 2), tmp_path / "b", QualityLimits())


def doubt(level: Level) -> Doubts:
    one = Doubt(
        name="embedding", value=4.0, percentile=100, level=level, sentence="It is far."
    )
    return Doubts(level=level, compared=(one,), missing=("age: not known",))


def test_a_doubt_is_set_apart_and_listed(tmp_path: Path) -> None:
    found = page(tmp_path, doubts=doubt(Level.WARNING))
    warning = findings.warn(found)
    assert warning is not None
    assert (warning.is_warning, warning.points) == (True, ["It is far."])
    table = findings.tabulate_doubts(found)
    assert table.rows == [["Distance, for the networks", "4.0", "100", "warning"]]
    assert "Not compared: age: not known." in table.note
    refused = findings.warn(page(tmp_path, doubts=doubt(Level.REFUSAL)))
    assert refused is not None
    assert "no number should be given" in refused.paragraphs[0]
    assert findings.warn(page(tmp_path, doubts=doubt(Level.NONE))) is None


def test_bars_and_table_say_the_same(tmp_path: Path) -> None:
    found = page(tmp_path, regions=TABLE)
    drawn = findings.draw_regions(found)
    widths = [bar.get_width() for bar in drawn.figure.axes[0].patches[:4]]
    assert widths == [-3.2, 2.5, 0.4, 1.0]
    assert "hippocampus left \u22123.2; lateral ventricle left 2.5" in drawn.alternative
    table = findings.tabulate_regions(found)
    hippocampus = ["\u221210.0", "\u22123.2", "1", "\u221210.0", "0.4", "1"]
    assert table.rows[0] == ["hippocampus", *hippocampus]
    assert "adjusted for age and head size. Not adjusted for sex" in table.note
    # The long list of all regions is left out.
    assert maps.tabulate(found) is None


def test_shares_are_listed_with_their_sum(tmp_path: Path) -> None:
    rows = findings.tabulate_shares(page(tmp_path, shares=SHARES)).rows
    assert [row[1] for row in rows] == ["\u22120.75", "+0.50", "+1.25", "+1.00"]


def test_the_prevalence_stands_under_the_answer(tmp_path: Path) -> None:
    prior = {"CN": 0.5, "AD": 0.5}
    moved = AtPrevalence(
        prevalence=0.1, training=0.5, probabilities={"CN": 0.8, "AD": 0.2}
    )
    note = answer_parts.tabulate(page(tmp_path, training_prior=prior)).note
    assert "expect AD in 50\u00a0% of scans" in note
    found = page(tmp_path, training_prior=prior, at_prevalence=moved)
    assert "10\u00a0% have AD, the probability of AD is 0.200" in (
        answer_parts.tabulate(found).note
    )


def test_what_is_lacking_is_said(tmp_path: Path) -> None:
    old = page(tmp_path)
    for part in (
        findings.tabulate_doubts,
        findings.tabulate_shares,
        findings.draw_regions,
    ):
        with pytest.raises(MissingDerivativeError):
            part(old)
    few = page(tmp_path, regions=RegionalTable(reason="too few people"))
    with pytest.raises(MissingDerivativeError, match="too few people"):
        findings.tabulate_regions(few)
    none = page(tmp_path, regions=TABLE.model_copy(update={"adjusted_for": ()}))
    assert "adjusted for nothing" in findings.tabulate_regions(none).note
