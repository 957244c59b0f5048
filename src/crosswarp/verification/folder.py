"""Any folder: what it is, and what is wrong with it."""

from collections.abc import Callable
from dataclasses import dataclass, replace
from pathlib import Path
from typing import Final, TypeAlias

from crosswarp.errors import InputError
from crosswarp.outputs import (
    DEMO,
    EXPORT,
    MAPS,
    PREDICTION,
    PRETRAINING,
    RUN,
    RUN_OF_TASKS,
    VIRTUAL_COHORT,
    Purpose,
    contents,
    made_for,
)
from crosswarp.preprocessing.verify import verify_derivatives
from crosswarp.provenance import Finding
from crosswarp.simulation.verify import verify_virtual_cohort
from crosswarp.study.names import BUNDLE_CARD
from crosswarp.verification.networks import (
    verify_bundle,
    verify_export,
    verify_pretraining,
)
from crosswarp.verification.predictions import verify_answers, verify_cohort_records
from crosswarp.verification.records import Place
from crosswarp.verification.runs import verify_run, verify_tasks
from crosswarp.verification.studies import has_study, verify_study

Verifier: TypeAlias = Callable[[Place], list[Finding]]

TRAINED: Final = Purpose(
    "a trained network", "crosswarp compare", lambda out: (out / BUNDLE_CARD).is_file()
)


def _placed(verifier: Callable[[Path], list[Finding]]) -> Verifier:
    """Have what names its files from its own folder name them from the root on."""

    def verify_placed(place: Place) -> list[Finding]:
        found = verifier(place.folder)
        return [replace(one, path=place.shown(one.path)) for one in found]

    return verify_placed


def _verify_prediction(place: Place) -> list[Finding]:
    """Verify maps and answers, and what was said of a whole cohort."""
    maps = _placed(verify_derivatives)(place)
    return [*maps, *verify_answers(place), *verify_cohort_records(place)]


VERIFIERS: Final[dict[str, Verifier]] = {
    MAPS.name: _placed(verify_derivatives),
    PREDICTION.name: _verify_prediction,
    VIRTUAL_COHORT.name: _placed(verify_virtual_cohort),
    RUN.name: verify_run,
    RUN_OF_TASKS.name: verify_tasks,
    PRETRAINING.name: verify_pretraining,
    EXPORT.name: verify_export,
    TRAINED.name: verify_bundle,
}
"""By what a folder holds."""

DEEPEST: Final = 3
"""How far below a study's folder its outputs are looked for."""


@dataclass(frozen=True)
class Verified:
    """One output, verified.

    Attributes:
        path: From the folder that was given, ``.`` for itself.
        holds: What it is.
        findings: What is wrong with it; none when it is whole.
    """

    path: str
    holds: str
    findings: list[Finding]


def verify(folder: Path) -> list[Verified]:
    """Read all that outputs hold, and tell what is not as it was written.

    Nothing is changed, and nothing is locked: of an output that is being worked on,
    parts are unfinished.

    Args:
        folder: An output, or a study: a folder with several of them.

    Returns:
        One entry an output.

    Raises:
        InputError: If there is none.
    """
    found = _verified(folder, folder, DEEPEST)
    if not found:
        msg = (
            f"{folder} holds nothing that crosswarp made; give a run, a bundle, maps,"
            " or a folder that has some in it"
        )
        raise InputError(msg)
    return found


def _verified(root: Path, folder: Path, deeper: int) -> list[Verified]:
    found = _of_purpose(root, folder, deeper)
    place = Place(root, folder)
    if not has_study(place):
        return found
    shown = folder.relative_to(root).as_posix()
    return [Verified(shown, "a study", verify_study(place)), *found]


def _of_purpose(root: Path, folder: Path, deeper: int) -> list[Verified]:
    purpose = TRAINED if TRAINED.is_here(folder) else made_for(folder)
    verifier = VERIFIERS.get(purpose.name) if purpose else None
    if purpose is not None and verifier is not None:
        shown = folder.relative_to(root).as_posix()
        found = [Verified(shown, purpose.name, verifier(Place(root, folder)))]
        # The maps of virtual participants often lie among their scans.
        below = folder / "derivatives" if purpose is VIRTUAL_COHORT else None
        return found + (_below(root, below, deeper) if below else [])
    return _below(root, folder, deeper) if purpose in (None, DEMO) else []


def _below(root: Path, folder: Path, deeper: int) -> list[Verified]:
    if deeper == 0:
        return []
    folders = [path for path in contents(folder) if path.is_dir()]
    return [one for path in folders for one in _verified(root, path, deeper - 1)]
