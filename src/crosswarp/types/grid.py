"""Numbers that say what a grid is; nothing is loaded for them."""

from typing import Final, TypeAlias

Extent: TypeAlias = tuple[int, int, int]
"""Voxels along each axis of a grid."""

SPACE: Final = "MNI152NLin2009cSym"
"""BIDS name of the embedded template's space."""
