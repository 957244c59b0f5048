"""What stands in for computing that takes minutes; all writing is the program's own.

* Preprocessing: the maps of a scan are made from its mean alone, on the template's
  grid. Reading the scan, and all that is written, are the real ones.
* Explaining: two halves of the brain are the atlas.
* Simulating: one real head on every third voxel, few regions and voxels of 4 mm.
"""

import resource
from pathlib import Path
from typing import Any

import numpy as np
from matplotlib.figure import Figure

from crosswarp.atlas import Region
from crosswarp.bids.diagnoses import Diagnosis
from crosswarp.explanation import explain, one_scan
from crosswarp.preprocessing import derivatives
from crosswarp.preprocessing import scan as scans
from crosswarp.preprocessing.maps import ScanMaps
from crosswarp.preprocessing.quality import Quality
from crosswarp.registration.result import Registration
from crosswarp.registration.template import load_template
from crosswarp.types.arrays import SpatialMap


def take_place() -> None:
    derivatives.make_maps = made_maps
    scans.draw_scan = blank
    explain.load_atlas = one_scan.load_atlas = halves
    _simulate()


def limit(name: str, value: int) -> None:
    """Set a limit of the system; that of memory counts from what is used now."""
    if name == "AS":
        pages = int(Path("/proc/self/statm").read_text().split()[0])
        value += pages * resource.getpagesize()
    number = getattr(resource, f"RLIMIT_{name}")
    _, hard = resource.getrlimit(number)
    resource.setrlimit(number, (value, hard))


def made_maps(scan: SpatialMap, settings: Any) -> ScanMaps:
    """Make maps that differ between scans, and pack small."""
    template = load_template(settings.resolution)
    brain, affine = template.mask, template.brain.affine
    level = float(np.mean(scan.values)) % 1
    t1w = SpatialMap((brain * np.float32(0.3 + 0.5 * level)), affine)
    jsm = SpatialMap((brain * np.float32(0.1 * (level - 0.5))), affine)
    return ScanMaps(t1w, jsm, t1w, brain, "deepbet", _nowhere(settings), _good(level))


def halves(extent: tuple[int, int, int], _: np.ndarray) -> tuple[Any, list[Region]]:
    """Stand in for the atlas, which lies on the real template's grid alone."""
    labels = np.ones(extent, int)
    labels[extent[0] // 2 :] = 2
    sides = ((1, "left"), (2, "right"))
    return labels, [Region(label, "hippocampus", side) for label, side in sides]


def blank(*_: object, **__: object) -> Figure:
    """Draw nothing: a picture takes a second."""
    return Figure(figsize=(1, 1))


def _nowhere(settings: Any) -> Registration:
    grid = load_template(settings.registration.resolution).brain
    return Registration(np.eye(4), np.zeros((*grid.extent, 3), np.float32))


def _good(level: float) -> Quality:
    return Quality(
        brain_volume_cm3=1400.0 + 10 * level,
        brain_at_edge_cm2=0.0,
        intracranial_volume_cm3=1500.0 + 10 * level,
        overlap=0.97,
        similarity=0.95,
        folded=0.0,
        log_jacobian_sd=0.12,
        log_jacobian_least=-0.4,
        log_jacobian_greatest=0.4,
    )


def _simulate() -> None:
    from crosswarp.simulation import heads, presets
    from crosswarp.simulation.settings import (
        AcquisitionSettings,
        AtrophySettings,
        Normal,
        SimulationSettings,
    )

    severity = {
        Diagnosis.CN: Normal(mean=0, sd=0.1),
        Diagnosis.MCI: Normal(mean=0.5, sd=0.1),
        Diagnosis.AD: Normal(mean=1, sd=0.1),
    }

    def small(name: str, **chosen: Any) -> SimulationSettings:
        del name
        pattern = {"hippocampus": 0.7, "lateral_ventricle": 1.6}
        kept = {k: v for k, v in chosen.items() if k not in ("acquisition", "atrophy")}
        return SimulationSettings(
            **kept,
            heads=("mni2009c",),
            atrophy=AtrophySettings(pattern=pattern, severity=severity),
            acquisition=AcquisitionSettings(spacing=4.0),
        )

    presets.preset_settings = small
    source, atlas = heads.load_source, heads.load_atlas
    heads.load_source = lambda name: _coarse(source(name))
    heads.load_atlas = lambda: _coarse(atlas())


def _coarse(image: SpatialMap, step: int = 3) -> SpatialMap:
    affine = image.affine.copy()
    affine[:3, :3] *= step
    return SpatialMap(image.values[::step, ::step, ::step], affine)
