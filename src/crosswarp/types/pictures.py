"""Arrays of pictures."""

from typing import TypeAlias

import numpy as np
from jaxtyping import Float

Plane: TypeAlias = Float[np.ndarray, "up across"]
