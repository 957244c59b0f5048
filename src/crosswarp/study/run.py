"""What belongs together in the folder of a run, and how it is told.

``run.json`` is written last by `crosswarp compare`, and before
anything is changed it says that they have begun. Every stage that reads a run, or what
another stage made of it, does so through `require_run`, `study.metrics.read_metrics`
and their like. A folder without ``run.json`` is made by hand, or by a version before
there was one: its predictions are taken as they are, for their networks cannot be
retrained by everyone who has them.
"""

from collections.abc import Iterable, Iterator, Mapping
from contextlib import contextmanager
from pathlib import Path
from typing import Any, Final

from crosswarp.documents import path_from, read_as, read_object, read_settings
from crosswarp.errors import InputError, MissingDerivativeError, MixedError
from crosswarp.files import file_digest, fingerprint, remove_unfinished
from crosswarp.locks import locked
from crosswarp.provenance import (
    SOURCES,
    begin_record,
    changed_sources,
    is_begun,
    require_whole,
    write_record,
)
from crosswarp.study.names import (
    ATTRIBUTION_RECORD,
    EXPERIMENT,
    METRICS,
    POWER,
    PREDICTIONS,
    REPORT_RECORD,
    RUN_RECORD,
)
from crosswarp.study.records import RunRecord
from crosswarp.study.version import FORMAT, require_version

HEAD_SIZES: Final = "brain volumes"
"""What an evaluation takes from the ledger of the maps."""

LINKED: Final = ("cohort", "folds")
"""Tables elsewhere that the experiment file names; told by the bytes of the file."""

PATHS: Final = ("cohort", "derivatives", "folds", "pretrained")
"""Keys of the experiment file that say where something lies, not what is done."""

COMPARE: Final = "crosswarp compare"

STAGES: Final = {
    METRICS: "crosswarp evaluate",
    POWER: "crosswarp power",
    ATTRIBUTION_RECORD: "crosswarp explain",
    REPORT_RECORD: "crosswarp report",
}
"""Records that later stages leave in a run, and the commands that make them."""


@contextmanager
def working_on(run: Path) -> Iterator[None]:
    """Be the only process that works on a run, and sweep what killed ones left.

    Args:
        run: Folder of the run; made when it is not there.

    Raises:
        LockedError: If another process works on it.
        StorageError: If nothing can be written there.
    """
    with locked(run):
        for folder in sorted(path for path in run.rglob("*") if path.is_dir()):
            remove_unfinished(folder)
        yield


def begin_run(run: Path, tasks: Iterable[str] = ()) -> None:
    """Say that training works on a run, before anything of it is changed.

    Args:
        run: Folder of the run, or that of several tasks.
        tasks: Names of their folders.
    """
    begin_record(run / RUN_RECORD, {"format": FORMAT, "tasks": list(tasks)})


def finish_run(
    run: Path,
    products: Iterable[str],
    sources: Mapping[str, str | None] | None = None,
    **content: Any,  # noqa: ANN401 - what JSON holds
) -> None:
    """Say that a run is complete; the last file that training writes.

    Args:
        run: Folder of the run, or that of several tasks.
        products: Files that may be there; those that are not are left out.
        sources: What was read, as it was when the work began.
        content: Fields of `RunRecord`.
    """
    there = [name for name in products if (run / name).is_file()]
    record = RunRecord(**{"format": FORMAT, "tasks": (), **content})
    told = record.model_dump(mode="json", exclude_unset=True)
    write_record(run / RUN_RECORD, told, products=there, sources=sources)


def require_run(run: Path) -> RunRecord:
    """Refuse a run whose files do not belong together.

    Returns:
        Its record; empty for a run without one.

    Raises:
        MixedError: If training was begun and has not ended, or predictions, exchanges,
            ledger or settings are not those of its end. Names the command.
        InputError: If the record holds something else.
    """
    path = run / RUN_RECORD
    if not path.is_file():
        return RunRecord()
    require_version(run)
    require_whole(path, sources_now(run, [EXPERIMENT]), COMPARE)
    return read_as(path, RunRecord, f"run `{COMPARE}` again")


def require_maps(record: RunRecord, digests: Mapping[str, str]) -> None:
    """Refuse maps that are not those a run was trained on.

    Args:
        record: Of the run; one without digests of maps refuses none.
        digests: Of maps as they are now, by the label of their scan.

    Raises:
        MixedError: Naming a scan, and the command.
    """
    trained_on = record.maps
    changed = [
        label
        for label, digest in digests.items()
        if label in trained_on and trained_on[label] != digest
    ]
    if changed:
        msg = (
            f"the maps of {len(changed)} scans, such as {changed[0]}, were made anew"
            f" since training; run `{COMPARE}` again"
        )
        raise MixedError(msg)


def tasks_of(run: Path) -> list[str] | None:
    """Name the tasks of a run, in folders of theirs.

    Returns:
        None where no record says so.

    Raises:
        MixedError: If training was begun and has not ended, or one of the tasks has
            been trained on its own since.
    """
    path = run / RUN_RECORD
    tasks = read_object(path).get("tasks") if path.is_file() else None
    if not isinstance(tasks, list) or not tasks:
        return None
    require_version(run)
    require_whole(path, {}, COMPARE)
    return [str(task) for task in tasks]


def require_ended(run: Path) -> None:
    """Refuse a run that training has begun to change.

    Raises:
        MixedError: Naming the command.
    """
    require_version(run)
    if is_begun(read_object(run / RUN_RECORD)):
        require_run(run)


def require_of_predictions(run: Path, name: str, key: str, command: str) -> Path:
    """Refuse what a stage made of other predictions or settings than those of now.

    Args:
        run: Folder of the run.
        name: Name of the stage's record.
        key: Field of the record that has the digest of the predictions.
        command: Command that makes it.

    Returns:
        Path of the record.

    Raises:
        MissingDerivativeError: If there is none.
        MixedError: If it is of other predictions or settings.
    """
    path = run / name
    if not path.is_file():
        msg = f"no {name} in the run; `{command}` writes it"
        raise MissingDerivativeError(msg)
    now = sources_now(run, [PREDICTIONS, EXPERIMENT])
    found = require_whole(path, now, command)  # on a page: no folder
    # All that records of earlier versions have.
    if found.get(key) != now[PREDICTIONS]:
        raise MixedError(not_of_these_predictions(path.name, command))
    return path


def not_of_these_predictions(name: str, command: str) -> str:
    """Word that a file was made from other predictions, and what makes it again."""
    return (
        f"{name} is not of this {PREDICTIONS}, which was written later; run"
        f" `{command}` again"
    )


def sources_now(run: Path, names: Iterable[str]) -> dict[str, str | None]:
    """Digest what stages read of a run, as it is now.

    Args:
        run: Folder of the run.
        names: `EXPERIMENT`, of which places do not count; those of `LINKED`; files of
            the run.

    Returns:
        By name. None for what is gone from the run. What lies elsewhere and is not
        there is left out: nothing of it can stand beside what was made from it.
    """
    found: dict[str, str | None] = {}
    for name in [name for name in names if name != HEAD_SIZES]:
        path = linked(run, name) if name in LINKED else run / name
        if name == EXPERIMENT:
            found[name] = settings_digest(run)
        elif path is not None and path.is_file():
            found[name] = file_digest(path)
        elif name not in LINKED and not name.startswith(".."):
            found[name] = None
    return found


def outdated(run: Path) -> list[str]:
    """Say what in a run was made from other files than those that are there now.

    Returns:
        A line for each, with the command that makes it again.
    """
    lines = []
    for name, command in STAGES.items():
        record = read_object(run / name)
        made_from = record.get(SOURCES)
        names = list(made_from) if isinstance(made_from, dict) else []
        if is_begun(record) or changed_sources(record, sources_now(run, names)):
            lines.append(f"{name} is of before; run `{command} {run}` again")
    return lines


def settings_digest(run: Path) -> str | None:
    """Digest the choices of a run's experiment file; None where it has none.

    Where cohort, maps and folds lie does not count, so that a run may be moved. The
    tables are told by their own digests.
    """
    settings = settings_of(run)
    if settings is None:
        return None
    told = {key: value for key, value in settings.items() if key not in PATHS}
    started = settings.get("pretrained")
    told["pretrained"] = sorted(map(str, started)) if isinstance(started, dict) else []
    return fingerprint(repr(sorted(told.items(), key=lambda item: str(item[0]))))


def linked(run: Path, name: str) -> Path | None:
    """Find a table that a run's experiment file names; None where it names none."""
    given = (settings_of(run) or {}).get(name)
    return path_from(run, given) if isinstance(given, str) else None


def settings_of(run: Path) -> dict[str, Any] | None:
    """Read a run's experiment file; None where there is none that can be read."""
    try:
        return read_settings(run / EXPERIMENT)
    except (FileNotFoundError, InputError):
        return None
