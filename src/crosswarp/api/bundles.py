"""Trained networks."""

from crosswarp.api.paths import PathLike, as_path
from crosswarp.models.bundle import Bundle
from crosswarp.models.bundle import load_bundle as load


def load_bundle(bundle: PathLike) -> Bundle:
    """Load a trained network.

    Args:
        bundle: Folder of a bundle, such as ``bundle`` in the folder of a fold.

    Returns:
        ``network``, a PyTorch module on the CPU in evaluation mode with
        ``forward(t1w, jsm)`` to logits, both maps of shape (batch, 1, i, j, k); and
        ``card``, its settings, classes, grid, training participants and calibration.

    Raises:
        InputError: If the folder is no bundle, or its weights do not fit its card; or
            the network has an encoder of your own that cannot be imported here.

    Examples:
        >>> bundle = crosswarp.load_bundle(study / "bundle")
        >>> bundle.card.classes
        ('CN', 'AD')
        >>> maps = torch.zeros(1, 1, *bundle.card.extent)
        >>> with torch.inference_mode():
        ...     bundle.network(maps, maps).shape
        torch.Size([1, 2])
    """
    return load(as_path(bundle))
