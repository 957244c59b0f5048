"""Bars: lines where there is no terminal, nothing when quiet."""

import pytest

from crosswarp.cli import progress as module
from crosswarp.cli.progress import Bars
from crosswarp.execution.progress import Progress


def use(bars: Bars) -> None:
    with bars as shown:
        shown.stage("preprocess", 2)
        shown.news("sub-01", "half done")
        shown.advance("sub-01")
        shown.advance("sub-02")
        shown.done()


def test_it_is_a_progress() -> None:
    assert isinstance(Bars(), Progress)


def test_lines_say_how_far_and_how_long(
    monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    monkeypatch.setattr(module, "LINE_EVERY_SECONDS", -1.0)
    use(Bars())
    lines = capsys.readouterr().err.splitlines()
    assert lines[0] == "preprocess: 2 to do"
    assert lines[1] == "preprocess: 0 of 2 sub-01: half done"
    assert lines[2].startswith("preprocess: 1 of 2, 0 s left sub-01")
    assert lines[-1] == "preprocess: done in 0 s"


def test_lines_are_not_printed_all_the_time(
    capsys: pytest.CaptureFixture[str],
) -> None:
    use(Bars())
    assert len(capsys.readouterr().err.splitlines()) == 2


def test_quiet_prints_nothing(capsys: pytest.CaptureFixture[str]) -> None:
    use(Bars(quiet=True))
    assert capsys.readouterr().err == ""


def test_a_terminal_gets_bars(
    monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    monkeypatch.setattr("sys.stderr.isatty", lambda: True)
    use(Bars())
    printed = capsys.readouterr().err
    assert "preprocess" in printed
    assert "2/2" in printed
