"""MONAI's networks, imported only where one is asked for: the import takes seconds."""

from importlib import import_module
from typing import Any

from crosswarp.errors import MissingPackageError


def monai_networks() -> Any:  # noqa: ANN401 - MONAI is untyped
    """Import MONAI's networks.

    Returns:
        The module ``monai.networks.nets``.

    Raises:
        MissingPackageError: If MONAI is not installed.
    """
    try:
        return import_module("monai.networks.nets")
    except ImportError as error:
        msg = (
            "ResNet, DenseNet and Swin encoders are MONAI's: expected it installed, it"
            f" is not ({error}); pip install 'crosswarp[monai]'"
        )
        raise MissingPackageError(msg) from error
