"""Objectives of pretraining: what is asked of which maps, and what can be learned."""

import math

import pytest
import torch
from torch import Tensor

from crosswarp.errors import InputError
from crosswarp.models.build import build_network
from crosswarp.models.encoders.encoder import Encoder
from crosswarp.pretraining.objectives import (
    Objective,
    RegionalVolumes,
    make_objective,
    standard_ages,
)

EXTENT = (26, 30, 28)
NAMES = ("reconstruction", "volumes", "age", "matching", "contrast")


def made(tiny, name: str, **choices: object) -> Objective:
    torch.manual_seed(0)
    settings = tiny.settings(objective=name, **choices)
    objective = make_objective(
        build_network(settings.model, 2, EXTENT), settings, EXTENT
    )
    objective.fit(iter([maps(8)[0]]), iter([maps(8)[1]]))
    return objective


def maps(scans: int, seed: int = 0) -> tuple[Tensor, Tensor]:
    """Smooth maps; in each scan the T1w image is the log-Jacobian map's image."""
    torch.manual_seed(seed)
    coarse = torch.randn(scans, 1, 4, 4, 4)
    shape = torch.nn.functional.interpolate(coarse, EXTENT, mode="trilinear")
    return shape / 4 + 0.5, shape / 5


def gradients(objective: Objective) -> set[str]:
    named = objective.named_encoders.items()
    return {
        name
        for name, encoder in named
        if any(p.grad is not None and p.grad.any() for p in encoder.parameters())
    }


@pytest.mark.parametrize("name", NAMES)
def test_the_loss_reaches_the_encoders_and_falls(tiny, name: str) -> None:
    objective = made(tiny, name)
    assert all(isinstance(e, Encoder) for e in objective.named_encoders.values())
    t1w, jsm = maps(8)
    ages = standard_ages([60.0 + n for n in range(8)])
    optimiser = torch.optim.Adam(objective.parameters(), lr=3e-3)
    losses = []
    for _ in range(20):
        loss = objective(t1w, jsm, ages)
        optimiser.zero_grad()
        loss.backward()
        optimiser.step()
        losses.append(loss.item())
    assert sum(losses[-3:]) < 0.9 * sum(losses[:3])
    assert gradients(objective) == ({"t1w"} if name == "volumes" else {"t1w", "jsm"})


def test_volumes_are_asked_of_the_t1w_image_alone(tiny) -> None:
    """And a cube's volume is in standard deviations over the scans."""
    objective = made(tiny, "volumes")
    assert isinstance(objective, RegionalVolumes)
    t1w, jsm = maps(8)
    wanted = objective.typical(
        objective.restorer.fit(jsm, objective.typical.mean.shape)
    )
    torch.testing.assert_close(wanted.mean(dim=0), torch.zeros(wanted.shape[1:]))
    seen: list[Tensor] = []
    objective.named_encoders["t1w"].register_forward_hook(
        lambda _m, given, _out: seen.append(given[0])
    )
    losses = [objective(t1w, other, torch.zeros(8)).item() for other in (jsm, -jsm)]
    assert torch.equal(seen[0], seen[1])
    assert losses[0] != losses[1]


def test_one_who_guesses_has_the_loss_of_a_guess(tiny) -> None:
    t1w, jsm = maps(4)
    heads = made(tiny, "matching")
    for parameter in heads.heads.parameters():
        torch.nn.init.zeros_(parameter)
    assert heads(t1w, jsm, torch.zeros(4)).item() == pytest.approx(math.log(2))
    strangers = made(tiny, "contrast")
    for parameter in strangers.heads.parameters():
        torch.nn.init.zeros_(parameter)
    assert strangers(t1w, jsm, torch.zeros(4)).item() == pytest.approx(math.log(4))


def test_ages_alike_are_no_division_by_zero() -> None:
    assert standard_ages([70.0, 70.0]).tolist() == [0.0, 0.0]
    assert standard_ages([70.0]).tolist() == [0.0]


@pytest.mark.parametrize(
    ("name", "model", "lacking"),
    [
        ("volumes", "compact_jsm", "t1w"),
        ("contrast", "compact_stacked", "jsm and of t1w"),
    ],
)
def test_an_objective_without_its_encoder_is_refused(
    tiny, name: str, model: str, lacking: str
) -> None:
    with pytest.raises(InputError, match=f"{name} needs an encoder of {lacking}, and"):
        tiny.settings(objective=name, model=model)
