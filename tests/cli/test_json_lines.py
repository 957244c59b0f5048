"""One JSON object a line, whatever happens."""

import json
from datetime import datetime

import pytest

from crosswarp.cli.json_lines import JsonLines
from crosswarp.cli.progress import Bars
from crosswarp.cli.shown import shown
from crosswarp.errors import InputError
from crosswarp.execution.progress import Progress


def test_it_is_a_progress() -> None:
    assert isinstance(JsonLines(), Progress)


@pytest.mark.parametrize("quiet", [True, False])
def test_who_is_told(quiet: bool) -> None:
    assert isinstance(shown(quiet, True), JsonLines)
    assert isinstance(shown(quiet, False), Bars)


def test_every_event_is_an_object_a_line(capsys: pytest.CaptureFixture[str]) -> None:
    def work(watched: JsonLines) -> None:
        watched.stage("train", 4)
        watched.news("jsm fold 0", "epoch 3, validation AUC 0.81")
        watched.advance("jsm fold 0: ok")
        watched.done()
        watched.say("done\nin out")
        msg = "no more"
        raise InputError(msg)

    with pytest.raises(InputError), JsonLines() as watched:
        work(watched)
    printed = capsys.readouterr()
    assert printed.err == ""
    events = [json.loads(line) for line in printed.out.splitlines()]
    for event in events:
        assert datetime.fromisoformat(event.pop("time")).utcoffset() is not None
    assert 0 <= events[2].pop("seconds_left") < 30
    assert 0 <= events[3].pop("seconds") < 10
    assert events == [
        {"event": "stage", "stage": "train", "total": 4},
        {
            "event": "news",
            "stage": "train",
            "piece": "jsm fold 0",
            "text": "epoch 3, validation AUC 0.81",
        },
        {
            "event": "advance",
            "stage": "train",
            "note": "jsm fold 0: ok",
            "count": 1,
            "total": 4,
        },
        {"event": "done", "stage": "train", "count": 1},
        {"event": "message", "text": "done\nin out"},
        {"event": "error", "text": "InputError: no more"},
    ]
