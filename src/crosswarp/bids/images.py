"""Files that hold a NIfTI image: by name, and what stands in for one that is absent."""

import errno
from pathlib import Path
from typing import Final

SINGLE: Final = (".nii", ".nii.gz")
"""One file with header and voxels; the case of the letters does not matter."""

VOXELS: Final = (".img", ".img.gz")
"""The voxels of a pair of files; the scan goes by the name of this one."""

HEADERS: Final = (".hdr", ".hdr.gz")
"""The header of a pair of files."""

NIFTI: Final = (*SINGLE, *VOXELS)

_ANNEX: Final = ".git/annex/objects/"

_PERMISSION: Final = (
    "no permission to read it; type `chmod u+r` on it, or ask its owner"
)
_DEVICE: Final = "the disk or network gave an error; check it, or copy the file again"

_REASONS: Final = {
    errno.EACCES: _PERMISSION,
    errno.EPERM: _PERMISSION,
    errno.EIO: _DEVICE,
    errno.ESTALE: _DEVICE,
    errno.ETIMEDOUT: _DEVICE,
}
"""What the system says of a file that it cannot read, and what to do."""


def is_image(path: Path) -> bool:
    """Whether a file goes by the name of a NIfTI image, in either case."""
    return path.name.lower().endswith(NIFTI)


def other_of_pair(path: Path) -> Path | None:
    """Find the header of a voxel file, or the voxels of a header.

    Args:
        path: Either file of a pair.

    Returns:
        The other file; None if ``path`` is none of a pair or the other is not there.
    """
    name = path.name.lower()
    for own, others in ((VOXELS, HEADERS), (HEADERS, VOXELS)):
        for suffix in own:
            if not name.endswith(suffix):
                continue
            stem = name.removesuffix(suffix)
            beside = sorted(path.parent.iterdir())
            return next((p for p in beside if _is_one_of(p, stem, others)), None)
    return None


def is_header_of_pair(path: Path) -> bool:
    """Whether a file is the header of a pair, whose voxels are the scan."""
    named = path.name.lower().endswith(HEADERS)
    return named and other_of_pair(path) is not None


def _is_one_of(path: Path, stem: str, suffixes: tuple[str, ...]) -> bool:
    return path.name.lower() in {f"{stem}{suffix}" for suffix in suffixes}


def why_absent(path: Path) -> str:
    """Say why there is no file at a path, and what would bring it.

    Args:
        path: Of a file that is not there, or a link to one.
    """
    if not path.is_symlink():
        return f"no scan at {path.name}"
    missing = f"{path.name} is a link to a file that is not there"
    if _ANNEX in path.readlink().as_posix():
        return (
            f"{missing}: git-annex has not fetched its content; type `git annex get"
            f" {path.name}` or `datalad get {path.name}` in its folder"
        )
    return f"{missing}; fetch it first"


def why_unreadable(path: Path, error: OSError) -> str:
    """Say in one line why the system does not give a scan's bytes.

    Args:
        path: The scan; a file, or a folder that holds it.
        error: What the system says.
    """
    if isinstance(error, FileNotFoundError):
        return why_absent(path)
    reason = _REASONS.get(error.errno or 0) or error.strerror or str(error)
    return f"{path.name} cannot be read: {reason}"
