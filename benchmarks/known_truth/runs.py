"""Registrations of the independent test: any method, once, with its cost."""

import hashlib
import importlib.util
import resource
from collections.abc import Callable
from dataclasses import dataclass
from pathlib import Path
from typing import Any, Final

import numpy as np

from benchmarks.known_truth.fidelity import Found, read_found
from benchmarks.known_truth.methods import METHODS
from benchmarks.known_truth.people import Person, load_scan, make_person
from benchmarks.known_truth.templates import ScoredTemplate
from crosswarp.errors import InputError
from crosswarp.files import file_digest, written_whole
from crosswarp.registration.build import register
from crosswarp.registration.checks import check_result
from crosswarp.registration.resampling import at_spacing
from crosswarp.registration.result import Registration
from crosswarp.registration.settings import Resolution
from crosswarp.registration.template import coarsen
from crosswarp.types.arrays import SpatialMap

Register = Callable[[SpatialMap, SpatialMap, SpatialMap], Registration]

KEY: Final = 12
"""Characters of a method's digest in the names of its files."""


@dataclass(frozen=True)
class Method:
    """A way to register, ours or anybody's.

    Attributes:
        name: In tables.
        register: Takes template, scan and where the list-based prior is softer (which
            only `map` looks at).
        resolution: Spacing of the template that it gets, in mm.
        participant_resolution: Spacing of the scan that it gets, in mm.
        key: Changes with its settings or its file, so that no old result is shown.
    """

    name: str
    register: Register
    resolution: Resolution
    participant_resolution: Resolution
    key: str


@dataclass(frozen=True)
class Run:
    """What a registration found, and what it cost.

    Attributes:
        found: At the scored points.
        cpu_seconds: Of the call alone, child processes included.
        digest: Of affine and displacement.
    """

    found: Found
    cpu_seconds: float
    digest: str


def own_method(name: str) -> Method:
    """Take one of the program's back ends.

    Args:
        name: In `METHODS`.
    """
    settings = METHODS[name]

    def run(fixed: SpatialMap, scan: SpatialMap, soft: SpatialMap) -> Registration:
        return register(fixed, scan, settings, soft.values)

    key = hashlib.sha256(settings.model_dump_json().encode()).hexdigest()
    return Method(
        name, run, settings.resolution, settings.participant_resolution, key[:KEY]
    )


def users_method(where: str, resolution: Resolution) -> Method:
    """Take a function in a user's file.

    Args:
        where: ``FILE.py:FUNCTION``. The function takes template and scan, each with
            ``values`` (brain only, in [0, 1]) and ``affine`` (voxels to RAS+ mm), and
            returns the affine from template to scan (RAS+ mm, 4x4) and the
            displacement (RAS+ mm, on the template's grid): a template point x lies in
            the scan at ``affine @ (x + displacement(x))``.
        resolution: Spacing of the images it is given, in mm.

    Raises:
        InputError: If there is no such file or no such function in it.
    """
    file, _, function = where.rpartition(":")
    path = Path(file)
    if not path.is_file() or not function:
        msg = f"expected FILE.py:FUNCTION, got {where!r}; there is no file {file!r}"
        raise InputError(msg)
    found: Any = getattr(_module(path), function, None)
    if not callable(found):
        msg = f"{file} has no function {function!r}; name one that registers"
        raise InputError(msg)

    def run(fixed: SpatialMap, scan: SpatialMap, _: SpatialMap) -> Registration:
        affine, displacement = found(fixed, scan)
        result = Registration(
            np.asarray(affine, dtype=np.float64),
            np.asarray(displacement, dtype=np.float32),
        )
        check_result(result, fixed)
        return result

    key = f"{file_digest(path)[:KEY]}-{resolution}mm"
    return Method(f"{path.stem}:{function}", run, resolution, resolution, key)


def _module(path: Path) -> object:
    spec = importlib.util.spec_from_file_location(path.stem, path)
    assert spec is not None
    assert spec.loader is not None
    module = importlib.util.module_from_spec(spec)
    spec.loader.exec_module(module)
    return module


def run_of(
    method: Method,
    person: Person,
    fixed: ScoredTemplate,
    folder: Path,
    attempt: int = 1,
) -> Run:
    """Register a person, or read what was found before.

    Args:
        method: The way to register.
        person: Whose scan.
        fixed: The template at 1 mm.
        folder: Where everything is kept.
        attempt: 2 registers again, to see whether the bytes are the same.
    """
    stem = f"{method.name.replace(':', '-')}-{method.key}"
    path = folder / "runs" / stem / f"{fixed.name}_{person.name}_{attempt}.npz"
    if not path.is_file():
        _register(method, person, fixed, folder, path)
    with np.load(path) as stored:
        found = Found(stored["log_ratio"], stored["positions"], int(stored["folded"]))
        return Run(found, float(stored["cpu_seconds"]), str(stored["digest"]))


def _register(
    method: Method, person: Person, fixed: ScoredTemplate, folder: Path, path: Path
) -> None:
    brain, soft = fixed.brain, fixed.softness
    if method.resolution != 1:
        brain, soft = coarsen(brain), coarsen(soft)
    whole = load_scan(make_person(person, folder))
    scan = at_spacing(whole, float(method.participant_resolution))
    start = _cpu_seconds()
    result = method.register(brain, scan, soft)
    used = _cpu_seconds() - start
    found = read_found(result, brain, fixed)
    both = result.affine.tobytes() + result.displacement.tobytes()
    with written_whole(path) as temporary:
        np.savez(
            temporary,
            log_ratio=found.log_ratio,
            positions=found.positions,
            folded=found.folded,
            cpu_seconds=used,
            digest=hashlib.sha256(both).hexdigest()[:16],
        )


def _cpu_seconds() -> float:
    both = (resource.RUSAGE_SELF, resource.RUSAGE_CHILDREN)
    used = [resource.getrusage(who) for who in both]
    return sum(each.ru_utime + each.ru_stime for each in used)
