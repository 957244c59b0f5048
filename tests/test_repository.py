"""What may not be in the repository, whoever commits."""

import re
import subprocess
import tomllib
from importlib.metadata import distribution
from pathlib import Path

import pytest
from packaging.requirements import Requirement
from packaging.utils import canonicalize_name

ROOT = Path(__file__).parents[1]
LARGEST_KB = 500
MACHINE_PATH = re.compile(
    r"(?<![\w.~/:-])/(?:home|Users|root|work|mnt|media|scratch|tmp|var/tmp|opt)/\w"
)


def tracked() -> list[Path]:
    listed = subprocess.run(
        ["git", "ls-files", "-z"],
        cwd=ROOT,
        capture_output=True,
        text=True,
        check=False,
    )
    if listed.returncode != 0:
        pytest.skip("not a git clone")
    files = [ROOT / name for name in listed.stdout.split("\0") if name]
    return [path for path in files if path.is_file()]


def machine_paths(text: str) -> list[str]:
    return [line for line in text.splitlines() if MACHINE_PATH.search(line)]


def test_no_file_is_large() -> None:
    large = [f.name for f in tracked() if f.stat().st_size > LARGEST_KB * 1000]
    assert large == []


def test_no_file_names_a_path_of_a_machine() -> None:
    found = {}
    for path in tracked():
        if path == Path(__file__):
            continue
        text = path.read_bytes().decode("utf-8", errors="ignore")
        if lines := machine_paths(text):
            found[path.relative_to(ROOT).as_posix()] = lines
    assert found == {}


@pytest.mark.parametrize(
    "line", ["/home/ann/scans", 'ROOT = "/work/data"', "see /Users/ann/x", "(/tmp/a)"]
)
def test_a_path_of_a_machine_is_seen(line: str) -> None:
    assert machine_paths(line) == [line]


@pytest.mark.parametrize(
    "line",
    [
        "src/tmp/a",
        "https://example.org/home/ann",
        "~/work/x",
        "sub-01/anat",
        "a /opt b",
    ],
)
def test_other_paths_are_not(line: str) -> None:
    assert machine_paths(line) == []


def pinned() -> dict[str, str]:
    lines = (ROOT / "constraints.txt").read_text(encoding="utf-8").splitlines()
    pins = [Requirement(line) for line in lines if line and not line.startswith("#")]
    return {
        canonicalize_name(pin.name): str(pin.specifier).removeprefix("==")
        for pin in pins
    }


def test_what_the_requirements_need_is_pinned_too() -> None:
    """Else its version is whatever is newest on the day of the installation."""
    pins, faults = pinned(), set()
    todo, seen = [("crosswarp", "dev")], set()
    while todo:
        name, extra = todo.pop()
        seen.add((name, extra))
        if name not in pins and name != "crosswarp":
            faults.add(name)
            continue
        for need in map(Requirement, distribution(name).requires or []):
            if need.marker is None or need.marker.evaluate({"extra": extra}):
                needed = canonicalize_name(need.name)
                more = {(needed, each) for each in ("", *need.extras)}
                todo += sorted(more - seen)
    assert len(seen) > 100
    assert faults == cuda_only(faults)


def cuda_only(names: set[str]) -> set[str]:
    """What a CUDA build of torch brings along; it is not pinned here."""
    return {name for name in names if name.startswith(("nvidia-", "cuda-", "triton"))}


def test_every_requirement_is_pinned_to_a_version_it_allows() -> None:
    versions = pinned()
    project = tomllib.loads((ROOT / "pyproject.toml").read_text(encoding="utf-8"))
    wanted = [*project["project"]["dependencies"]]
    for extra in project["project"]["optional-dependencies"].values():
        wanted += extra
    faults = [
        text
        for text in wanted
        if (need := Requirement(text)).name != "crosswarp"
        and not need.specifier.contains(versions.get(canonicalize_name(need.name), "0"))
    ]
    assert faults == []
