"""A tiny study that was run once."""

from collections.abc import Iterator
from dataclasses import dataclass, field
from pathlib import Path

import pytest

from crosswarp.running.run import StudyResult, run_study
from crosswarp.study.settings import Study
from tests.made_maps import Here
from tests.tiny_study import quick, write_data, write_study


@dataclass
class Heard:
    """What a run tells, in order."""

    said: list[str] = field(default_factory=list)
    warned: list[str] = field(default_factory=list)
    stages: list[str] = field(default_factory=list)
    notes: list[str] = field(default_factory=list)

    def stage(self, name: str, total: int) -> None:
        self.stages.append(f"{name}: {total}")

    def advance(self, note: str = "") -> None:
        self.notes.append(note)

    def news(self, piece: str, text: str) -> None:
        pass

    def done(self) -> None:
        pass


@dataclass
class Ran:
    """A study that was run, and how to run it again."""

    file: Path
    heard: Heard
    result: StudyResult

    @property
    def out(self) -> Path:
        return self.file.parent

    def again(self, **asked: object) -> tuple[StudyResult, Heard]:
        return run_here(self.file, **asked)


def run_here(file: Study | Path, **asked: object) -> tuple[StudyResult, Heard]:
    """Run a study in this process."""
    heard = Heard()
    result = run_study(
        file,
        engine=Here(),
        progress=heard,
        tell=(heard.said.append, heard.warned.append),
        **asked,
    )
    return result, heard


@pytest.fixture(scope="module")
def ran(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Ran]:
    folder = tmp_path_factory.mktemp("study")
    write_data(folder)
    file = write_study(folder)
    with pytest.MonkeyPatch.context() as patch:
        quick(patch)
        result, heard = run_here(file)
        yield Ran(file, heard, result)
