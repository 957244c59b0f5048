"""The registrations that are compared: settings of the back ends, by name."""

from typing import Final

from crosswarp.registration.settings import (
    AntsSettings,
    GreedySettings,
    MapSettings,
    RegistrationSettings,
    TorchSettings,
    TwoStageSettings,
)

METHODS: Final[dict[str, RegistrationSettings]] = {
    "two_stage": TwoStageSettings(device="cpu"),
    "map": MapSettings(device="cpu"),
    "greedy": GreedySettings(),
    "torch": TorchSettings(device="cpu"),
    "ants-2mm": AntsSettings(resolution=2),
    "ants-1mm": AntsSettings(),
}
