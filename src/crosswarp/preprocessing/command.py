"""The command that makes maps again, with the options that they were made with."""

import shlex
from collections.abc import Mapping
from pathlib import Path
from typing import Any, Final

from pydantic import ValidationError

from crosswarp.makers import read_description
from crosswarp.outputs import PREDICTION
from crosswarp.preprocessing.kept import KeptSettings, kept_with
from crosswarp.preprocessing.limits import QualityLimits
from crosswarp.preprocessing.settings import PreprocessSettings
from crosswarp.registration.build import REGISTRATIONS
from crosswarp.study.names import COHORT_PREDICTION

BY_STUDY: Final = "crosswarp run STUDY `steps='preprocess'`"
"""For settings that only a study file can hold."""


def command_of(
    folder: Path, settings: Mapping[str, Any], grid: tuple[str, int] | None = None
) -> str:
    """Return the command that makes maps of a folder again, with its options.

    Words in capitals stand for what the folder does not know.

    Args:
        folder: That `crosswarp preprocess` or `crosswarp predict` wrote.
        settings: As the record of the maps has them; empty where it has none.
        grid: Space and spacing of the maps, in mm.
    """
    if PREDICTION.is_here(folder):
        cohort = (folder / COHORT_PREDICTION).is_file()
        what = "COHORT" if cohort else "SCAN"
        return f"crosswarp predict BUNDLE {what} {shlex.quote(str(folder))}"
    kept = kept_with(settings, folder, grid) if grid and settings else None
    options = _options(kept or _as_recorded(settings), folder)
    if options is None:
        return BY_STUDY
    raw = raw_folder(folder)
    place = "SCANS" if raw is None else shlex.quote(str(raw.resolve()))
    words = ["crosswarp preprocess", place, shlex.quote(str(folder)), *options]
    return " ".join(words)


def raw_folder(folder: Path) -> Path | None:
    """Return where the scans lie that maps were made of, where the folder says so."""
    links = read_description(folder).get("DatasetLinks")
    known = links if isinstance(links, dict) else {}
    way = known.get("raw") or known.get("scans")
    return folder / way if isinstance(way, str) else None


def _as_recorded(settings: Mapping[str, Any]) -> KeptSettings:
    """Take what a record says, or the defaults where it does not say all."""
    try:
        return KeptSettings(settings=PreprocessSettings.model_validate(settings))
    except ValidationError:
        return KeptSettings(settings=PreprocessSettings())


def _options(kept: KeptSettings, folder: Path) -> list[str] | None:
    """Write settings as options; None where no options would give them."""
    chosen, usual = kept.settings, PreprocessSettings()
    names = [n for n, known in REGISTRATIONS.items() if known == chosen.registration]
    if chosen.limits != QualityLimits() or not names:
        return None
    asked: dict[str, object] = {}
    for name in ("resolution", "brain_mask", "fall_back"):
        if getattr(chosen, name) != getattr(usual, name):
            asked[name] = getattr(chosen, name)
    if chosen.registration != usual.registration:
        asked["registration"] = names[0]
    if chosen.template is not None:
        t1w, mask = kept.found_in(folder).template_files or ("T1W", "MASK")
        asked |= {"template": t1w, "template_mask": mask}
        asked["space"] = chosen.template.space
    return [f"`{name}={value!r}`" for name, value in asked.items()]
