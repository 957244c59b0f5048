"""The listener that says nothing is a listener."""

import pytest

from crosswarp.execution.progress import Progress, SilentProgress


def test_silence_is_progress(capsys: pytest.CaptureFixture[str]) -> None:
    progress: Progress = SilentProgress()
    progress.stage("anything", 2)
    progress.advance("one")
    progress.news("two", "half done")
    progress.done()
    assert capsys.readouterr() == ("", "")
