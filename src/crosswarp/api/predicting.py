"""The prediction for one new scan."""

from collections.abc import Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING, Literal

import pandas as pd

from crosswarp.api.maps import ScanMaps, read_maps
from crosswarp.api.paths import PathLike, as_path
from crosswarp.bids.series import SeriesChoice
from crosswarp.errors import InputError
from crosswarp.prediction.answer import ScanPrediction
from crosswarp.prediction.bundles import load_bundles
from crosswarp.prediction.findings import Circumstances
from crosswarp.prediction.person import Person
from crosswarp.prediction.predict import predict_scan
from crosswarp.report.one_scan.page import write_scan_page
from crosswarp.study.findings import Doubt, RegionVolume

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
    def doubts(self) -> pd.DataFrame:
        """One row per comparison with the training scans.

        ``value``, ``percentile`` (0 to 100), ``level`` and ``sentence``.
        """
        found = self.answer.doubts
        rows = [] if found is None else [each.model_dump() for each in found.compared]
        columns = list(Doubt.model_fields)
        return pd.DataFrame(rows, columns=columns).set_index("name")

    @property
    def regions(self) -> pd.DataFrame:
        """One row per region and side beside the reference group.

        ``ratio`` is the volume over the template's, ``expected`` that of a normal
        person of the same age, sex and head size, ``z`` and ``percentile`` the
        deviation. Empty where the bundle keeps no reference group.
        """
        found = self.answer.regions
        rows = [] if found is None else [each.model_dump() for each in found.regions]
        return pd.DataFrame(rows, columns=list(RegionVolume.model_fields))

    @property
    def shares(self) -> Mapping[str, float]:
        """Evidence for the positive class that each map brings, in logits.

        ``t1w``, ``jsm`` and ``reference``, that of the mean maps they are compared
        with; empty where the bundle keeps none.
        """
        found = self.answer.shares
        return {} if found is None else found.model_dump(exclude={"whom"})

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


def predict(  # noqa: PLR0913 - all that a user may say of a scan
    bundle: PathLike,
    scan: PathLike,
    out: PathLike,
    *,
    skull_stripped: bool = False,
    strict: bool = False,
    template: PathLike | None = None,
    template_mask: PathLike | None = None,
    age: float | None = None,
    sex: Literal["F", "M"] | None = None,
    field_strength: float | None = None,
    prevalence: float | None = None,
    even_if_unlike: bool = False,
    dicom_series: int | str | None = None,
) -> Prediction:
    """Classify one scan with a trained model. Research software, no medical device.

    The scan is preprocessed as the training scans were; a scan whose maps are in
    ``out`` already is not preprocessed again.

    Args:
        bundle: Folder of a bundle, or a model's folder in a run
            (``run/models/<model>``), whose networks of all folds are averaged.
        scan: Raw T1w scan: NIfTI file or pair, or a zip archive or folder with one scan
            as NIfTI or DICOM.
        out: Folder for maps, quality control and prediction; it may hold those of
            other scans and models.
        skull_stripped: The scan shows the brain only.
        strict: Refuse a scan that the quality control says to check.
        template: T1w image of the template that the training maps lie on, where that
            is one of your own and its files have been moved.
        template_mask: Brain mask of that template.
        age: Age at the scan in years; volumes of regions are adjusted for it.
        sex: ``F`` or ``M``; volumes are adjusted for it, too.
        field_strength: Field strength in tesla, to compare with the training scans.
        prevalence: Share of the positive class where the scan comes from, 0 to 1; the
            probability there is given as well.
        even_if_unlike: Give a number for a scan that is too unlike the training scans.
        dicom_series: Number or SeriesInstanceUID of the DICOM series to take; chosen by
            rules when None.

    Returns:
        ``probabilities`` by class, ``table``, ``decision``, ``quality``, ``doubts``,
        ``regions``, ``shares``, ``notes``, ``maps``, ``page`` and ``plot()``.

    Raises:
        InputError: If the bundles cannot be used, or need maps that this version
            cannot make.
        ScanError: If the scan cannot be preprocessed, or must be checked and
            ``strict`` is set, or is too unlike the training scans.
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
        known=Circumstances(
            Person(age, sex, field_strength), prevalence, even_if_unlike
        ),
        series=SeriesChoice(dicom_series),
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
