"""Identity of a fold of a model, and the way from its folder back to it."""

from pathlib import Path

import pytest

from crosswarp.study.fold import ModelFold, fold_at, fold_folders, run_of_bundle


def test_a_folder_says_which_fold_it_is() -> None:
    one = ModelFold("jsm", 2, 10)
    assert fold_at(one.folder(Path("run"))) == one


@pytest.mark.parametrize(
    "name", ["bundle", ".unfinished-repeat-0_fold-0", "repeat-0", "repeat-x_fold-0"]
)
def test_another_folder_is_no_fold(name: str) -> None:
    assert fold_at(Path("run/models/jsm") / name) is None


def test_all_models_draw_alike_in_a_fold() -> None:
    one, other = ModelFold("jsm", 0, 1), ModelFold("t1w", 0, 1)
    assert one.seed(7) == other.seed(7)
    assert len({one.seed(7), one.seed(8), ModelFold("jsm", 1, 1).seed(7)}) == 3


def test_folders_are_listed_by_number(tmp_path: Path) -> None:
    folds = [ModelFold("jsm", 0, number) for number in (0, 2, 10)]
    for fold in reversed(folds):
        fold.bundle(tmp_path).mkdir(parents=True)
    (tmp_path / "models/jsm/.unfinished-repeat-0_fold-3").mkdir()
    found = fold_folders(tmp_path, "jsm")
    assert found == [fold.folder(tmp_path) for fold in folds]
    assert fold_folders(tmp_path, "t1w") == []


def test_a_bundle_leads_to_its_run(tmp_path: Path) -> None:
    assert run_of_bundle(ModelFold("jsm", 0, 0).bundle(tmp_path)) == tmp_path
    assert run_of_bundle(tmp_path / "elsewhere" / "a" / "b" / "bundle") is None
    assert run_of_bundle(Path("/bundle")) is None
