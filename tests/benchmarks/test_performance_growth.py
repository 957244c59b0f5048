"""Growth of the stages: each can be measured, and finds nothing wrong."""

from pathlib import Path

import pytest
from benchmarks import performance_growth
from benchmarks.performance_growth import STAGES, main


@pytest.mark.parametrize("name", STAGES)
def test_a_stage_runs_with_its_rows(name: str, tmp_path: Path) -> None:
    STAGES[name](12, tmp_path)()


def test_stages_and_sizes_are_a_table(monkeypatch, capsys) -> None:
    monkeypatch.setattr(performance_growth, "measure", lambda _, number: (number, 7))
    main(["--stages", "folds", "--people", "100", "1000"])
    printed = capsys.readouterr().out.splitlines()
    assert printed[2:] == ["| folds | 100 | 100 | 7 |", "| folds | 1,000 | 1e+03 | 7 |"]
