"""Attribution maps of a run."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING, overload

import pandas as pd

from crosswarp.api.maps import read_image
from crosswarp.api.paths import PathLike, as_path
from crosswarp.api.predicting import Prediction, predict
from crosswarp.bids.tables import read_table
from crosswarp.errors import InputError
from crosswarp.evaluation.tasks import runs_of
from crosswarp.explanation.explain import explain_run
from crosswarp.explanation.one_scan import explain_scan
from crosswarp.report.one_scan.page import write_scan_page
from crosswarp.study.attribution import Attribution
from crosswarp.study.names import ANSWERS, ATTRIBUTION, REGIONS
from crosswarp.study.scan_explanation import AttendedRegion, ScanExplanation
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


@dataclass(frozen=True)
class ScanEvidence:
    """Why one scan got its answer.

    Attributes:
        prediction: Answer for the scan, with its maps.
        found: All that was found, as ``predictions/…_explanation.json`` holds it.
    """

    prediction: Prediction
    found: ScanExplanation

    @property
    def shares(self) -> Mapping[str, float]:
        """Evidence for the positive class that each map brings, in logits."""
        return self.found.shares.model_dump(exclude={"whom"})

    @property
    def regions(self) -> pd.DataFrame:
        """One row per region and side, in logits for the positive class.

        ``attribution_t1w`` and ``attribution_jsm`` are sums of the attribution,
        ``occlusion`` is what is lost without the region.
        """
        rows = [
            {
                "region": each.region,
                "hemisphere": each.hemisphere,
                **{f"attribution_{n}": v for n, v in each.attribution.items()},
                "occlusion": each.occlusion,
            }
            for each in self.found.regions
        ]
        return pd.DataFrame(rows)

    @property
    def attention(self) -> pd.DataFrame:
        """Strongest pairs of regions, one map asking the other."""
        rows = [each.model_dump() for each in self.found.attention]
        return pd.DataFrame(rows, columns=list(AttendedRegion.model_fields))

    def maps(self, *, on_scan: bool = False) -> dict[str, SpatialMap]:
        """Read the attribution maps.

        Args:
            on_scan: Whether on the scan's own grid; on the template otherwise.

        Returns:
            ``t1w`` and ``jsm``, those that the model sees: ``values`` with three axes
            in logits, and ``affine``.
        """
        names = self.found.scan_maps if on_scan else self.found.maps
        folder = self.prediction.out / ANSWERS
        return {name: read_image(folder / file) for name, file in names.items()}

    def plot(self, name: str = "jsm") -> "Figure":
        """Draw the attribution to one map over the scan's T1w image.

        Args:
            name: Map of the attribution, ``jsm`` or ``t1w``.

        Returns:
            Matplotlib figure with three planes.
        """
        from crosswarp.figures.scan import draw_over_template

        positive = self.found.positive
        return draw_over_template(
            self.maps()[name],
            self.prediction.maps.t1w,
            None,
            (f"speaks against {positive}", f"for {positive}"),
            f"attribution to {name}, logits",
        )


@overload
def explain(
    run: PathLike, *, models: Sequence[str] | None = None, workers: int = 1
) -> Explanation: ...


@overload
def explain(run: PathLike, scan: PathLike, out: PathLike) -> ScanEvidence: ...


def explain(
    run: PathLike,
    scan: PathLike | None = None,
    out: PathLike | None = None,
    *,
    models: Sequence[str] | None = None,
    workers: int = 1,
) -> Explanation | ScanEvidence:
    """Compute attribution maps and a ranking of regions, of a run or of one scan.

    Each tested scan is explained by the network that never saw it (integrated
    gradients). What is there for the same predictions is not computed again.

    Args:
        run: Folder of a run. Of a run with tasks, give the folder of one task. For one
            scan, a bundle or a model's folder in a run.
        scan: Raw T1w scan to predict and explain, as for `predict`.
        out: Folder for maps, prediction and explanation of that scan.
        models: Models to explain; the first of the experiment when None.
        workers: Networks that are explained in parallel, one core each.

    Returns:
        ``regions`` (table), ``maps()`` (arrays on the template grid) and ``plot()``;
        of one scan ``shares`` and ``attention``, too.

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
    if scan is not None or out is not None:
        return _of_scan(folder, scan, out)
    tasks = [each.name for each in runs_of(folder) if each != folder]
    if tasks:
        msg = f"{folder} has the tasks {', '.join(tasks)}; give the folder of one"
        raise InputError(msg)
    chosen = None if models is None else list(models)
    card = explain_run(folder, models=chosen, workers=workers)
    return Explanation(folder, card.models, card)


def _of_scan(bundle: Path, scan: PathLike | None, out: PathLike | None) -> ScanEvidence:
    if scan is None or out is None:
        msg = "one scan needs the model, the scan and the output folder"
        raise InputError(msg)
    prediction = predict(bundle, scan, out)
    found = explain_scan(bundle, as_path(out), prediction.answer, as_path(scan))
    write_scan_page(bundle, as_path(out), prediction.answer)
    return ScanEvidence(prediction, found)
