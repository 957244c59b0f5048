"""Whether an image lies in another way than its header says: the 24 turns of a head."""

from dataclasses import dataclass, replace
from itertools import permutations, product
from typing import Final

import numpy as np
from scipy import ndimage

from crosswarp.preprocessing.quality import similarity
from crosswarp.registration.resampling import at_spacing, resample
from crosswarp.registration.torch_lncc.alone import register_affinely
from crosswarp.types.arrays import Matrix, SpatialMap

POOR_OVERLAP: Final = 0.92
"""Dice coefficient after the affine below which the turns are tried."""

POOR_SIMILARITY: Final = 0.7
"""Correlation after the registration below which they are tried, too."""

LEAST_GAIN: Final = 0.2
"""Correlation that another turn must add to that of the header's own."""

LEAST_CORRELATION: Final = 0.5
"""Correlation that it must reach: less is an image of another contrast.

Colin27 turned in 23 ways had 0.79 as it should lie and at most 0.35 as it was said to.
"""

SPACING: Final = 6.0
"""Millimetres between the voxels at which turns are compared."""

ROUNDS: Final = (30, 0)
"""Most iterations of the affine of a turn; none by local correlation."""

_INSIDE: Final = 0.15
"""Brightness of the template's brain, from 0 to 1, from which on a voxel is inside."""

_ENDS: Final = (("left", "right"), ("back", "front"), ("bottom", "top"))
_AXES: Final = ("left-right", "back-front", "bottom-top")


@dataclass(frozen=True)
class Turn:
    """One way in which an image may lie, and how well it fits the template then.

    Attributes:
        rotation: From the directions of the header to those of the head, RAS+.
        correlation: With the template in its brain, after an affine.
        as_said: The same as the header has it.
    """

    rotation: Matrix
    correlation: float
    as_said: float = 0.0

    @property
    def is_none(self) -> bool:
        """Whether the header is right."""
        return bool(np.array_equal(self.rotation, np.eye(3)))

    @property
    def sentence(self) -> str:
        """Say where the head's right, front and top are, and which turn that is."""
        right, front, top = (_end(column) for column in self.rotation.T)
        return (
            "the image contradicts its header: what the header calls right, front and"
            f" top are the head's {right}, {front} and {top} ({self._how_far});"
            f" turned so, its correlation with the template is {self.correlation:.2f},"
            f" and {self.as_said:.2f} as the header has it; correct the header, or"
            " convert again from DICOM"
        )

    @property
    def _how_far(self) -> str:
        cosine = (np.trace(self.rotation) - 1) / 2
        kept = np.flatnonzero(np.diag(self.rotation) == 1)
        far = {-1: "half a turn", 0: "a quarter turn"}.get(round(float(cosine)))
        if far is None or not len(kept):
            return "axes are exchanged"
        return f"{far} about the {_AXES[int(kept[0])]} axis"


def turn_of(brain: SpatialMap, template: SpatialMap) -> Turn | None:
    """Find the turn by which an image contradicts its header.

    Args:
        brain: Of the participant, 0 around it.
        template: Brain of the template, 0 around it.

    Returns:
        None where no turn fits clearly better than the header's own.

    Raises:
        ScanError: If no turn at all can be registered.
    """
    fixed, moving = at_spacing(template, SPACING), at_spacing(brain, SPACING)
    turns = [_fitted(fixed, moving, rotation) for rotation in rotations()]
    best = max(turns, key=lambda turn: turn.correlation)
    as_said = max((turn.correlation for turn in turns if turn.is_none), default=0.0)
    least = max(as_said + LEAST_GAIN, LEAST_CORRELATION)
    if best.is_none or best.correlation < least:
        return None
    return replace(best, as_said=as_said)


def rotations() -> list[Matrix]:
    """List the 24 rotations that take axes to axes."""
    made = (
        np.eye(3)[list(order)] * np.array(signs)
        for order in permutations(range(3))
        for signs in product((1.0, -1.0), repeat=3)
    )
    return [rotation for rotation in made if np.linalg.det(rotation) > 0]


def _fitted(fixed: SpatialMap, moving: SpatialMap, rotation: Matrix) -> Turn:
    """Register from one turn; name the one at which the affine ends."""
    turn = np.eye(4)
    turn[:3, :3] = rotation
    turned = SpatialMap(moving.values, turn @ moving.affine)
    affine = register_affinely(fixed, turned, ROUNDS)
    found = resample(turned, fixed.extent, fixed.affine, affine)
    # Without its edge: against the dark around it, any brain fits any other.
    inside = ndimage.binary_erosion(fixed.values > _INSIDE)
    to_head = np.linalg.inv(affine[:3, :3]) @ rotation
    nearest = max(rotations(), key=lambda other: float((other * to_head).sum()))
    return Turn(nearest, similarity(found, fixed.values, inside))


def _end(direction: np.ndarray) -> str:
    axis = int(np.abs(direction).argmax())
    return _ENDS[axis][int(direction[axis] > 0)]
