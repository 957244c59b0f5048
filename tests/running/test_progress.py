"""Progress over all steps: their numbers, and the time left in all."""

from crosswarp.execution.progress import Progress
from crosswarp.running.progress import StudyProgress
from tests.running.conftest import Heard


def test_time_of_later_steps_is_that_of_before() -> None:
    heard = Heard()
    seconds = {"compare": 60.0, "evaluate": 7200.0, "report": 1.0}
    shown = StudyProgress(heard, ["compare", "evaluate", "report"], seconds)
    assert isinstance(shown, Progress)
    shown.begin("compare")
    shown.stage("train", 1)
    shown.advance("jsm repeat 0 fold 0")
    assert heard.stages == ["step 1 of 3, train: 1"]
    assert heard.notes == ["jsm repeat 0 fold 0; about 2.0 h left in all"]
    shown.begin("evaluate")
    shown.stage("evaluate", 1)
    shown.advance()
    assert heard.stages[1:] == ["step 2 of 3, evaluate: 1"]
    assert heard.notes[1:] == ["about 1 s left in all"]


def test_steps_that_were_never_done_are_not_counted() -> None:
    heard = Heard()
    shown = StudyProgress(heard, ["compare", "report"], {"report": 600.0})
    shown.begin("compare")
    shown.stage("train", 1)
    shown.advance()
    assert heard.notes == ["about 10 min left in all"]
    other = StudyProgress(heard, ["compare", "report"], {})
    other.begin("compare")
    other.stage("train", 1)
    other.advance()
    assert heard.notes[1:] == ["at least 0 s left in all"]
