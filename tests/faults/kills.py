"""One stage, killed at a file event: what the same command makes of it afterwards."""

import shutil
from collections.abc import Mapping
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

from crosswarp.files import fingerprint
from tests.faults.harness import Ended, Harness, content, copy_of, differences, state
from tests.faults.stages import STAGES, Stage, write_study


@dataclass
class Bench:
    """A stage, the study before it, and its undisturbed end.

    Attributes:
        harness: That runs commands.
        stage: Which.
        study: Folder, as it is before the command.
        whole: State of the study after the undisturbed command.
        events: File events of that.
        shown: What the reader shows before the command, where that is something, and
            after it.
    """

    harness: Harness
    stage: Stage
    study: Path
    whole: Mapping[str, Any]
    events: list[str]
    shown: list[Mapping[str, Any]] = field(default_factory=list)

    @property
    def work(self) -> Path:
        return self.study.with_name("work")

    def fresh(self) -> Path:
        return copy_of(self.study, "work")

    def command(self, **given: Any) -> Ended:
        return self.harness.run(self.stage.words, self.work, **given)

    def read(self) -> tuple[Ended, Mapping[str, Any]]:
        """Let the reader show what is there, in a copy."""
        here = self.work.rename(self.work.with_name("kept"))
        shutil.copytree(here, self.work, symlinks=True)
        for name in self.stage.shown:
            (self.work / name).unlink(missing_ok=True)
        ended = self.harness.run(self.stage.reader, self.work)
        shown = {
            name: content(self.work / name)
            for name in self.stage.shown
            if (self.work / name).is_file()
        }
        shutil.rmtree(self.work)
        here.rename(self.work)
        return ended, shown


def prepare(name: str, place: Path, harness: Harness, *, stale: bool) -> Bench:
    """Make the study of a stage ready, and run the stage undisturbed.

    Args:
        name: Of the stage.
        place: Folder to work in.
        harness: That runs commands.
        stale: Whether an older result of the stage is there, of other settings.
    """
    stage, study = STAGES[name], place / "study"
    before = (*stage.before, *([stage.words] if stale else []))
    shutil.copytree(_study_after(before, harness), study, symlinks=True)
    if stage.inputs:
        stage.inputs(study)
    shown: list[Mapping[str, Any]] = []
    bench = Bench(harness, stage, study, {}, [], shown)
    if stale and stage.change is not None:
        bench.fresh()
        if stage.reader:
            shown.append(bench.read()[1])
        stage.change(bench.work, harness)
        shutil.rmtree(study)
        bench.work.rename(study)
    bench.fresh()
    ended = bench.command(fault={"at": 0})
    assert ended.code == 0, ended.err
    bench.whole, bench.events = state(bench.work), ended.events
    if stale and stage.reader:
        ended, after = bench.read()
        assert ended.code == 0, ended.err
        shown.append(after)
    return bench


def _study_after(commands: tuple[list[str], ...], harness: Harness) -> Path:
    """Make a study and run commands in it, once for all stages that need the same."""
    done = "-".join(words[0] for words in commands) or "none"
    folder = harness.place / "studies" / f"{done}-{_mark(commands)}"
    if folder.is_dir():
        return folder
    work = folder.with_name("work")
    if not commands:
        write_study(work)
    else:
        shutil.copytree(_study_after(commands[:-1], harness), work, symlinks=True)
        ended = harness.run(commands[-1], work)
        assert ended.code == 0, ended.err
    return work.rename(folder)


def _mark(commands: tuple[list[str], ...]) -> str:
    return fingerprint([" ".join(words) for words in commands])


def killed_at(bench: Bench, at: int, what: str = "kill", **more: Any) -> list[str]:
    """Disturb a stage at an event, give its command again, and say what is wrong.

    Returns:
        Phrases; none when the command ended with the bytes of an undisturbed run, or
        refused with the command that mends it, and nobody showed old beside new.
    """
    bench.fresh()
    ended = bench.command(fault={"at": at, "what": what, **more})
    faults = []
    if not what.startswith("kill") and ended.code != 0:
        if not ended.refused:
            faults.append(f"no line of ours: {ended.code} {ended.err[-1500:]}")
        elif "give the same command again" not in ended.err:
            faults.append(f"no way out: {ended.err[-500:]}")
    if bench.shown:
        faults += _mixed(bench, some_failed=" failed, see " in ended.err)
    return faults + _mended(bench)


def _mixed(bench: Bench, *, some_failed: bool) -> list[str]:
    ended, shown = bench.read()
    if ended.refused:
        return [] if "crosswarp" in ended.said else [f"no way out: {ended.said}"]
    if ended.code != 0:
        return [f"the reader ended with {ended.code}: {ended.err[-1500:]}"]
    if shown in bench.shown:
        return []
    if some_failed and "failed in training" in str(shown):
        # Of the folds that did not fail, and said so.
        return []
    names = [differences(shown, known) for known in bench.shown]
    return [f"the reader shows neither the old nor the new: {names}"]


def _mended(bench: Bench) -> list[str]:
    again = bench.command()
    if again.refused and bench.stage.mends:
        if bench.stage.mends[0] not in again.err:
            return [f"the refusal does not say how to go on: {again.err[-500:]}"]
        words = [*bench.stage.words, *bench.stage.mends]
        again = bench.harness.run(words, bench.work)
    if again.code != 0:
        return [f"the same command ends with {again.code}: {again.err[-1500:]}"]
    found = differences(state(bench.work), bench.whole)
    left = list(bench.harness.temporary.iterdir())
    shutil.rmtree(bench.harness.temporary)
    bench.harness.temporary.mkdir()
    return [f"other bytes: {found}"] * bool(found) + [
        f"left in the temporary folder: {[p.name for p in left]}"
    ] * bool(left)
