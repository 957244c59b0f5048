"""What ``.bidsignore`` keeps out of a data set: patterns as in ``.gitignore``."""

import re
from dataclasses import dataclass
from pathlib import Path
from typing import Final

NAME: Final = ".bidsignore"


@dataclass(frozen=True)
class Ignored:
    """Paths that a data set's ``.bidsignore`` names.

    Attributes:
        root: Root folder of the data set.
        rules: Pattern, and whether it ignores (or, after ``!``, keeps), in order.
    """

    root: Path
    rules: tuple[tuple[re.Pattern[str], bool], ...] = ()

    def holds(self, path: Path) -> bool:
        """Whether a file or folder, or a folder that it is in, is ignored."""
        parts = path.relative_to(self.root).parts
        return bool(self.rules) and any(
            self._named("/".join(parts[: n + 1]), n + 1 < len(parts) or _is_dir(path))
            for n in range(len(parts))
        )

    def _named(self, name: str, is_folder: bool) -> bool:
        ignored = False
        for pattern, ignores in self.rules:
            if pattern.fullmatch(name + "/" if is_folder else name):
                ignored = ignores
        return ignored


def _is_dir(path: Path) -> bool:
    """Whether a path is a folder; one that the system does not give counts as none."""
    try:
        return path.is_dir()
    except OSError:
        return False


def read_ignored(root: Path) -> Ignored:
    """Read the patterns of a data set; none when it has no ``.bidsignore``.

    Args:
        root: Root folder of the data set.
    """
    path = root / NAME
    try:
        lines = path.read_text(encoding="utf-8-sig", errors="replace").splitlines()
    except OSError:
        return Ignored(root)
    rules = []
    for line in lines:
        text = line.strip()
        if text and not text.startswith("#"):
            ignores = not text.startswith("!")
            rules.append((_pattern(text.removeprefix("!")), ignores))
    return Ignored(root, tuple(rules))


def _pattern(text: str) -> re.Pattern[str]:
    """Write a pattern of ``.gitignore`` as a regular expression.

    Example:
        >>> bool(_pattern("sub-*/ses-2/").fullmatch("sub-01/ses-2/"))
        True
        >>> bool(_pattern("*_T1w.nii").fullmatch("sub-1/anat/sub-1_T1w.nii"))
        True
    """
    body = text.removesuffix("/")
    anywhere = "" if "/" in body else "(?:.*/)?"
    parts = re.split(r"(\*\*/|/\*\*$|\*|\?|\[[^\]]+\])", body.removeprefix("/"))
    written = {"**/": "(?:.*/)?", "/**": "/.+", "*": "[^/]*", "?": "[^/]"}
    expression = "".join(
        written.get(part) or (_letters(part) if part[:1] == "[" else re.escape(part))
        for part in parts
    )
    end = "/" if text.endswith("/") else "/?"
    return re.compile(anywhere + expression + end)


def _letters(part: str) -> str:
    inner = part[1:-1].replace("\\", r"\\").replace("[", r"\[")
    return f"[^{inner[1:]}]" if inner[:1] in "!^" else f"[{inner}]"
