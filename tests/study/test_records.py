"""Records of training, and of where it ran."""

from pathlib import Path

import pytest

from crosswarp.documents import read_json
from crosswarp.errors import InputError, MissingDerivativeError
from crosswarp.files import write_json
from crosswarp.study.environment import (
    environment_here,
    read_environment,
    write_environment,
)
from crosswarp.study.records import BaselineRecord, FoldRecord, read_fold, write_fold
from crosswarp.study.run import finish_run, require_run

RECORD = BaselineRecord(
    fingerprint="f",
    strength=10.0,
    fwhm_mm=4.0,
    inner_auc=0.75,
    calibrated_on=None,
    seconds=1.5,
    peak_mb=200,
)


def test_the_record_of_a_fold_names_its_files(tmp_path: Path) -> None:
    (tmp_path / "predictions.tsv").write_text("a\n")
    done = write_fold(tmp_path, RECORD)
    assert list(done["products"]) == ["predictions.tsv"]
    assert (done["strength"], done["calibrated_on"]) == (10.0, None)
    assert read_json(tmp_path / "done.json") == done
    assert read_fold(tmp_path) == FoldRecord(fingerprint="f", seconds=1.5, peak_mb=200)


def test_a_record_that_cannot_be_read_is_none(tmp_path: Path) -> None:
    assert read_fold(tmp_path) is None
    (tmp_path / "done.json").write_text("{")
    assert read_fold(tmp_path) is None
    write_json(tmp_path / "done.json", {"seconds": "long"})
    assert read_fold(tmp_path) is None


def test_the_record_of_a_run_says_what_it_was_told(tmp_path: Path) -> None:
    finish_run(tmp_path, [], failed=["jsm repeat 0 fold 1"], maps={"sub-01": "d"})
    found = require_run(tmp_path)
    assert found.failed == ("jsm repeat 0 fold 1",)
    assert found.maps == {"sub-01": "d"}
    assert "cells" not in read_json(tmp_path / "run.json")
    write_json(tmp_path / "run.json", {"failed": "jsm"})
    with pytest.raises(InputError, match=r"failed: .*; run `crosswarp compare` again"):
        require_run(tmp_path)


def test_versions_are_recorded(tmp_path: Path) -> None:
    write_environment(tmp_path, environment_here())
    assert read_environment(tmp_path) == environment_here()
    assert "torch" in read_environment(tmp_path).versions
    write_json(tmp_path / "environment.json", {"packages": {"torch": "2"}})
    with pytest.raises(InputError, match=r"python: Field required; run `crosswarp com"):
        read_environment(tmp_path)
    (tmp_path / "environment.json").unlink()
    with pytest.raises(MissingDerivativeError, match="`crosswarp compare` writes it"):
        read_environment(tmp_path)
