"""What codes mean, by the dictionary of the participants' table."""

from pathlib import Path

from crosswarp.bids.columns import find_columns
from crosswarp.documents import object_in


def read_levels(path: Path, notes: list[str]) -> dict[str, dict[str, str]]:
    """Read the meaning of codes from the dictionary of the participants' table."""
    described = object_in(path)
    if described is None and path.is_file():
        notes.append(f"{path.name} is not a JSON object and is not used")
    found = {}
    for name, entry in (described or {}).items():
        levels = entry.get("Levels") if isinstance(entry, dict) else None
        if isinstance(levels, dict):
            [ours] = find_columns([str(name)], path.name).names.values()
            found[ours] = {str(code): _word(word) for code, word in levels.items()}
    return found


def _word(level: object) -> str:
    """Take what a level is called; BIDS allows a description and a URL of a term."""
    return str(level.get("Description", "") if isinstance(level, dict) else level)
