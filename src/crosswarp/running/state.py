"""What each step is made from, and what it leaves: told without reading images."""

from collections.abc import Callable, Iterable
from importlib.metadata import version
from itertools import chain
from pathlib import Path
from typing import Any, Final, TypeAlias

from crosswarp.archives.writer import places_of
from crosswarp.bids.cohort import excluded_path
from crosswarp.bids.ledger import LEDGER
from crosswarp.bids.tables import read_table
from crosswarp.bids.walk import files_below
from crosswarp.documents import read_object
from crosswarp.errors import CrosswarpError
from crosswarp.files import file_digest, fingerprint
from crosswarp.preprocessing.settings import STEPS_VERSION as PREPROCESS_VERSION
from crosswarp.provenance import PRODUCTS, files_in
from crosswarp.running.folder import StudyFolder
from crosswarp.running.steps import Step
from crosswarp.simulation.settings import STEPS_VERSION as SIMULATION_VERSION
from crosswarp.study.names import (
    ATTRIBUTION,
    COHORT_PREDICTION,
    EXTERNAL,
    EXTERNAL_PAGE,
    METRICS,
    MODELS,
    PREDICTIONS,
    REPORT_RECORD,
    RUN_RECORD,
)
from crosswarp.study.sections import CohortRules
from crosswarp.training.experiment import Comparison
from crosswarp.training.settings import STEPS_VERSION as TRAINING_VERSION

_Files: TypeAlias = Callable[[StudyFolder], Iterable[Path]]

_TABLES: Final = frozenset({".tsv", ".csv", ".txt"})
"""Told by their bytes: a step that is done again may write the same ones."""

_CHOICES: Final = frozenset({".yaml", ".yml"})

_OF_STEP: Final[dict[Step, dict[str, Any]]] = {
    "simulate": {"data": {"simulation": True}},
    "preprocess": {"preprocessing": True},
    "cohort": {"cohort": True},
    "folds": {"folds": True, "seed": True, "missing_maps": True},
    "compare": {
        **dict.fromkeys(Comparison.model_fields, True),
        "preprocessing": {"resolution", "registration", "template"},
        "missing_maps": True,
    },
    "evaluate": {"evaluation": True, "primary": True, "family": True},
    "explain": {"explanation": True},
    "report": {"report": True},
    "external_cohort": {"external": {"archive": True, "rules": True}},
    "external_predict": {
        "external": {"overlap": True},
        "missing_maps": True,
    },
    "external_evaluate": {
        "external": {"recalibrate": True},
        "evaluation": {"resamples", "seed"},
    },
}
"""Keys of the study file that decide what a step makes."""

_PLACES: Final[dict[str, Any]] = {
    "data": {"simulation": {"heads"}},
    "cohort": {"exclude", "tables"},
    "folds": {"file", "apply", "publish"},
    "pretrained": True,
    "external": {"archive": {"folder"}, "rules": {"exclude", "tables"}},
}
"""Keys that say where something lies; what lies there is among the inputs."""


def settings_of(step: Step, folder: StudyFolder) -> str:
    """Digest what the study file says of a step, and the version of the program."""
    chosen = folder.study.model_dump(
        mode="json", include=_OF_STEP[step], exclude=_PLACES
    )
    steps = PREPROCESS_VERSION, SIMULATION_VERSION, TRAINING_VERSION
    return fingerprint(chosen, version("crosswarp"), steps)


def inputs_of(step: Step, folder: StudyFolder) -> str:
    """Digest names, sizes and times of what a step reads; bytes of tables."""
    return _stamp(folder.out, _READ[step](folder))


def outputs_of(step: Step, folder: StudyFolder) -> str:
    """Digest names, sizes and times of what a step has written; bytes of tables."""
    return _stamp(folder.out, _WRITTEN[step](folder))


def tables_of(step: Step, folder: StudyFolder) -> list[str]:
    """Name the tables that a step has left beside the record: no other record has them.

    Args:
        step: Name of the step.
        folder: Folder of the study.
    """
    beside = {path for path in _WRITTEN[step](folder) if path.parent == folder.out}
    return sorted(path.name for path in beside if path.is_file())


def _heads(folder: StudyFolder) -> Iterable[Path]:
    simulation = folder.study.data.simulation
    return simulation.heads if simulation else ()


def _tables_and_raw(folder: StudyFolder) -> Iterable[Path]:
    data = folder.study.data
    place = data.archive.folder if data.archive else folder.raw
    return chain(_raw(folder, place), _of_rules(folder.study.cohort))


def _of_rules(rules: CohortRules) -> Iterable[Path]:
    return [path for path in (*rules.tables, rules.exclude) if path is not None]


def _judged(folder: StudyFolder) -> Iterable[Path]:
    """Maps and their verdicts: limits can be set anew without making maps."""
    return chain(_maps(folder.derivatives), [folder.derivatives / LEDGER])


def _published(folder: StudyFolder) -> Iterable[Path]:
    """Name the published split that is applied, if any."""
    return [path for path in [folder.study.folds.apply] if path is not None]


def _compared(folder: StudyFolder) -> Iterable[Path]:
    started = chain(*(_below(path) for path in folder.study.pretrained.values()))
    return chain([folder.cohort, folder.folds], _judged(folder), started)


def _shown(folder: StudyFolder) -> Iterable[Path]:
    metrics = [run / METRICS for run in folder.runs()]
    return chain(_results(folder), metrics, _below(folder.run, ATTRIBUTION))


def _cohort_tables(folder: StudyFolder) -> Iterable[Path]:
    if folder.study.data.archive is not None:
        return places_of(folder.out)
    return folder.cohort, excluded_path(folder.cohort)


def _other_tables_and_raw(folder: StudyFolder) -> Iterable[Path]:
    other = folder.study.external
    if other is None or other.archive is None:
        return ()
    return chain(_raw(folder, other.archive.folder), _of_rules(other.rules))


def _other_scans(folder: StudyFolder) -> Iterable[Path]:
    """List what a prediction for another cohort reads: networks, scans or maps."""
    other, place = folder.study.external, folder.external_scans
    if other is not None and other.derivatives is not None:
        found = chain(_maps(place), [place / LEDGER])
    else:
        found = chain(_scans(folder, place))
    return chain(_below(folder.external_networks), found)


def _other_answers(folder: StudyFolder) -> Iterable[Path]:
    """List what an evaluation on another cohort reads."""
    other = folder.study.external
    given = [other.diagnoses] if other and other.diagnoses else []
    return chain(_products(folder.external / COHORT_PREDICTION), given)


def _other_evaluation(folder: StudyFolder) -> Iterable[Path]:
    out = folder.external
    return chain(_products(out / EXTERNAL), [out / EXTERNAL_PAGE])


def _recorded(folder: StudyFolder, name: str) -> Iterable[Path]:
    return chain(*(_products(run / name) for run in folder.runs()))


_READ: Final[dict[Step, _Files]] = {
    "simulate": _heads,
    "preprocess": lambda folder: _scans(folder, folder.scans),
    "cohort": _tables_and_raw,
    "folds": lambda f: chain([f.cohort], _published(f), _judged(f)),
    "compare": _compared,
    "evaluate": lambda f: chain([f.cohort, f.folds], _results(f)),
    "explain": lambda folder: _results(folder),
    "report": _shown,
    "external_cohort": _other_tables_and_raw,
    "external_predict": _other_scans,
    "external_evaluate": _other_answers,
}

_WRITTEN: Final[dict[Step, _Files]] = {
    "simulate": lambda folder: _below(folder.raw),
    "preprocess": lambda folder: _judged(folder),
    "cohort": _cohort_tables,
    "folds": lambda folder: folder.fold_tables,
    "compare": lambda f: chain(_results(f), _below(f.run, MODELS)),
    "evaluate": lambda folder: _recorded(folder, METRICS),
    "explain": lambda folder: _below(folder.run, ATTRIBUTION),
    "report": lambda folder: _recorded(folder, REPORT_RECORD),
    "external_cohort": lambda folder: places_of(folder.external_cohort),
    "external_predict": lambda f: _products(f.external / COHORT_PREDICTION),
    "external_evaluate": _other_evaluation,
}


def _stamp(base: Path, paths: Iterable[Path]) -> str:
    return fingerprint(sorted(_told(base, path) for path in paths))


def _told(base: Path, path: Path) -> tuple[str, str]:
    inside = path.is_relative_to(base)
    name = path.relative_to(base).as_posix() if inside else path.resolve().as_posix()
    if not path.exists():
        return name, "not there"
    if path.suffix in _TABLES and path.is_file():
        return name, file_digest(path)
    found = path.stat()
    return name, f"{found.st_size} {found.st_mtime_ns}"


def _below(folder: Path, named: str = "") -> Iterable[Path]:
    """List the files in a folder; those in folders of a name only, if there is one."""
    found = (folder / name for name in files_in(folder)) if folder.is_dir() else ()
    if not named:
        return found
    return (path for path in found if named in path.relative_to(folder).parts[:2])


def _raw(folder: StudyFolder, place: Path) -> Iterable[Path]:
    """List the files below a folder that the study has not made."""
    own = [folder.derivatives, folder.run, *places_of(folder.out), folder.external]
    own += places_of(folder.external_cohort)
    own += [*folder.fold_tables, excluded_path(folder.cohort), folder.record]
    # A study file may lie in the data set; what it says of a step is told otherwise.
    return (
        path
        for path in files_below(place, own).files
        if path not in own and path.suffix not in _CHOICES
    )


def _scans(folder: StudyFolder, table: Path) -> Iterable[Path]:
    """List the raw files; of a table of scans, the table and what it names."""
    if table.suffix not in _TABLES:
        return _raw(folder, table)
    try:
        named = read_table(table, text=("path",))["path"].dropna()
    except (CrosswarpError, OSError, KeyError):
        # Preprocessing says what is wrong with the table.
        return [table]
    return [table, *(table.parent / str(path) for path in named)]


def _maps(derivatives: Path) -> Iterable[Path]:
    return chain(*(_below(path) for path in sorted(derivatives.glob("sub-*"))))


def _results(folder: StudyFolder) -> Iterable[Path]:
    runs = dict.fromkeys([folder.run, *folder.runs()])
    return (run / name for run in runs for name in (RUN_RECORD, PREDICTIONS))


def _products(record: Path) -> Iterable[Path]:
    listed = read_object(record).get(PRODUCTS)
    names = listed if isinstance(listed, dict) else {}
    return [record, *(record.parent / name for name in names)]
