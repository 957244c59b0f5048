"""A network that torch.compile translates: refused without a compiler, or trained."""

import copy

import pytest
import torch
from torch import nn

from crosswarp.errors import InputError
from crosswarp.training.experiment import read_experiment
from crosswarp.training.plan import plan_run
from crosswarp.training.requirements import check_compiler
from crosswarp.training.settings import TrainingSettings
from crosswarp.training.task import ClassificationTask

CHOSEN = TrainingSettings(compile=True)


def test_only_what_was_chosen_is_written() -> None:
    """Fingerprints of runs from before it was a choice stay what they are."""
    assert "compile" not in TrainingSettings().model_dump(mode="json")
    assert CHOSEN.model_dump(mode="json")["compile"] is True
    assert TrainingSettings.model_validate(CHOSEN.model_dump()) == CHOSEN


def test_a_machine_without_a_compiler_is_refused(monkeypatch, tiny) -> None:
    monkeypatch.setenv("CXX", "no-such-compiler")
    check_compiler(TrainingSettings())
    with pytest.raises(InputError, match="on this machine; install that") as caught:
        check_compiler(CHOSEN)
    assert "no-such-compiler" in str(caught.value)
    assert "\n" not in str(caught.value)
    file = tiny.write(training=tiny.training(compile=True))
    with pytest.raises(InputError, match=r"needs a C\+\+ compiler"):
        plan_run(read_experiment(file))


def test_headers_and_triton_are_looked_for(monkeypatch) -> None:
    place = "crosswarp.training.requirements"
    monkeypatch.setattr(f"{place}.sysconfig.get_path", lambda _: "no-such-folder")
    monkeypatch.setattr(f"{place}.on_gpu", lambda _: True)
    monkeypatch.setattr(f"{place}.find_spec", lambda _: None)
    with pytest.raises(
        InputError, match=r"Python\.h.* and the package triton, not found"
    ):
        check_compiler(CHOSEN)


class Small(nn.Module):
    """A network that the hook for shapes leaves alone: the compiler cannot read it."""

    def __init__(self) -> None:
        super().__init__()
        self.layers = nn.Sequential(nn.Conv3d(2, 4, 3), nn.ReLU(), nn.Flatten(2))
        self.last = nn.Linear(4, 2)

    def forward(self, t1w, jsm):
        features = self.layers(torch.cat([t1w, jsm], dim=1))
        return self.last(features.mean(dim=2))


def test_a_network_is_compiled_in_place_when_it_is_fitted(monkeypatch) -> None:
    """By torch's tracer alone: to have C++ made of it takes a minute of the processor.

    `scripts/gpu-check` does the rest.
    """
    chosen = {}

    def traced(self, **options) -> None:
        chosen.update(options)
        nn.Module.compile(self, backend="eager", **options)

    monkeypatch.setattr(Small, "compile", traced)
    torch.manual_seed(0)
    network = Small()
    task = ClassificationTask(network, CHOSEN, 2)
    names = list(task.state_dict())
    maps = torch.rand(2, 3, 1, 6, 6, 6)
    found = []
    for start in (lambda: None, task.on_fit_start):
        start()
        network.zero_grad()
        logits = network(*maps)
        logits.square().sum().backward()
        found.append([logits.detach(), *(p.grad.clone() for p in network.parameters())])
    assert chosen == {"dynamic": False}
    assert list(task.state_dict()) == names
    for one, two in zip(*found, strict=True):
        torch.testing.assert_close(one, two)
    copied = copy.deepcopy(network)
    assert copied._compiled_call_impl is None  # what another process gets
