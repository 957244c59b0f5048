"""What encoders can learn from scans without a diagnosis, besides reconstruction."""

from collections.abc import Iterable, Sequence
from typing import Final

import torch
import torch.nn.functional as F
from torch import Tensor, nn

from crosswarp.models.encoders.encoder import Encoder
from crosswarp.models.pooling import MeanMaxPooling
from crosswarp.models.reconstruction import (
    SEEN,
    MaskedReconstruction,
    Restorer,
    encoders_of,
    scalings_of,
)
from crosswarp.models.scaling import FittedToMaps, Standardise
from crosswarp.models.tokens import Positions, as_tokens
from crosswarp.pretraining.settings import PretrainingSettings
from crosswarp.types.grid import Extent
from crosswarp.types.tensors import Embedding, FeatureMap, Value, Volume

HIDDEN: Final = 64
"""Features of the small networks that are thrown away after pretraining."""

CUBE_MM: Final = 12.0
"""Edge of a cube whose volume is predicted, at most."""

TEMPERATURE: Final = 0.1
"""Of the contrast, as in SimCLR."""


class Objective(FittedToMaps):
    """What encoders learn; ``forward(t1w, jsm, ages)`` returns the loss of a batch.

    Args:
        network: As `build_network` made it, whose encoders learn.
        settings: Of the pretraining.
        extent: Voxels of the maps along each axis.
    """

    def __init__(
        self, network: nn.Module, settings: PretrainingSettings, extent: Extent
    ) -> None:
        super().__init__()
        self.named_encoders = encoders_of(network, settings.model)
        # torch finds modules in lists of its own only.
        self.encoders = nn.ModuleList(self.named_encoders.values())
        self.t1w_scaling, self.jsm_scaling = scalings_of(network)
        self.spacing = float(settings.resolution)
        self.extent = extent

    def fit(self, t1w: Iterable[Volume], jsm: Iterable[Volume]) -> None:
        """Fit nothing, where an objective has nothing to fit."""

    def encoded(self, name: str, t1w: Volume, jsm: Volume) -> FeatureMap:
        """Return the features of one encoder.

        Args:
            name: What the encoder is given.
            t1w: T1w images of a batch.
            jsm: Log-Jacobian maps of the batch.
        """
        seen = SEEN[name](self.t1w_scaling(t1w), self.jsm_scaling(jsm))
        features: FeatureMap = self.named_encoders[name](seen)
        return features


class RegionalVolumes(Objective):
    """Predict from the T1w image how large each part of the brain is.

    The target is the mean log-Jacobian of cubes, standardised cube by cube over the
    scans. The encoder of the log-Jacobian map stays as it is. A loss of 1 is that of
    one who knows the mean alone.
    """

    def __init__(
        self, network: nn.Module, settings: PretrainingSettings, extent: Extent
    ) -> None:
        super().__init__(network, settings, extent)
        encoder = self.named_encoders["t1w"]
        voxels = max(1, int(CUBE_MM // self.spacing))
        self.placed = _placed(encoder, HIDDEN, extent)
        self.restorer = Restorer(encoder, maps=1, pooled=voxels, features=HIDDEN)
        grid = encoder.grid(extent)
        i, j, k = (n * self.restorer.cells for n in grid)
        self.typical = Standardise((i, j, k))

    def fit(self, t1w: Iterable[Volume], jsm: Iterable[Volume]) -> None:
        """Learn mean and standard deviation of each cube's volume."""
        del t1w
        extent = self.typical.mean.shape
        self.typical.fit(self.restorer.fit(volume, extent) for volume in jsm)

    def forward(self, t1w: Volume, jsm: Volume, ages: Tensor) -> Value:
        """Return the mean squared error, in standard deviations of each cube."""
        del ages
        found = self.restorer(F.relu(self.placed(self.encoded("t1w", t1w, jsm))))
        wanted = self.typical(self.restorer.fit(jsm, found.shape[2:]))
        weight = (self.typical.inverse_sd > 0).to(found.dtype)
        loss: Value = ((found - wanted) ** 2 * weight).sum() / weight.sum() / len(t1w)
        return loss


class Age(Objective):
    """Predict the age from each encoder's pooled features.

    A loss of 1 is that of one who knows the mean alone.
    """

    def __init__(
        self, network: nn.Module, settings: PretrainingSettings, extent: Extent
    ) -> None:
        super().__init__(network, settings, extent)
        encoders = self.named_encoders.items()
        self.heads = nn.ModuleDict({name: _pooled(e, 1) for name, e in encoders})

    def forward(self, t1w: Volume, jsm: Volume, ages: Tensor) -> Value:
        """Return the mean squared error, in standard deviations of the ages."""
        losses = [
            F.mse_loss(head(self.encoded(name, t1w, jsm))[:, 0], ages)
            for name, head in self.heads.items()
        ]
        return torch.stack(losses).mean()


class Matching(Objective):
    """Tell whether a T1w image and a log-Jacobian map are of one participant.

    Each scan is held against its own map and against the next scan's of the batch, by
    the tokens of the same place. A loss of 0.69 is that of one who guesses.
    """

    def __init__(
        self, network: nn.Module, settings: PretrainingSettings, extent: Extent
    ) -> None:
        super().__init__(network, settings, extent)
        encoders = self.named_encoders.items()
        self.heads = nn.ModuleDict(
            {name: _placed(encoder, HIDDEN, extent) for name, encoder in encoders}
        )
        self.bias = nn.Parameter(torch.zeros(()))

    def forward(self, t1w: Volume, jsm: Volume, ages: Tensor) -> Value:
        """Return the cross-entropy of the pairs."""
        del ages
        one, other = (
            as_tokens(head(self.encoded(name, t1w, jsm)))
            for name, head in self.heads.items()
        )
        own = (one * other).sum(dim=2).mean(dim=1) + self.bias
        strange = (one * other.roll(1, dims=0)).sum(dim=2).mean(dim=1) + self.bias
        loss: Value = (F.softplus(-own) + F.softplus(strange)).mean() / 2
        return loss


class Contrast(Objective):
    """Find the log-Jacobian map of a T1w image among those of the batch, and back.

    References:
        Chen et al. (2020), A simple framework for contrastive learning of visual
        representations, ICML. There two views of an image are paired, here the two
        maps of a scan, as images and texts are in Radford et al. (2021), Learning
        transferable visual models from natural language supervision, ICML.
    """

    def __init__(
        self, network: nn.Module, settings: PretrainingSettings, extent: Extent
    ) -> None:
        super().__init__(network, settings, extent)
        encoders = self.named_encoders.items()
        self.heads = nn.ModuleDict({name: _pooled(e, HIDDEN) for name, e in encoders})

    def forward(self, t1w: Volume, jsm: Volume, ages: Tensor) -> Value:
        """Return the cross-entropy of the right partner, both ways."""
        del ages
        one, other = (
            F.normalize(head(self.encoded(name, t1w, jsm)), dim=1)
            for name, head in self.heads.items()
        )
        alike = one @ other.T / TEMPERATURE
        right = torch.arange(len(alike), device=alike.device)
        loss: Value = (
            F.cross_entropy(alike, right) + F.cross_entropy(alike.T, right)
        ) / 2
        return loss


class Reconstruction(Objective):
    """Masked reconstruction, called as the other objectives are."""

    def __init__(
        self, network: nn.Module, settings: PretrainingSettings, extent: Extent
    ) -> None:
        super().__init__(network, settings, extent)
        self.masked = MaskedReconstruction(
            network, settings.model, settings.mask, self.spacing
        )

    def forward(self, t1w: Volume, jsm: Volume, ages: Tensor) -> Value:
        """Return the loss of a batch."""
        del ages
        loss: Value = self.masked(t1w, jsm)
        return loss


_OBJECTIVES: Final[dict[str, type[Objective]]] = {
    "reconstruction": Reconstruction,
    "volumes": RegionalVolumes,
    "age": Age,
    "matching": Matching,
    "contrast": Contrast,
}


def make_objective(
    network: nn.Module, settings: PretrainingSettings, extent: Extent
) -> Objective:
    """Make what a network's encoders are to learn.

    Args:
        network: As `build_network` made it.
        settings: Of the pretraining.
        extent: Voxels of the maps along each axis.
    """
    return _OBJECTIVES[settings.objective](network, settings, extent)


def standard_ages(ages: Sequence[float]) -> Tensor:
    """Bring ages to a mean of 0 and a standard deviation of 1; 0 when all are alike.

    Example:
        >>> standard_ages([60.0, 70.0, 80.0]).tolist()
        [-1.0, 0.0, 1.0]
    """
    years = torch.tensor(ages, dtype=torch.float32)
    spread = years.std() if len(ages) > 1 else torch.ones(())
    return (years - years.mean()) / spread.clamp(min=1e-3)


class _Pooled(nn.Module):
    """Pool a feature map and let a small network say something of it."""

    def __init__(self, features: int, out_features: int) -> None:
        super().__init__()
        self.pooling = MeanMaxPooling(features, 0)
        self.network = nn.Sequential(
            nn.Linear(self.pooling.out_features, HIDDEN),
            nn.ReLU(),
            nn.Linear(HIDDEN, out_features),
        )

    def forward(self, features: FeatureMap) -> Embedding:
        """Return one vector a scan."""
        embedding: Embedding = self.network(self.pooling(as_tokens(features)))
        return embedding


def _pooled(encoder: Encoder, out_features: int) -> nn.Module:
    return _Pooled(encoder.out_features, out_features)


def _placed(encoder: Encoder, out_features: int, extent: Extent) -> nn.Module:
    """Let each token say something that depends on its place, too."""
    positions = Positions(encoder.out_features, encoder.grid(extent))
    return nn.Sequential(positions, nn.Conv3d(encoder.out_features, out_features, 1))
