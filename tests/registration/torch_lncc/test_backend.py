"""The PyTorch back end: where it works, and what that changes."""

import numpy as np
import pytest
import torch

from crosswarp.errors import InputError
from crosswarp.registration.build import register
from crosswarp.registration.jacobian import jacobian_determinant, log_jacobian
from crosswarp.registration.settings import TorchSettings
from crosswarp.registration.torch_lncc.backend import device_for
from tests.registration.deformed import deformed, template_at


def test_a_cpu_is_a_cpu() -> None:
    assert device_for(TorchSettings(device="cpu")).type == "cpu"


def test_auto_is_a_gpu_where_there_is_one() -> None:
    expected = "cuda" if torch.cuda.is_available() else "cpu"
    assert device_for(TorchSettings()).type == expected


@pytest.mark.skipif(torch.cuda.is_available(), reason="there is a GPU")
def test_a_gpu_that_is_not_there_is_an_error() -> None:
    with pytest.raises(InputError, match="PyTorch finds no CUDA device; take"):
        device_for(TorchSettings(device="cuda"))


@pytest.mark.slow
@pytest.mark.registration
def test_the_step_changes_the_way_not_the_end() -> None:
    template = template_at(4)
    participant = deformed(template).participant
    brain = template.values > 0.2
    short, long = (
        log_jacobian(
            register(
                template, participant, TorchSettings(device="cpu", step=s)
            ).displacement,
            template.affine,
        )[brain]
        for s in (0.25, 0.5)
    )
    assert np.corrcoef(short, long)[0, 1] > 0.95


@pytest.mark.slow
@pytest.mark.registration
def test_one_level_needs_no_other() -> None:
    template = template_at(4)
    known = deformed(template)
    only = TorchSettings(device="cpu", deformable_iterations=(30,))
    found = register(template, known.participant, only)
    determinant = jacobian_determinant(found.displacement, template.affine)
    brain = template.values > 0.2
    r = np.corrcoef(np.log(determinant[brain]), known.log_jacobian[brain])[0, 1]
    assert r > 0.7


@pytest.mark.gpu
@pytest.mark.registration
@pytest.mark.skipif(not torch.cuda.is_available(), reason="needs a CUDA device")
def test_a_gpu_gives_what_a_cpu_gives() -> None:
    template = template_at(2)
    participant = deformed(template).participant
    brain = template.values > 0.2
    on_cpu, on_gpu, again = (
        register(template, participant, TorchSettings(device=device))
        for device in ("cpu", "cuda", "cuda")
    )
    np.testing.assert_allclose(on_gpu.affine, on_cpu.affine, atol=0.01)
    maps = [
        log_jacobian(found.displacement, template.affine)[brain]
        for found in (on_cpu, on_gpu, again)
    ]
    assert np.corrcoef(maps[0], maps[1])[0, 1] > 0.99
    assert np.abs(maps[1] - maps[2]).max() < 1e-3
