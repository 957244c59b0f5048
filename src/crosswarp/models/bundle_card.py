"""The card of a bundle: what a trained network says of itself."""

import importlib.metadata
import re
from pathlib import Path
from typing import Annotated, Any, Final, Literal

from pydantic import BaseModel, ConfigDict, Field, model_validator

from crosswarp.documents import read_as, read_object
from crosswarp.errors import InputError
from crosswarp.models.settings import ModelSettings
from crosswarp.preprocessing.kept import KeptSettings
from crosswarp.study.cohort_summary import TrainingCohort
from crosswarp.study.keyed_ids import KeyedIds, plain_id
from crosswarp.study.names import BUNDLE_CARD
from crosswarp.study.reference_group import ReferenceGroup
from crosswarp.study.usual_scans import UsualScans
from crosswarp.types.maps import OF_SCAN, SeenMaps

FORMAT: Final = 4
"""Number of the format that is written; bundles of earlier formats are read."""

_LATER: Final = (
    *("made_with", "encoder_sources", "training_cohort", "trained_on"),
    *("reference_group", "reference_maps", "class_prior", "usual"),
)
"""Fields that earlier formats did not have."""

Voxels = Annotated[int, Field(ge=1, le=1024)]


class Calibration(BaseModel):
    """What was chosen on the validation scans of a network's own fold.

    Attributes:
        temperature: Temperature of its logits, shrunk towards 1.
        temperature_log_se: Standard error of its logarithm; None when there were too
            few scans to fit it.
        temperature_rule: How it was found.
        threshold: Probability of the positive class, before temperature scaling, from
            which a scan counts as positive; None with more than two classes.
        threshold_rule: How it was found.
        validation_scans: On which both were.
    """

    model_config = ConfigDict(frozen=True, extra="forbid")

    temperature: float = Field(gt=0)
    temperature_log_se: float | None = None
    temperature_rule: str
    threshold: float | None = None
    threshold_rule: str
    validation_scans: int


class ReferenceMaps(BaseModel):
    """Mean maps of a reference group, beside the weights.

    Attributes:
        diagnosis: Class of the group; None for all participants of the training part.
        participants: Number of people in the mean.
        digest: SHA-256 of the file; filled in when the bundle is written.
    """

    model_config = ConfigDict(frozen=True, extra="forbid")

    diagnosis: str | None = None
    participants: int = Field(ge=1)
    digest: str = ""

    @property
    def whom(self) -> str:
        """Say whose mean it is."""
        group = f"{self.diagnosis} " if self.diagnosis else ""
        return f"{self.participants} {group}participants of the training part"


class BundleCard(BaseModel):
    """What a bundle says of itself, in ``bundle.json``.

    Attributes:
        format: Version of the bundle's format.
        crosswarp_version: Version of crosswarp that wrote the bundle.
        model: Settings of the network.
        classes: Diagnoses, in the order of the logits; the last one is positive.
        space: Name of the template.
        resolution: Spacing of the maps, in mm.
        grid_extent: Voxels of the whole template grid.
        box: First and past-the-last voxel along each axis that the network sees.
        preprocessing: Fingerprint of the settings that made the maps; None when the
            maps did not say.
        maps: First and second map that the network sees; not written where they are the
            T1w image and the log-Jacobian map of one scan.
        made_with: Those settings, whole, to make other maps likewise; None in bundles
            of the first format, and when the maps did not say all of them.
        participants: Those in ``trained_on``, by their ids, in bundles of the first
            three formats; empty in later ones.
        pretrained: SHA-256 of the weights of `crosswarp model pretrain` that its
            encoders started from; None without.
        origin: ``real`` or ``virtual`` participants.
        seed: Random seed of the experiment.
        repeat: Repeat of the cross-validation, from 0.
        fold: Fold that was held out, from 0.
        calibration: Temperature and threshold; None in bundles that were written before
            there were any.
        parameters: That were trained; filled in when the bundle is written.
        tokens: That the encoder makes of a map; filled in likewise.
        weights_digest: SHA-256 of the weights' file; filled in likewise. None in
            bundles that were written before there was one.
        encoder_sources: Digest of the file of each encoder of the user's own, by its
            name ``module:Class``; filled in likewise.
        training_cohort: Counts, means and digests of whom it was trained on, without
            their ids; None in bundles of the first two formats.
        trained_on: Keyed hashes of the ids of whom it was trained on, self-supervised
            pretraining included: they must never be tested on. None in bundles of the
            first three formats.
        reference_group: Volumes of regions in the cognitively normal participants it
            was trained on; None in bundles of the first three formats.
        reference_maps: Whose mean maps lie beside the weights; None where there were
            too few people, and in bundles of the first three formats.
        class_prior: Share of each class that training made the network expect: equal
            ones where classes were weighted or drawn evenly; None in bundles of the
            first three formats.
        usual: What the training scans are like, to tell a scan that is not; None in
            bundles of the first three formats.
        built_for: How the encoders differ from fresh ones, as the weights of others
            that they started from want it.
    """

    model_config = ConfigDict(frozen=True, extra="forbid")

    format: Literal[
        "crosswarp-bundle-1",
        "crosswarp-bundle-2",
        "crosswarp-bundle-3",
        "crosswarp-bundle-4",
    ] = "crosswarp-bundle-4"
    crosswarp_version: str = Field(
        default_factory=lambda: importlib.metadata.version("crosswarp")
    )
    model: ModelSettings
    classes: tuple[str, ...] = Field(min_length=2)
    space: str
    resolution: Literal[1, 2]
    grid_extent: tuple[Voxels, Voxels, Voxels]
    box: tuple[tuple[int, int], tuple[int, int], tuple[int, int]]
    preprocessing: str | None = None
    maps: SeenMaps = Field(default=OF_SCAN, exclude_if=lambda maps: maps == OF_SCAN)
    made_with: KeptSettings | None = None
    participants: tuple[str, ...] = ()
    pretrained: str | None = None
    origin: Literal["real", "virtual"] = "real"
    seed: int = 0
    repeat: int = 0
    fold: int = 0
    calibration: Calibration | None = None
    parameters: int = 0
    tokens: int = 0
    weights_digest: str | None = None
    encoder_sources: dict[str, str] = {}
    training_cohort: TrainingCohort | None = None
    trained_on: KeyedIds | None = None
    reference_group: ReferenceGroup | None = None
    reference_maps: ReferenceMaps | None = None
    class_prior: tuple[float, ...] | None = None
    usual: UsualScans | None = None
    built_for: dict[str, bool | str] = Field(
        default={}, exclude_if=lambda form: not form
    )

    @model_validator(mode="after")
    def _box_inside(self) -> "BundleCard":
        for (start, stop), voxels in zip(self.box, self.grid_extent, strict=True):
            if not 0 <= start < stop <= voxels:
                msg = f"the box {start} to {stop} is not inside {voxels} voxels"
                raise ValueError(msg)
        return self

    @model_validator(mode="after")
    def _nobody_named(self) -> "BundleCard":
        if self.participants and self.format == f"crosswarp-bundle-{FORMAT}":
            msg = "expected `trained_on`, got ids of participants in the clear"
            raise ValueError(msg)
        return self

    @property
    def people(self) -> frozenset[str]:
        """Whom it was trained on: salted hashes, or plain ids of earlier formats."""
        if self.trained_on is None:
            return frozenset(plain_id(name) for name in self.participants)
        salt = self.trained_on.salt
        return frozenset(f"{salt} {digest}" for digest in self.trained_on.hashes)

    def saw(self, participant: str) -> bool:
        """Whether it was trained on a participant, however the id is written.

        Args:
            participant: Identifier to look for.
        """
        if self.trained_on is None:
            return plain_id(participant) in self.people
        return self.trained_on.know(participant)

    def said(self) -> dict[str, Any]:
        """Return all that identifies the bundle as JSON: no places of files.

        Of a bundle of an earlier format it is what it was when that was written.
        """
        said = self.portable().model_dump(mode="json")
        for name in _LATER:
            if not said[name]:
                del said[name]
        return said

    def portable(self) -> "BundleCard":
        """Return the card without the places of files on this machine."""
        if self.made_with is None:
            return self
        kept = self.made_with.model_copy(update={"template_files": None})
        return self.model_copy(update={"made_with": kept})

    @property
    def extent(self) -> tuple[int, int, int]:
        """Voxels of the maps that the network sees."""
        i, j, k = (stop - start for start, stop in self.box)
        return (i, j, k)


def read_card(folder: Path) -> BundleCard:
    """Read what a bundle says of itself.

    Raises:
        InputError: If a newer version wrote it, or it is no card.
    """
    path = folder / BUNDLE_CARD
    _refuse_newer(path)
    mend = "take it from where it was made"
    card = read_as(path, BundleCard, mend, "a bundle's card")
    if card.made_with is None:
        return card
    return card.model_copy(update={"made_with": card.made_with.found_in(folder)})


def _refuse_newer(path: Path) -> None:
    said, ours = read_object(path), importlib.metadata.version("crosswarp")
    named = re.fullmatch(r"crosswarp-bundle-(\d{1,9})", str(said.get("format")))
    if named is not None and int(named[1]) > FORMAT:
        msg = (
            f"{path} was written by crosswarp {said.get('crosswarp_version')!s:.40} in"
            f" the format crosswarp-bundle-{named[1]}; crosswarp {ours} reads"
            f" formats up to crosswarp-bundle-{FORMAT}. Install the newer version: pip"
            " install --upgrade crosswarp"
        )
        raise InputError(msg)
