"""Pools of virtual participants of whom only the truth is made: no scan, no chain.

The true log-Jacobian maps are what a perfect registration would find; the images are
scans that a perfect affine laid on the template. They cost some three seconds of one
core each, where a scan and its registration cost twenty.
"""

from collections.abc import Sequence
from dataclasses import dataclass, replace
from pathlib import Path
from typing import Final

import numpy as np

from benchmarks.validation_study.coarse import BLOCK, RESOLUTION, block_means
from benchmarks.validation_study.linear import Products, products_of
from crosswarp.bids.diagnoses import Diagnosis
from crosswarp.files import fingerprint, written_whole
from crosswarp.preprocessing.intensity import scale_intensity
from crosswarp.registration.result import Registration
from crosswarp.registration.template import load_template
from crosswarp.simulation.acquisition import acquire
from crosswarp.simulation.base_heads import label_heads
from crosswarp.simulation.dataset import truth_folder
from crosswarp.simulation.drawing import Streams, VirtualParticipant, draw_participant
from crosswarp.simulation.fields import Lattice
from crosswarp.simulation.heads import Head, load_head, load_placement
from crosswarp.simulation.participant import Body, make_body, pull, signal_of
from crosswarp.simulation.presets import preset_settings
from crosswarp.simulation.scanning import scanner_of
from crosswarp.simulation.settings import SimulationSettings
from crosswarp.simulation.signal import with_signal
from crosswarp.simulation.truth_maps import true_maps
from crosswarp.types.arrays import Affine, ScalarMap, SpatialMap

STEP: Final = 2
"""Voxels of the real heads: the maps are of 2 mm too, and it halves the time."""

HEADS: Final = "heads"


@dataclass(frozen=True)
class Pool:
    """True maps of the participants of one preset.

    Attributes:
        diagnoses: Of each participant.
        heads: Real head that each was made from.
        maps: Log-Jacobian in the template's brain, participants by voxels.
        images: T1w in [0, 1] on the coarse grid, one for each participant.
    """

    diagnoses: np.ndarray
    heads: np.ndarray
    maps: np.ndarray
    images: np.ndarray

    def products(self) -> Products:
        """Multiply each pair of log-Jacobian maps, at every smoothing."""
        template = load_template(RESOLUTION)
        whole = np.zeros((len(self.maps), *template.mask.shape), self.maps.dtype)
        whole[:, template.mask] = self.maps
        spacing = (float(RESOLUTION),) * 3
        return products_of(whole, template.mask, spacing)

    def image_products(self) -> Products:
        """The same for the T1w images, on their coarse grid."""
        spacing = (float(RESOLUTION * BLOCK),) * 3
        voxels = np.ones(self.images.shape[1:], dtype=bool)
        return products_of(self.images, voxels, spacing)

    def of(self, diagnoses: Sequence[str]) -> "Pool":
        """Leave out the participants of other diagnoses."""
        kept = np.isin(self.diagnoses, diagnoses)
        return Pool(
            self.diagnoses[kept], self.heads[kept], self.maps[kept], self.images[kept]
        )


def heads_folder(work: Path, settings: SimulationSettings) -> Path:
    """Make the real heads ready once, for all pieces of the study."""
    out = work / HEADS
    label_heads(out, settings.heads)
    return truth_folder(out)


def make_pool(
    work: Path,
    preset: str,
    participants: int,
    classes: tuple[Diagnosis, ...],
    images_of: Sequence[str] = (),
    seed: int = 0,
) -> Pool:
    """Make the true maps of a preset's participants, or take those that are there.

    Args:
        work: Folder of the study.
        preset: As for ``crosswarp simulate``.
        participants: How many.
        classes: Diagnoses, dealt in turn.
        images_of: Diagnoses whose images are wanted too; the pool has only these then.
        seed: Random seed of the preset.
    """
    settings = preset_settings(
        preset, participants=participants, classes=classes, seed=seed
    )
    wanted = fingerprint(settings.of_each_participant())
    folder = work / "truth" / f"{preset}-{wanted}"
    people = [draw_participant(n, settings) for n in range(1, participants + 1)]
    if images_of:
        people = [person for person in people if person.diagnosis in images_of]
    todo = [p for p in people if _lacking(folder, p.number, bool(images_of))]
    if todo:
        heads = heads_folder(work, settings)
        loaded = {
            name: (load_head(name, heads, STEP), load_placement(name, heads))
            for name in settings.heads
        }
        for person in todo:
            made = _Made(person, *loaded[person.head], settings)
            made.write(folder, with_image=bool(images_of))
    numbers = [person.number for person in people]
    images = [np.load(_image(folder, n)) for n in numbers] if images_of else []
    return Pool(
        np.array([person.diagnosis.value for person in people]),
        np.array([person.head for person in people]),
        np.stack([np.load(_map(folder, n)) for n in numbers]),
        np.stack(images) if images else np.zeros((len(people), 0)),
    )


def _lacking(folder: Path, number: int, image: bool) -> bool:
    wanted = [_map(folder, number), *([_image(folder, number)] if image else [])]
    return not all(path.is_file() for path in wanted)


@dataclass(frozen=True)
class _Made:
    """What a participant is made from."""

    person: VirtualParticipant
    head: Head
    placed: Registration
    settings: SimulationSettings

    def write(self, folder: Path, *, with_image: bool) -> None:
        """Make the maps, the log-Jacobian last: it says that all is there."""
        body = make_body(self.person, self.head, self.settings)
        maps = true_maps(body, self.placed, RESOLUTION)
        number = self.person.number
        if with_image:
            placed = (body, maps.affine)
            seen = head_of(self.person, self.head, self.settings)
            image = aligned_image(self.person, seen, self.settings, placed)
            _save(_image(folder, number), block_means(image))
        mask = load_template(RESOLUTION).mask
        _save(_map(folder, number), maps.log_jacobian[mask])


def _save(path: Path, values: np.ndarray) -> None:
    with written_whole(path) as temporary:
        np.save(temporary, values.astype(np.float16))


def head_of(
    person: VirtualParticipant, head: Head, settings: SimulationSettings
) -> Head:
    """Give a real head the signal of a participant, where the settings have one.

    Args:
        person: Participant whose tissue it is.
        head: The real head it is made from.
        settings: Settings of the cohort.
    """
    signal = signal_of(person, head, settings)
    return head if signal is None else with_signal(head, signal)


def aligned_image(
    person: VirtualParticipant,
    head: Head,
    settings: SimulationSettings,
    placed: tuple[Body, Affine],
) -> ScalarMap:
    """Scan a body on the template grid, as a perfect affine alignment shows it.

    Args:
        person: Whose body.
        head: The real head it is made from, with the participant's signal.
        settings: Of the cohort; inhomogeneity is left out, as if N4 had removed it.
        placed: The body, and the true affine from the template to its scan.

    Returns:
        In [0, 1] in the brain, 0 outside it, on the whole grid of 2 mm.
    """
    body, affine = placed
    to_head = body.deformation.to_head @ affine
    deformation = replace(body.deformation, to_head=to_head)
    template = load_template(RESOLUTION)
    x, y, z = template.brain.affine[:3, 3].tolist()
    grid = Lattice(template.brain.extent, (x, y, z), float(RESOLUTION))
    clean = pull(head.t1w, deformation, grid)
    whole = SpatialMap(head.brain.astype(np.float32), head.t1w.affine)
    brain = pull(whole, deformation, grid) > 0.5
    scanner = scanner_of(person.site, settings).model_copy(update={"bias_sd": 0.0})
    rng = Streams.of(person.number, settings).scanner
    return scale_intensity(acquire(clean, scanner, rng).astype(np.float32), brain)


def _image(folder: Path, number: int) -> Path:
    return folder / f"{number:04d}-t1w.npy"


def _map(folder: Path, number: int) -> Path:
    return folder / f"{number:04d}.npy"
