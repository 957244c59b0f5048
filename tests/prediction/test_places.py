"""find_bundles: one bundle, or one of each fold."""

from pathlib import Path

import pytest

from crosswarp.errors import InputError
from crosswarp.prediction.places import find_bundles
from crosswarp.study.names import BUNDLE_CARD


def test_a_bundle_is_itself(tmp_path: Path) -> None:
    (tmp_path / BUNDLE_CARD).write_text("{}")
    assert find_bundles(tmp_path) == [tmp_path]


def test_the_folds_of_a_model_in_order(tmp_path: Path) -> None:
    folders = [tmp_path / f"repeat-0_fold-{fold}" / "bundle" for fold in (1, 0)]
    for folder in folders:
        folder.mkdir(parents=True)
        (folder / BUNDLE_CARD).write_text("{}")
    assert find_bundles(tmp_path) == folders[::-1]


def test_nothing_is_said_plainly(tmp_path: Path) -> None:
    with pytest.raises(InputError, match="RUN/models/NAME"):
        find_bundles(tmp_path)
