"""What is registered to what, and one registration in a process of its own."""

import hashlib
import os
import resource
import subprocess
import sys
from dataclasses import dataclass
from functools import partial
from pathlib import Path
from typing import Final

import numpy as np

from benchmarks.known_truth.anatomies import Anatomy, load_scan, make_anatomy
from benchmarks.known_truth.methods import METHODS
from benchmarks.known_truth.templates import scored_template
from crosswarp.documents import read_json
from crosswarp.files import write_json, written_whole
from crosswarp.registration.build import register
from crosswarp.registration.resampling import at_spacing
from crosswarp.registration.result import Registration
from crosswarp.registration.template import coarsen
from crosswarp.types.arrays import SpatialMap

LEVELS: Final = (0, 5, 10, 20, 30)
"""Percent of the hippocampi that are lost."""


@dataclass(frozen=True)
class Job:
    """One registration.

    Attributes:
        method: Name in `METHODS`.
        template: The real head that is the fixed image.
        anatomy: Who is registered to it.
        attempt: 2 repeats the first, to see whether the bytes are the same.
    """

    method: str
    template: str
    anatomy: Anatomy
    attempt: int = 1

    @property
    def name(self) -> str:
        """Name of its files."""
        return f"{self.method}_{self.template}_{self.anatomy.name}_{self.attempt}"


@dataclass(frozen=True)
class Cost:
    """What a registration took.

    Attributes:
        cpu_seconds: Of the whole process, loading of libraries and images included.
        peak_mb: Largest resident memory of the process.
        digest: Of affine and displacement.
    """

    cpu_seconds: float
    peak_mb: float
    digest: str


@dataclass(frozen=True)
class Selection:
    """Who is scored.

    Settings are chosen on one set of anatomies and reported on another; they share no
    random field.

    Attributes:
        held_out: Which set.
        levels: Percent of loss, 0 among them; the others are compared with it.
    """

    held_out: bool = True
    levels: tuple[int, ...] = LEVELS

    def anatomies(self) -> dict[str, tuple[Anatomy, ...]]:
        """List them by kind of truth."""
        own, other = (11, 12) if self.held_out else (1, 2)
        on_mni = tuple(Anatomy("mni2009c", own, loss) for loss in self.levels)
        on_colin = tuple(Anatomy("colin27", other, loss) for loss in self.levels)
        kinds = {"exact, MNI": on_mni, "between, Colin27 to MNI": on_colin}
        if self.held_out:
            second = (Anatomy("colin27", 13, 0),)
            kinds["exact, Colin27"] = (on_colin[0], on_colin[-1])
            kinds["between, Colin27 to MNI, second field"] = second
            kinds["between, MNI to Colin27"] = (on_mni[0],)
        return kinds


def template_of(kind: str) -> str:
    """Name the head that is the fixed image in a kind of truth."""
    return "mni2009c" if kind.endswith("MNI") or "to MNI" in kind else "colin27"


def jobs_of(method: str, selection: Selection) -> list[Job]:
    """List every registration that the scores of a method need."""
    jobs = []
    for kind, members in selection.anatomies().items():
        template = template_of(kind)
        wanted = list(members)
        if kind.startswith("between"):
            wanted.insert(0, members[0].unwarped)
        jobs += [Job(method, template, anatomy) for anatomy in wanted]
    jobs.append(Job(method, jobs[0].template, jobs[0].anatomy, attempt=2))
    return list(dict.fromkeys(jobs))


def do(job: Job, folder: Path) -> None:
    """Register in a child process, unless that is done."""
    if (folder / "found" / f"{job.name}.json").is_file():
        return
    make_anatomy(job.anatomy, folder)
    scored_template(job.template, folder)
    who = job.anatomy
    command = [
        sys.executable,
        "-m",
        "benchmarks.registration_doses",
        "--folder",
        str(folder),
    ]
    command += ["--one", job.method, job.template, who.head]
    command += [str(who.seed), str(who.loss), str(job.attempt)]
    threads = {"OMP_NUM_THREADS": "1", "ITK_GLOBAL_DEFAULT_NUMBER_OF_THREADS": "1"}
    done = partial(subprocess.run, command, check=True, env={**os.environ, **threads})
    done(stdout=subprocess.DEVNULL)


def do_here(job: Job, folder: Path) -> None:
    """Register in this process, and keep the result and what it took."""
    settings = METHODS[job.method]
    template = scored_template(job.template, folder)
    whole = load_scan(make_anatomy(job.anatomy, folder))
    scan = at_spacing(whole, float(settings.participant_resolution))
    fixed, soft = template.brain, template.softness
    if settings.resolution != 1:
        fixed, soft = coarsen(fixed), coarsen(soft)
    found = register(fixed, scan, settings, soft.values)
    path = folder / "found" / f"{job.name}.npz"
    with written_whole(path) as temporary:
        np.savez(
            temporary,
            affine=found.affine,
            displacement=found.displacement,
            grid=fixed.affine,
        )
    used = resource.getrusage(resource.RUSAGE_SELF)
    digest = hashlib.sha256(found.affine.tobytes() + found.displacement.tobytes())
    cost = {
        "cpu_seconds": used.ru_utime + used.ru_stime,
        "peak_mb": used.ru_maxrss / 1024,
        "digest": digest.hexdigest()[:16],
    }
    write_json(path.with_suffix(".json"), cost)


def result_of(job: Job, folder: Path) -> tuple[Registration, SpatialMap, Cost]:
    """Read what a job found, the grid of its displacement, and what it took."""
    path = folder / "found" / f"{job.name}.npz"
    with np.load(path) as stored:
        found = Registration(stored["affine"], stored["displacement"])
        grid = SpatialMap(stored["displacement"][..., 0], stored["grid"])
    return found, grid, Cost(**read_json(path.with_suffix(".json")))
