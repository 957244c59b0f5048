"""Patterns: what varies most in a map between people, beyond what varies by side."""

from collections.abc import Iterable, Sequence
from typing import Final

import torch
import torch.nn.functional as F
from torch import Tensor, nn

from crosswarp.errors import InputError
from crosswarp.models.cubes import check_extent, cube_means
from crosswarp.models.scaling import FLOOR, FittedToMaps, MapName
from crosswarp.types.grid import Extent
from crosswarp.types.tensors import (
    Cells,
    FittedScores,
    Logits,
    PatternCells,
    PatternFeatures,
    PatternScores,
    Volume,
)

LARGEST: Final = 3.0
"""Standard deviations beyond which a score of a pattern is clipped."""

LARGEST_FEATURE: Final = 5.0
"""The same of a feature: products of scores have long tails."""

GAIN: Final = 8.0
"""Of the weights: how far an optimiser gets with them in some hundred steps.

At 1 they end long before a linear model that is fitted to its end
(``docs/measured/known-worlds.md``).
"""

NEGLIGIBLE: Final = 1e-6
"""Part of the largest singular value below which a pattern is rounding."""


class MapPatterns(nn.Module):
    """Scores of the leading patterns of one map.

    Both sides of the brain are averaged, mirrored at the middle of the first axis (a
    plane in the middle has no other side and is left out), and then cubes. Half the
    difference of the sides has nothing of a disease that takes both, so its spread
    among the training scans says how much of a cube is chance; each cube is divided by
    it. The patterns are the principal components of the training scans, scaled so; no
    diagnosis is looked at. The template must be symmetric, as the package's own is:
    another one's asymmetry counts as chance.

    All that is learned are buffers: saved with the weights, never trained. Before `fit`
    all scores are zero.

    Args:
        extent: Voxels of the map; the first axis is left to right.
        cell: Edge of a cube, in voxels.
        count: Number of patterns.
    """

    mean: Tensor
    inverse_chance: Tensor
    patterns: Tensor
    inverse_spread: Tensor

    def __init__(self, extent: Extent, cell: int, count: int) -> None:
        super().__init__()
        half = extent[0] // 2
        i, j, k = (-(-voxels // cell) for voxels in (half, *extent[1:]))
        self.extent = extent
        self.cell = cell
        self.register_buffer("mean", torch.zeros(i * j * k))
        self.register_buffer("inverse_chance", torch.zeros(i * j * k))
        self.register_buffer("patterns", torch.zeros(count, i * j * k))
        self.register_buffer("inverse_spread", torch.zeros(count))

    def fit(self, volumes: Iterable[Volume]) -> FittedScores:
        """Learn the patterns.

        Args:
            volumes: Batches of the TRAINING part, one channel. Each is read once.

        Returns:
            Scores of the training scans, in their order.

        Raises:
            InputError: If there are fewer than two scans.
        """
        kept, squares = [], torch.zeros_like(self.mean, dtype=torch.float64)
        for volume in volumes:
            kept.append(self._cells(volume, 1.0).flatten(1))
            sides = self._cells(volume, -1.0).flatten(1).to(torch.float64)
            squares += (sides**2).sum(dim=0)
        count = sum(map(len, kept))
        if count < 2:
            msg = f"patterns need two training scans or more, got {count}"
            raise InputError(msg)
        cells = torch.cat(kept).to(torch.float64)
        mean = cells.mean(dim=0)
        variance = cells.var(dim=0, correction=0)
        varies = variance > NEGLIGIBLE * variance.amax().clamp(min=1e-12)
        chance = (squares / count).sqrt()
        typical = chance[varies].median() if varies.any() else torch.ones(())
        inverse = varies / (chance + FLOOR * typical).clamp(min=1e-12)
        scaled = (cells - mean) * inverse
        self.mean.copy_(mean)
        self.inverse_chance.copy_(inverse)
        self._find_patterns(scaled)
        return self.scores(cells.to(self.mean.dtype))

    def forward(self, volume: Volume) -> PatternScores:
        """Return one score a pattern, in standard deviations, clipped.

        Raises:
            ShapeError: If the map is not of the extent that this was built for.
        """
        return self.scores(self._cells(volume, 1.0).flatten(1))

    def scores(self, cells: PatternCells) -> PatternScores:
        """Return the scores of means over cubes."""
        scaled = (cells - self.mean) * self.inverse_chance
        scores: PatternScores = F.linear(scaled, self.patterns) * self.inverse_spread
        return scores.clamp(-LARGEST, LARGEST)

    def _find_patterns(self, scaled: Tensor) -> None:
        """Take the principal components of scaled scans, the first as the first."""
        # Of scans by scans, as there are far fewer scans than cubes.
        squares, across = torch.linalg.eigh(scaled @ scaled.T)
        count = min(len(self.patterns), len(scaled) - 1)
        squares = squares.flip(0)[:count].clamp(min=0)
        across = across.flip(1)[:, :count]
        sizes = squares.sqrt()
        used = sizes > NEGLIGIBLE * sizes.amax().clamp(min=1e-12)
        patterns = (across.T @ scaled) / sizes.clamp(min=1e-12)[:, None]
        # The sign of a component is free: its largest cube is positive.
        largest = patterns.gather(1, patterns.abs().argmax(dim=1, keepdim=True))
        patterns = patterns * torch.where(largest < 0, -1.0, 1.0) * used[:, None]
        spread = sizes / len(scaled) ** 0.5
        self.patterns.zero_()
        self.inverse_spread.zero_()
        self.patterns[:count] = patterns.to(self.patterns.dtype)
        self.inverse_spread[:count] = used / spread.clamp(min=1e-12)

    def _cells(self, volume: Volume, sign: float) -> Cells:
        """Average both sides (``sign`` 1) or halve their difference; average cubes.

        Cubes at the far faces are filled up with zeros.
        """
        check_extent(volume, self.extent)
        half = self.extent[0] // 2
        sides = 0.5 * (volume[:, :, :half] + sign * volume.flip(2)[:, :, :half])
        return cube_means(sides, self.cell)


class PatternClassifier(FittedToMaps):
    """Classify from scores of patterns, and from products of scores.

    Cross-attention in its simplest form: without softmax, what one map's tokens ask of
    the other's is a weighted sum of products of both maps' features. Here each pair of
    a leading pattern of one map and one of the other has a weight, so the network hears
    whether both come together, beside what each tells by itself. A network of one map
    has the products of pairs of its own patterns.

    Args:
        maps: Maps that are used.
        extent: Voxels of the maps.
        classes: How many diagnoses.
        cell: Edge of a cube, in voxels.
        count: Number of patterns of a map.
        crossed: Number of leading patterns of each map of which products are taken.
    """

    feature_mean: Tensor
    inverse_spread: Tensor

    def __init__(
        self,
        maps: Sequence[MapName],
        extent: Extent,
        classes: int,
        *,
        cell: int,
        count: int,
        crossed: int,
    ) -> None:
        super().__init__()
        self.maps = tuple(maps)
        self.crossed = crossed
        self.of_map = nn.ModuleDict(
            {name: MapPatterns(extent, cell, count) for name in self.maps}
        )
        own = crossed * (crossed + 1) // 2
        features = len(self.maps) * count + (own if len(maps) == 1 else crossed**2)
        self.register_buffer("feature_mean", torch.zeros(features))
        self.register_buffer("inverse_spread", torch.zeros(features))
        self.head = nn.Linear(features, classes)
        nn.init.zeros_(self.head.weight)
        nn.init.zeros_(self.head.bias)

    def fit(self, t1w: Iterable[Volume], jsm: Iterable[Volume]) -> None:
        """Learn the patterns; the maps are those of training scans, in one order."""
        volumes = {"t1w": t1w, "jsm": jsm}
        scores = [self._patterns(name).fit(volumes[name]) for name in self.maps]
        features = self._features(scores)
        spread = features.std(dim=0, correction=0)
        self.feature_mean.copy_(features.mean(dim=0))
        self.inverse_spread.copy_((spread > 1e-6) / spread.clamp(min=1e-6))

    def forward(self, t1w: Volume, jsm: Volume) -> Logits:
        """Return one logit per diagnosis."""
        volumes = {"t1w": t1w, "jsm": jsm}
        features = self._features([self.of_map[m](volumes[m]) for m in self.maps])
        scaled = (features - self.feature_mean) * self.inverse_spread
        clipped = scaled.clamp(-LARGEST_FEATURE, LARGEST_FEATURE)
        logits: Logits = self.head(GAIN * clipped)
        return logits

    def _patterns(self, name: MapName) -> MapPatterns:
        patterns = self.of_map[name]
        assert isinstance(patterns, MapPatterns)
        return patterns

    def _own_pairs(self) -> list[int]:
        """Number the products of a map's own scores, each pair once."""
        pairs = range(self.crossed)
        return [i * self.crossed + j for i in pairs for j in pairs if i <= j]

    def _features(self, scores: Sequence[PatternScores]) -> PatternFeatures:
        """Put scores and their products side by side."""
        leading = [each[:, : self.crossed] for each in scores]
        products = leading[0][:, :, None] * leading[-1][:, None, :]
        if len(scores) == 1:
            crossed = products.flatten(1)[:, self._own_pairs()]
        else:
            crossed = products.flatten(1)
        return torch.cat([*scores, crossed], dim=1)
