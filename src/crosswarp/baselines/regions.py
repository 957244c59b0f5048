"""Which labels of the atlas make each feature of a model of regional volumes."""

import difflib
from collections.abc import Sequence

from crosswarp.atlas import Region
from crosswarp.baselines.settings import BaselineSettings
from crosswarp.errors import InputError


def feature_labels(
    settings: BaselineSettings, regions: Sequence[Region]
) -> dict[str, list[int]]:
    """List the labels whose volume together is a feature, by the feature's name.

    Args:
        settings: Settings of a baseline of volumes.
        regions: Regions of the atlas.

    Raises:
        InputError: If the atlas has no structure of a name; has the nearest one.
    """
    if not settings.structures:
        return {
            f"{region.name} {region.hemisphere}": [region.label] for region in regions
        }
    known = sorted({region.name for region in regions})
    for name in sorted(
        {one for listed in settings.structures.values() for one in listed}
    ):
        if name not in known:
            near = difflib.get_close_matches(name, known, n=1)
            hint = f"did you mean {near[0]}?" if near else f"it has: {', '.join(known)}"
            msg = (
                f"baseline {settings.name}: the atlas has no structure {name!r}; {hint}"
            )
            raise InputError(msg)
    return {
        feature: [region.label for region in regions if region.name in listed]
        for feature, listed in settings.structures.items()
    }
