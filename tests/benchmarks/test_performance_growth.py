"""Growth of the stages: each can be measured, and finds nothing wrong."""

from pathlib import Path

import pytest
from benchmarks import performance_growth
from benchmarks.performance_growth import SHARED, STAGES, SharedMaps, main


# The report is written in tests/report, and evaluated first, which takes seconds.
@pytest.mark.parametrize("name", sorted({*STAGES} - {"report"}))
def test_a_stage_runs_with_its_rows(name: str, tmp_path: Path) -> None:
    STAGES[name](12, tmp_path)()


def test_people_of_a_reported_run_share_the_maps_of_a_few(tmp_path: Path) -> None:
    SharedMaps(participants=SHARED + 1).write(tmp_path)
    found = sorted((tmp_path / "derivatives").rglob("sub-*logjacobian*.nii.gz"))
    assert len(found) == SHARED + 1
    assert found[0].samefile(found[-1])
    assert not found[0].samefile(found[1])


def test_stages_and_sizes_are_a_table(monkeypatch, capsys) -> None:
    monkeypatch.setattr(performance_growth, "measure", lambda _, number: (number, 7))
    main(["--stages", "folds", "--people", "100", "1000"])
    printed = capsys.readouterr().out.splitlines()
    assert printed[2:] == ["| folds | 100 | 100 | 7 |", "| folds | 1,000 | 1e+03 | 7 |"]
