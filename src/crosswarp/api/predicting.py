"""The prediction for one new scan."""

from collections.abc import Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING

import pandas as pd

from crosswarp.api.maps import ScanMaps, read_maps
from crosswarp.api.paths import PathLike, as_path
from crosswarp.errors import InputError
from crosswarp.prediction.answer import ScanPrediction
from crosswarp.prediction.bundles import load_bundles
from crosswarp.prediction.predict import predict_scan
from crosswarp.report.one_scan.page import write_scan_page

if TYPE_CHECKING:
    from matplotlib.figure import Figure


@dataclass(frozen=True)
class Prediction:
    """The prediction for one scan.

    Attributes:
        answer: All that was found, as it is written to ``out``.
        maps: Maps that the networks were given.
        out: Folder with maps, quality control and all predictions.
        page: HTML page that shows the prediction; it needs no network.
    """

    answer: ScanPrediction
    maps: ScanMaps
    out: Path
    page: Path

    @property
    def probabilities(self) -> Mapping[str, float]:
        """Probability of each class, the mean over the networks, from 0 to 1."""
        return dict(zip(self.answer.classes, self.answer.probabilities, strict=True))

    @property
    def table(self) -> pd.DataFrame:
        """One row per class: ``probability``, ``minimum`` and ``maximum``.

        Minimum and maximum are those of the single networks.
        """
        columns = {
            "probability": self.answer.probabilities,
            "minimum": self.answer.minimum,
            "maximum": self.answer.maximum,
        }
        index = pd.Index(self.answer.classes, name="class")
        return pd.DataFrame(columns, index=index)

    @property
    def decision(self) -> str | None:
        """Class that most networks decide for; None when they are divided."""
        return self.answer.votes.decision

    @property
    def quality(self) -> str:
        """Verdict of the quality control, with what to check."""
        return self.answer.quality

    @property
    def notes(self) -> tuple[str, ...]:
        """What a reader must know before the numbers are used."""
        return self.answer.notes

    def plot(self) -> "Figure":
        """Draw both maps in three planes, the probabilities as the title.

        Returns:
            Matplotlib figure with six planes.
        """
        figure = self.maps.plot()
        told = [f"{name} {value:.2f}" for name, value in self.probabilities.items()]
        figure.suptitle(f"{self.answer.scan.label}: probability of {', '.join(told)}")
        return figure


def predict(
    bundle: PathLike,
    scan: PathLike,
    out: PathLike,
    *,
    skull_stripped: bool = False,
    strict: bool = False,
    template: PathLike | None = None,
    template_mask: PathLike | None = None,
) -> Prediction:
    """Classify one scan with a trained model. Research software, no medical device.

    The scan is preprocessed as the training scans were; a scan whose maps are in
    ``out`` already is not preprocessed again.

    Args:
        bundle: Folder of a bundle, or a model's folder in a run
            (``run/models/<model>``), whose networks of all folds are averaged.
        scan: Raw T1w NIfTI file.
        out: Folder for maps, quality control and prediction; it may hold those of
            other scans and models.
        skull_stripped: The scan shows the brain only.
        strict: Refuse a scan that the quality control says to check.
        template: T1w image of the template that the training maps lie on, where that
            is one of your own and its files have been moved.
        template_mask: Brain mask of that template.

    Returns:
        ``probabilities`` by class, ``table``, ``decision``, ``quality``, ``notes``,
        ``maps``, ``page`` and ``plot()``.

    Raises:
        InputError: If the bundles cannot be used, or need maps that this version
            cannot make.
        ScanError: If the scan cannot be preprocessed, or must be checked and
            ``strict`` is set.
        OccupiedError: If ``out`` holds something else.
        LockedError: If another process works on ``out``.

    Examples:
        >>> scan = study / "bids/sub-001/anat/sub-001_T1w.nii.gz"
        >>> found = crosswarp.predict(study / "bundle", scan, study / "maps")
        >>> found.table.index.tolist()
        ['CN', 'AD']
        >>> round(sum(found.probabilities.values()), 3)
        1.0
        >>> found.plot()
        <Figure size ...>
    """
    folder = as_path(bundle)
    own = [each for each in (template, template_mask) if each is not None]
    if len(own) == 1:
        msg = "a template of your own needs both `template` and `template_mask`"
        raise InputError(msg)
    files = (as_path(own[0]), as_path(own[1])) if own else None
    answer = predict_scan(
        folder,
        as_path(scan),
        as_path(out),
        skull_stripped=skull_stripped,
        strict=strict,
        template=files,
    )
    card = load_bundles(folder)[0].card
    maps = read_maps(
        out,
        answer.scan.participant_id,
        answer.scan.session_id,
        resolution=card.resolution,
        space=card.space,
    )
    page = write_scan_page(folder, as_path(out), answer)
    return Prediction(answer, maps, as_path(out), page)
