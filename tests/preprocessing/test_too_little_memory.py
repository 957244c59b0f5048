"""Too little memory while the brain is looked for does not mean that there is none."""

from collections.abc import Callable
from types import ModuleType, SimpleNamespace

import numpy as np
import pytest

from crosswarp.errors import ScanError
from crosswarp.machine import machine_status
from crosswarp.preprocessing import (
    brain,
    brain_mask,
    hd_bet,
)
from crosswarp.preprocessing.brain import locate_brain
from crosswarp.preprocessing.settings import PreprocessSettings
from crosswarp.registration import ants_syn, greedy
from crosswarp.registration.settings import AntsSettings
from crosswarp.types.arrays import SpatialMap

TORCH = "DefaultCPUAllocator: can't allocate memory: you tried to allocate 64 GB"
NO_BRAIN = "zero-size array to reduction operation maximum"
SCAN = SpatialMap(np.zeros((8, 8, 8), np.float32), np.eye(4))


def raising(text: str) -> Callable[..., object]:
    def run(*_: object, **__: object) -> object:
        raise RuntimeError(text)

    return run


@pytest.mark.parametrize("way", ["deepbet", "hd-bet"])
@pytest.mark.parametrize("fall_back", [False, True])
def test_it_is_not_turned_into_no_brain(
    way: str, fall_back: bool, monkeypatch: pytest.MonkeyPatch
) -> None:
    def put(text: str) -> None:
        network = SimpleNamespace(run=raising(text))
        monkeypatch.setattr(brain_mask, "_network", lambda: network)
        monkeypatch.setattr(hd_bet, "_program", lambda: raising(text))

    laid: list[str] = []
    monkeypatch.setattr(brain, "template_brain", lambda *_: laid.append("template"))
    chosen = {"resolution": 2, "brain_mask": way, "fall_back": fall_back}
    settings = PreprocessSettings.model_validate(chosen)
    put(TORCH)
    with pytest.raises(RuntimeError, match="can't allocate memory") as caught:
        locate_brain(SCAN, settings)
    assert machine_status(caught.value) == "memory"
    # The template's mask stands in where there is no brain, not where no memory is.
    assert laid == []
    if not fall_back:
        put(NO_BRAIN)
        with pytest.raises(ScanError, match="no brain was found") as refused:
            locate_brain(SCAN, settings)
        assert machine_status(refused.value) is None


def test_nor_into_a_registration_that_failed(monkeypatch: pytest.MonkeyPatch) -> None:
    with pytest.raises(RuntimeError, match="bad_alloc"):
        greedy._run(SimpleNamespace(execute=raising("std::bad_alloc")), "-i F M")
    with pytest.raises(ScanError, match="the registration failed: singular"):
        greedy._run(SimpleNamespace(execute=raising("singular")), "-i F M")
    library = ModuleType("ants")
    library.registration = raising("Failed to allocate memory for image.")
    library.from_numpy = lambda *_, **__: None
    library.config = SimpleNamespace(set_ants_deterministic=lambda **_: None)
    monkeypatch.setattr(ants_syn, "load_ants", lambda: library)
    with pytest.raises(RuntimeError, match="allocate memory"):
        ants_syn.AntsSyn(AntsSettings()).register(SCAN, SCAN)
