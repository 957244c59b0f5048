"""Many scans at once, on their way into a network."""

from typing import TypeAlias

from jaxtyping import Float
from torch import Tensor

AffineBatch: TypeAlias = Float[Tensor, "batch 4 4"]
"""A homogeneous matrix for each scan of a batch."""

Channels: TypeAlias = Float[Tensor, "batch channel i j k"]
"""Maps of each scan side by side."""
