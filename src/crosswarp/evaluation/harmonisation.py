"""What a reader must know of sites whose effects were taken out of a baseline."""

from collections.abc import Sequence
from pathlib import Path

from crosswarp.study.fold import fold_folders
from crosswarp.study.harmonisation import find_harmonisation


def harmonisation_flags(run: Path, models: Sequence[str]) -> list[str]:
    """Say which models left test scans as they are, since their site was not known.

    Args:
        run: Folder of the run.
        models: Names of the models.

    Raises:
        InputError: If the file of a fold holds something else.
    """
    said = []
    for model in models:
        folds = [find_harmonisation(path) for path in fold_folders(run, model)]
        known = [found for found in folds if found is not None]
        passed = sum(found.passed_through for found in known)
        tested = sum(found.tested for found in known)
        if passed:
            said.append(
                f"{model}: {passed} of {tested} test scans"
                " are of sites with fewer than two training participants; no effect of"
                " the site was taken out of them."
            )
    return said
