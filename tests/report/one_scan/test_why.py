"""Why: the page shows what `crosswarp explain` wrote, and says when it did not."""

from pathlib import Path

import numpy as np
import pytest

from crosswarp.bids.names import derivative_path
from crosswarp.errors import MissingDerivativeError
from crosswarp.preprocessing.limits import QualityLimits
from crosswarp.report.one_scan import why
from crosswarp.report.one_scan.source import OneScan
from crosswarp.study.findings import MapShares
from crosswarp.study.names import ANSWERS
from crosswarp.study.scan_explanation import (
    AttendedRegion,
    RegionEvidence,
    ScanExplanation,
    write_scan_explanation,
)
from tests.report.fake_run import SPACE, save
from tests.report.one_scan.conftest import FILE, answer

PAIR = AttendedRegion(
    asking="jsm",
    source="hippocampus left",
    target="amygdala left",
    share=0.1,
    enrichment=2.5,
)


def explained(tmp_path: Path, *attention: AttendedRegion) -> OneScan:
    """A scan of noise with an attribution of known sign."""
    said, affine = answer(), np.diag([2.0, 2.0, 2.0, 1.0])
    affine[:3, 3] = (-96, -132, -78)
    rng = np.random.default_rng(0)
    values = rng.uniform(0, 1, (97, 115, 97))
    for desc in ("preproc", "logjacobian"):
        path = derivative_path(tmp_path, said.scan, space=SPACE, res=2, desc=desc)
        path.parent.mkdir(parents=True, exist_ok=True)
        save(path, values, affine)
    (tmp_path / ANSWERS).mkdir()
    save(tmp_path / ANSWERS / "map.nii.gz", values - 0.5, affine)
    row = RegionEvidence(
        region="hippocampus",
        hemisphere="left",
        attribution={"jsm": 1.25},
        occlusion=-0.5,
    )
    found = ScanExplanation(
        positive="AD",
        networks=2,
        method="gradients",
        completeness_error_logits=0.125,
        shares=MapShares(t1w=0, jsm=1, reference=0),
        regions=(row,),
        attention=attention,
        maps={"jsm": "map.nii.gz"},
    )
    name = FILE.replace("_prediction.json", "_explanation.json")
    write_scan_explanation(tmp_path / ANSWERS / name, found)
    return OneScan(tmp_path, said, (SPACE, 2), tmp_path / "b", QualityLimits())


def test_the_attribution_lies_over_the_scan(tmp_path: Path) -> None:
    drawn = why.draw(explained(tmp_path))
    assert "red speaks for AD" in drawn.caption
    assert "by 0.1" in drawn.caption
    assert len(drawn.figure.axes) >= 3


def test_regions_are_listed_with_attention(tmp_path: Path) -> None:
    table = why.tabulate(explained(tmp_path, PAIR))
    assert table.rows == [["hippocampus, left", "+1.25", "\u22120.50"]]
    assert table.columns == ["Region", "log-Jacobian map", "Without the region"]
    assert "hippocampus left (log-Jacobian map) to amygdala left 2.5 times" in (
        table.note
    )


def test_a_network_without_attention_says_so(tmp_path: Path) -> None:
    assert "no cross-attention" in why.tabulate(explained(tmp_path)).note


def test_a_scan_that_was_not_explained_says_how(tmp_path: Path) -> None:
    page = OneScan(tmp_path, answer(), (SPACE, 2), tmp_path, QualityLimits())
    with pytest.raises(MissingDerivativeError, match="crosswarp explain BUNDLE SCAN"):
        why.draw(page)
