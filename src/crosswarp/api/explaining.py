"""Attribution maps of a run."""

from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING

import pandas as pd

from crosswarp.api.maps import read_image
from crosswarp.api.paths import PathLike, as_path
from crosswarp.bids.tables import read_table
from crosswarp.errors import InputError
from crosswarp.evaluation.tasks import runs_of
from crosswarp.explanation.explain import explain_run
from crosswarp.study.attribution import Attribution
from crosswarp.study.names import ATTRIBUTION, REGIONS
from crosswarp.types.arrays import SpatialMap

if TYPE_CHECKING:
    from matplotlib.figure import Figure

MAP_NAMES = ("jsm", "t1w")


@dataclass(frozen=True)
class Explanation:
    """Where the networks of a run found evidence for the positive class.

    Attributes:
        run: Folder of the run.
        models: Models that were explained.
        card: Method, number of scans and errors.
    """

    run: Path
    models: tuple[str, ...]
    card: Attribution

    @property
    def regions(self) -> pd.DataFrame:
        """One row per model, map and region, the largest share first.

        ``share`` is the region's part of the attribution (0 to 1), ``density`` its mean
        over that of the brain, ``signed`` the sum, above 0 for the positive class.
        """
        tables = [
            read_table(self._folder(model) / REGIONS).assign(model=model)
            for model in self.models
        ]
        return pd.concat(tables, ignore_index=True)

    def maps(self, model: str | None = None) -> dict[str, SpatialMap]:
        """Read the attribution maps of a model.

        Args:
            model: Name of the model; the first that was explained when None.

        Returns:
            ``jsm`` and ``t1w``, those that the model sees: ``values`` with three axes
            in units of the logit, above 0 where the map speaks for the positive class,
            and ``affine``.

        Raises:
            InputError: If the model was not explained.
        """
        folder = self._folder(self.models[0] if model is None else model)
        paths = {name: folder / f"{name}.nii.gz" for name in MAP_NAMES}
        return {name: read_image(p) for name, p in paths.items() if p.is_file()}

    def plot(self, name: str = "jsm") -> "Figure":
        """Draw the attribution of the first model over the template.

        Args:
            name: Map of the attribution, ``jsm`` or ``t1w``.

        Returns:
            Matplotlib figure with three planes.

        Raises:
            InputError: If there is no map of that name.
            MissingDerivativeError: If the model does not see that map.
        """
        from crosswarp.report.attribution import draw_attribution
        from crosswarp.report.run import Run

        if name not in MAP_NAMES:
            msg = f"name: expected one of {', '.join(MAP_NAMES)}, got {name!r}"
            raise InputError(msg)
        return draw_attribution(Run(self.run), name).figure

    def _folder(self, model: str) -> Path:
        if model not in self.models:
            msg = f"{model} was not explained; {', '.join(self.models)} were"
            raise InputError(msg)
        return self.run / ATTRIBUTION / model


def explain(
    run: PathLike, *, models: Sequence[str] | None = None, workers: int = 1
) -> Explanation:
    """Compute attribution maps and a ranking of regions for the models of a run.

    Each tested scan is explained by the network that never saw it (integrated
    gradients). What is there for the same predictions is not computed again.

    Args:
        run: Folder of a run. Of a run with tasks, give the folder of one task.
        models: Models to explain; the first of the experiment when None.
        workers: Networks that are explained in parallel, one core each.

    Returns:
        ``regions`` (table), ``maps()`` (arrays on the template grid) and ``plot()``.

    Raises:
        InputError: If the run has no such model, or has several tasks.
        MissingDerivativeError: If maps that were trained on are missing.
        MixedError: If maps or predictions have changed since training.
        IncompleteError: If a network could not be explained.
        LockedError: If another process works on the run.

    Examples:
        >>> found = crosswarp.explain(study / "run", models=["jsm"])
        >>> sorted(found.maps())
        ['jsm']
        >>> round(float(found.regions["share"].sum()), 3)
        1.0
        >>> found.plot("jsm")
        <Figure size ...>
    """
    folder = as_path(run)
    tasks = [each.name for each in runs_of(folder) if each != folder]
    if tasks:
        msg = f"{folder} has the tasks {', '.join(tasks)}; give the folder of one"
        raise InputError(msg)
    chosen = None if models is None else list(models)
    card = explain_run(folder, models=chosen, workers=workers)
    return Explanation(folder, card.models, card)
