"""Virtual cohorts that are worth a name."""

from difflib import get_close_matches
from typing import Any, Final

from pydantic import ValidationError

from crosswarp.bids.diagnoses import Diagnosis
from crosswarp.errors import InputError
from crosswarp.simulation.settings import (
    AcquisitionSettings,
    AnatomySettings,
    AtrophySettings,
    Normal,
    SimulationSettings,
    Structure,
)
from crosswarp.simulation.signal_settings import (
    PatchSettings,
    Severity,
    SignalSettings,
)
from crosswarp.simulation.worlds import WORLDS, world_settings

ELDERLY: Final = AnatomySettings(
    log_jacobian_sd=0.10,
    size_sd=0.025,
    structures={
        "hippocampus": Structure(mean_ratio=0.95, sd=0.07, per_year=-0.011),
        "amygdala": Structure(mean_ratio=0.95, sd=0.09, per_year=-0.011),
        "entorhinal": Structure(mean_ratio=0.95, sd=0.12, per_year=-0.011),
        "parahippocampal": Structure(mean_ratio=0.97, sd=0.10, per_year=-0.008),
        "lateral_ventricle": Structure(mean_ratio=1.5, sd=0.30, per_year=0.035),
        "inferior_lateral_ventricle": Structure(
            mean_ratio=1.25, sd=0.22, per_year=0.035
        ),
    },
)
"""Spread and age effects of healthy elderly (``docs/explanation/simulation.md``)."""

_OWN_SD: Final = {
    "hippocampus": 0.02,
    "amygdala": 0.02,
    "entorhinal": 0.02,
    "parahippocampal": 0.07,
    "lateral_ventricle": 0.25,
    "inferior_lateral_ventricle": 0.10,
}
"""Spread of each structure by itself where severities of CN have an SD of 0.52: with
what severity makes of it, healthy people spread as far as published."""

OVERLAPPING: Final = ELDERLY.model_copy(
    update={
        "structures": {
            name: ELDERLY.structures[name].model_copy(update={"sd": sd})
            for name, sd in _OWN_SD.items()
        }
    }
)
"""Healthy elderly who have much or little of the pattern of AD already."""

PATTERN: Final = {
    "hippocampus": 0.78,
    "amygdala": 0.80,
    "entorhinal": 0.74,
    "parahippocampal": 0.86,
    "fusiform": 0.93,
    "middle_temporal": 0.93,
    "inferior_temporal": 0.93,
    "lateral_ventricle": 1.40,
    "inferior_lateral_ventricle": 1.50,
}
"""Of AD at severity 1; sources in ``docs/explanation/simulation.md``."""

LIMITS: Final = (0.45, 3.5)
"""Ratios of `ELDERLY` times `PATTERN` are kept within these."""

SCANNERS: Final = AcquisitionSettings(
    noise=0.03,
    bias_sd=0.12,
    gamma_sd=0.06,
    sites=("site1", "site2", "site3", "site4"),
    site_gamma_sd=0.08,
    site_noise_sd=0.25,
    site_bias_sd=0.25,
    voxels=((1.0, 1.0, 1.0), (1.2, 1.0, 1.0), (1.0, 1.0, 1.0), (1.2, 1.25, 1.25)),
    crop=15.0,
    motion_rate=0.08,
)
"""Four scanners that differ, and some people who do not lie still."""


def _same_signal(mean: float, sd: float) -> SignalSettings:
    """Signal that differs between people, by age and by chance, not by diagnosis."""
    return SignalSettings(severity={d: Severity(mean=mean, sd=sd) for d in Diagnosis})


PRESETS: Final[dict[str, dict[str, Any]]] = {
    # Strong and clear, so that a small model learns it from few heads in minutes; but
    # either map has a part alone, and errors of the two parts cancel one another.
    "easy": {
        "anatomy": AnatomySettings(log_jacobian_sd=0.07),
        "atrophy": AtrophySettings(
            severity={
                Diagnosis.CN: Normal(mean=0.0, sd=0.55),
                Diagnosis.MCI: Normal(mean=0.5, sd=0.55),
                Diagnosis.AD: Normal(mean=1.0, sd=0.55),
            }
        ),
        "signal": SignalSettings(
            severity={
                Diagnosis.CN: Severity(mean=0.2, sd=0.5, relation=-0.6),
                Diagnosis.MCI: Severity(mean=0.49, sd=0.5, relation=-0.6),
                Diagnosis.AD: Severity(mean=0.78, sd=0.5, relation=-0.6),
            },
            # Where nothing shrinks, so that one map does not tell of the other.
            darker={
                "fusiform": 0.35,
                "middle_temporal": 0.35,
                "inferior_temporal": 0.35,
            },
            contrast={},
            patches=PatchSettings(number=0),
        ),
        # Scans of 8 bits, with noise of one and a half steps: half the size of others.
        "acquisition": AcquisitionSettings(white=64.0),
    },
    # Disease in volumes of published size and in the signal: who knows both severities
    # has an AUC of 0.90 for AD and 0.70 for MCI against CN (`oracle_auc`).
    "realistic": {
        "anatomy": OVERLAPPING,
        "atrophy": AtrophySettings(
            pattern=PATTERN,
            severity={
                Diagnosis.CN: Normal(mean=0.0, sd=0.52),
                Diagnosis.MCI: Normal(mean=0.42, sd=0.70),
                Diagnosis.AD: Normal(mean=0.9, sd=0.68),
            },
            region_sd=0.05,
            limits=LIMITS,
        ),
        "acquisition": SCANNERS,
        "signal": SignalSettings(
            severity={
                Diagnosis.CN: Severity(mean=0.2, sd=0.3),
                Diagnosis.MCI: Severity(mean=0.265, sd=0.3),
                Diagnosis.AD: Severity(mean=0.505, sd=0.3),
            }
        ),
    },
    # Heads without a group effect: whatever tells the groups apart is a leak.
    "null": {
        "anatomy": AnatomySettings(log_jacobian_sd=0.07),
        "atrophy": AtrophySettings(
            severity={d: Normal(mean=0.6, sd=0.60) for d in Diagnosis}
        ),
        # Sites change intensity without disease.
        "acquisition": AcquisitionSettings(site_gamma_sd=0.06),
        "signal": _same_signal(0.6, 0.6),
    },
    # No effect of disease either, but patients are older and were scanned elsewhere.
    "confounded": {
        "anatomy": ELDERLY,
        "atrophy": AtrophySettings(
            pattern=PATTERN,
            severity={d: Normal(mean=0.3, sd=0.40) for d in Diagnosis},
            region_sd=0.05,
            limits=LIMITS,
        ),
        "acquisition": SCANNERS.model_copy(
            update={
                "sites": ("site1", "site2", "site3"),
                "site_gamma_sd": 0.2,
                "motion_rate": 0.0,
            }
        ),
        "signal": _same_signal(0.3, 0.4),
        "older": {Diagnosis.MCI: 4.0, Diagnosis.AD: 8.0},
        "site_lean": 0.7,
    },
    # Known worlds: which map carries the answer is set, an oracle's AUC is 0.90.
    **{name: world_settings(world) for name, world in WORLDS.items()},
}


def preset_settings(preset: str, **changes: Any) -> SimulationSettings:  # noqa: ANN401
    """Settings of a preset, with some of them changed.

    Args:
        preset: One of `PRESETS`.
        **changes: Fields of `SimulationSettings`, ``participants`` at least.

    Raises:
        InputError: If there is no such preset, or a value cannot be used.
    """
    if preset not in PRESETS:
        near = get_close_matches(preset, PRESETS, n=1, cutoff=0.5)
        hint = f" (did you mean {near[0]}?)" if near else ""
        msg = f"no preset {preset!r}{hint}; there are {', '.join(PRESETS)}"
        raise InputError(msg)
    try:
        return SimulationSettings(**{**PRESETS[preset], **changes})
    except ValidationError as error:
        faults = [
            f"{'.'.join(str(part) for part in fault['loc'])}: {fault['msg']}"
            for fault in error.errors()
        ]
        msg = f"simulation settings: {'; '.join(faults)}"
        raise InputError(msg) from error
