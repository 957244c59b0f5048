"""Only a GPU that has room holds the maps of a fold."""

import numpy as np
import pytest
import torch

from crosswarp.inputs.datamodule import FoldData
from crosswarp.inputs.store import MapStore
from crosswarp.training import held
from crosswarp.training.held import hold_if_fitting
from crosswarp.training.memory import StepMemory
from crosswarp.training.settings import TrainingSettings

STEP = StepMemory(fixed=0.0, per_scan=100.0)


@pytest.fixture
def data() -> FoldData:
    maps = np.zeros((3, 5, 6, 7), np.float16)
    return FoldData(
        MapStore(maps, maps),
        ["train", "train", "test"],
        [0, 1, 0],
        batch_size=2,
        seed=0,
    )


@pytest.fixture
def gpu(monkeypatch: pytest.MonkeyPatch) -> None:
    """Stand in for a GPU of 10,000 free bytes: its maps are those of the CPU."""
    monkeypatch.setattr(held, "on_gpu", lambda training: training.device == "auto")
    monkeypatch.setattr(held, "free_of", lambda _: 10_000.0)
    monkeypatch.setattr(held, "DEVICE", torch.device("cpu"))


def test_a_cpu_reads_from_files(data: FoldData) -> None:
    assert not hold_if_fitting(data, TrainingSettings(device="cpu"), STEP)
    assert data.held is None


@pytest.mark.usefixtures("gpu")
def test_a_gpu_with_room_holds_them(data: FoldData) -> None:
    # 2 maps x 3 scans x 210 voxels x 2 bytes are 2,520; a third of 9,800 is more.
    training = TrainingSettings(device="auto", batch_size=2)
    assert hold_if_fitting(data, training, STEP)
    assert data.held is not None


@pytest.mark.usefixtures("gpu")
@pytest.mark.parametrize(
    "choices", [{"batch_size": 64}, {"batch_size": 2, "devices": 2}]
)
def test_without_room_or_with_several_gpus_files_are_read(
    data: FoldData, choices: dict[str, int]
) -> None:
    training = TrainingSettings.model_validate({"device": "auto", **choices})
    assert not hold_if_fitting(data, training, STEP)
    assert data.held is None
