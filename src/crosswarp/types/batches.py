"""Many scans at once, on their way into a network."""

from typing import TypeAlias

import numpy as np
from jaxtyping import Float
from torch import Tensor

StoredMaps: TypeAlias = Float[np.ndarray, "scan i j k"]
"""One map of every scan of an analysis."""

CroppedMap: TypeAlias = Float[np.ndarray, "i2 j2 k2"]
"""The part of a map that networks see."""

AffineBatch: TypeAlias = Float[Tensor, "batch 4 4"]
"""A homogeneous matrix for each scan of a batch."""

Channels: TypeAlias = Float[Tensor, "batch channel i j k"]
"""Maps of each scan side by side."""
