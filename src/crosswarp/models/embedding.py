"""Where a scan lies for a network: what its last layer is given."""

from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from dataclasses import dataclass
from typing import Any

import numpy as np
import torch
from torch import Tensor, nn

from crosswarp.models.classifier import (
    FusionClassifier,
    MultipliedClassifier,
    SingleMapClassifier,
    StackedClassifier,
)
from crosswarp.models.patterns import PatternClassifier
from crosswarp.study.cohort_summary import FAR, PERCENTS, EmbeddingReference
from crosswarp.types.scores import Features, HeldOutFeatures, Scores
from crosswarp.types.tensors import Embedding, Logits, Volume

_WITH_HEAD = (
    FusionClassifier,
    MultipliedClassifier,
    PatternClassifier,
    SingleMapClassifier,
    StackedClassifier,
)


@dataclass(frozen=True)
class Distance:
    """How far scans lie from the training scans of a network.

    Attributes:
        typical: Distance over that of a typical held-out scan of the training cohort:
            1 is as usual.
        far: Whether it is beyond `FAR` percent of those.
        percentile: Percentile among those, 0 to 100.
        over_limit: Distance over the one that `FAR` percent of those stay within.
    """

    typical: float
    far: bool
    percentile: float = 0.0
    over_limit: float = 0.0


def answer_of(
    network: nn.Module, t1w: Volume, jsm: Volume
) -> tuple[Logits, Embedding | None]:
    """Ask a network, and listen to what its last layer is given.

    Args:
        network: ``forward(t1w, jsm)`` to logits.
        t1w: Aligned T1w images on the network's box.
        jsm: Log-Jacobian maps on the same grid.

    Returns:
        Logits, and the embedding of each scan; of a network that averages two, both
        embeddings side by side. None for a network without such a layer.
    """
    with _listening(network) as heard:
        logits: Logits = network(t1w, jsm)
    return logits, torch.cat(heard, dim=1) if heard else None


@contextmanager
def _listening(network: nn.Module) -> Iterator[list[Tensor]]:
    heard: list[Tensor] = []

    def hear(_: nn.Module, given: tuple[Any, ...]) -> None:
        heard.append(given[0].detach())

    hooks = [
        module.head.register_forward_pre_hook(hear)
        for module in network.modules()
        if isinstance(module, _WITH_HEAD)
    ]
    try:
        yield heard
    finally:
        for hook in hooks:
            hook.remove()


def reference_of(fitted: Features, held_out: HeldOutFeatures) -> EmbeddingReference:
    """Describe where the scans of a training cohort lie.

    Args:
        fitted: Embedding of each scan that the network was fitted on.
        held_out: Of each scan of the same cohort that it was not; may be empty.
    """
    means, sds = fitted.mean(axis=0), fitted.std(axis=0)
    others = held_out if len(held_out) else fitted
    found = _distances(others, means, sds)
    return EmbeddingReference(
        means=tuple(map(float, means)),
        sds=tuple(map(float, sds)),
        quantiles=tuple(map(float, np.percentile(found, PERCENTS))),
        scans=len(others),
        held_out=bool(len(held_out)),
    )


def distance_of(embedded: Sequence[float], reference: EmbeddingReference) -> Distance:
    """Measure how far a scan lies from the training scans.

    The distance is the root mean square of the features' deviations from their means
    in the training scans, each in its standard deviation there.

    Args:
        embedded: Embedding of the scan.
        reference: Of the same network.
    """
    one = np.array([embedded], dtype=float)
    means, sds = np.array(reference.means), np.array(reference.sds)
    value = float(_distances(one, means, sds)[0])
    usual = reference.quantiles[PERCENTS.index(50)]
    limit, tiny = reference.quantiles[PERCENTS.index(FAR)], np.finfo(float).tiny
    return Distance(
        value / max(usual, tiny),
        value > limit,
        float(np.interp(value, reference.quantiles, PERCENTS)),
        value / max(limit, tiny),
    )


def _distances(embedded: Features, means: np.ndarray, sds: np.ndarray) -> Scores:
    # A feature that never varied in training would count without bound.
    varies = sds > 1e-9 * max(float(sds.max(initial=0.0)), 1e-12)
    if not varies.any():
        return np.zeros(len(embedded))
    scaled = (embedded - means)[:, varies] / sds[varies]
    found: Scores = np.sqrt((scaled**2).mean(axis=1))
    return found
