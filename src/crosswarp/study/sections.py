"""Sections of the study file that are of one room each."""

from pathlib import Path
from typing import Annotated, Any, Literal

from pydantic import (
    AfterValidator,
    BaseModel,
    BeforeValidator,
    ConfigDict,
    Field,
    field_validator,
)

from crosswarp.archives.options import (
    ArchiveOptions,
    CdrRule,
    Dementia,
    DiagnosisRule,
    Subgroups,
    T1Rule,
    Visits,
)
from crosswarp.bids.options import CohortOptions, read_options
from crosswarp.bids.series import SeriesChoice
from crosswarp.files import file_digest
from crosswarp.preprocessing.settings import PreprocessSettings
from crosswarp.registration.settings import OwnTemplate, RegistrationSettings
from crosswarp.simulation.choices import SimulationChoices


def _there(path: Path) -> Path:
    if not path.exists():
        msg = f"there is no {path}"
        raise ValueError(msg)
    return path


Existing = Annotated[Path, AfterValidator(_there)]
"""Path of a file or folder that has to be there."""


class Section(BaseModel):
    """A part of the study file; unknown keys are refused."""

    model_config = ConfigDict(frozen=True, extra="forbid")


class ArchiveSource(Section):
    """A downloaded archive.

    Attributes:
        folder: Folder with images and tables, at any depth.
        name: Name of the archive, such as ``adni``; found by looking when None.
    """

    folder: Existing
    name: str | None = None


class Data(Section):
    """Where scans and diagnoses come from.

    Attributes:
        bids: Root of a BIDS data set, or another folder with scans.
        archive: A downloaded archive.
        simulation: Virtual participants, made by the study itself.
        cohort: Table of scans of the user's own; it is taken as it is.
        derivatives: Folder of finished maps; nothing is preprocessed then.
    """

    bids: Existing | None = None
    archive: ArchiveSource | None = None
    simulation: SimulationChoices | None = None
    cohort: Existing | None = None
    derivatives: Existing | None = None

    @field_validator("simulation")
    @classmethod
    def _can_be_made(cls, chosen: SimulationChoices | None) -> SimulationChoices | None:
        if chosen is not None:
            chosen.settings()
            for head in chosen.heads:
                _there(head)
        return chosen

    @property
    def sources(self) -> list[str]:
        """Names of the keys that say where scans come from."""
        named = ("bids", "archive", "simulation")
        return [name for name in named if getattr(self, name) is not None]


def _template(given: object) -> object:
    """Take the files of a template; their digests are computed here."""
    if not isinstance(given, dict) or not {"t1w", "mask"} <= set(given):
        return given
    files = {"t1w": Path(given["t1w"]), "mask": Path(given["mask"])}
    digests = {f"{n}_digest": file_digest(_there(path)) for n, path in files.items()}
    return {**given, **digests}


def _registration(given: object) -> object:
    """Take the name of a back end for its default schedule."""
    return {"backend": given} if isinstance(given, str) else given


class Preprocessing(PreprocessSettings):
    """How scans become maps: all choices of `PreprocessSettings`, and the work.

    A template of the user's own is given by ``t1w``, ``mask`` and ``space``.

    Attributes:
        participants: Participants to preprocess; all when empty.
        prefer: Entities that choose among several T1w images of a session.
        dicom_series: DICOM series to take, as for ``--dicom-series``.
        timeout_minutes: Longest time of one scan.
        memory_mb: Most memory of one scan, in MB.
    """

    template: Annotated[OwnTemplate | None, BeforeValidator(_template)] = None
    registration: Annotated[RegistrationSettings, BeforeValidator(_registration)] = (
        PreprocessSettings().registration
    )
    participants: tuple[str, ...] = ()
    prefer: tuple[str, ...] = ()
    dicom_series: tuple[str, ...] = ()
    timeout_minutes: float = Field(default=30.0, ge=0.1)
    memory_mb: float = Field(default=8000.0, ge=100)

    @field_validator("dicom_series")
    @classmethod
    def _series_named(cls, texts: tuple[str, ...]) -> tuple[str, ...]:
        SeriesChoice.parse(texts)
        return texts

    @property
    def settings(self) -> PreprocessSettings:
        """The choices that decide what the maps are."""
        names = PreprocessSettings.model_fields
        return PreprocessSettings.model_validate({n: getattr(self, n) for n in names})


def _texts(given: object) -> object:
    """Take numbers for the text that a table has: codes need no quotes."""
    if isinstance(given, dict):
        return {str(code): meaning for code, meaning in given.items()}
    if isinstance(given, list):
        return [str(each) for each in given]
    return given


class CohortRules(Section):
    """Which scans an analysis is about, and what their tables mean.

    The rules from ``diagnosis`` on are for archives; `ArchiveOptions` describes them.

    Attributes:
        map: New diagnosis by the one written.
        drop: Diagnoses to leave out.
        missing: Spellings and codes of missing values, besides those always known.
        sex_codes: F, M or O by code.
        columns: The table's column by ours, such as ``diagnosis: group``.
        exclude: File with sessions, image ids or participants to leave out.
        tables: Tables of the user's own to join.
        settings: Settings of one archive, by name.
    """

    map: Annotated[dict[str, str], BeforeValidator(_texts)] = {}
    drop: tuple[str, ...] = ()
    missing: Annotated[tuple[str, ...], BeforeValidator(_texts)] = ()
    sex_codes: Annotated[dict[str, str], BeforeValidator(_texts)] = {}
    columns: dict[str, str] = {}
    diagnosis: DiagnosisRule = "visit"
    window: int | None = Field(default=None, ge=0)
    visits: Visits | None = None
    subgroups: Subgroups = "merge"
    dementia: Dementia = "ad"
    cdr: CdrRule = "dementia"
    conversion: float | None = Field(default=None, ge=1)
    t1: T1Rule = "raw"
    prefer: tuple[str, ...] = ()
    exclude: Existing | None = None
    tables: tuple[Existing, ...] = ()
    settings: dict[str, str] = {}

    @field_validator("map", "sex_codes", "columns", "drop")
    @classmethod
    def _understood(cls, given: Any, info: Any) -> Any:  # noqa: ANN401 - one of four
        of_options = {"map": "mapping"}.get(info.field_name, info.field_name)
        listed = _pairs(given) if isinstance(given, dict) else given
        read_options(**{of_options: listed})
        return given

    @property
    def labels(self) -> CohortOptions:
        """The rules on labels, codes and columns, which hold for every source."""
        return read_options(
            _pairs(self.map),
            self.drop,
            self.missing,
            _pairs(self.sex_codes),
            _pairs(self.columns),
        )

    @property
    def of_archives(self) -> list[str]:
        """Names of the rules that are given and only archives have."""
        names = list(type(self).model_fields)
        later = names[names.index("diagnosis") :]
        return [name for name in later if name in self.model_fields_set]

    def options(self, excluded: frozenset[str]) -> ArchiveOptions:
        """Spell the rules out for an archive.

        Args:
            excluded: What the file ``exclude`` lists.
        """
        plain = ("diagnosis", "window", "visits", "subgroups", "dementia", "cdr")
        more = ("conversion", "t1", "prefer", "tables", "settings")
        return ArchiveOptions(
            **{name: getattr(self, name) for name in (*plain, *more)},
            exclude=excluded,
            exclude_from="cohort.exclude"
            if self.exclude is None
            else self.exclude.name,
            labels=self.labels,
        )


class EvaluationChoices(Section):
    """Statistics of the study.

    Attributes:
        reference: Model to compare with; the declared one, or else the first, if None.
        resamples: Bootstrap draws over participants.
        seed: Random seed of draws and permutations.
    """

    reference: str | None = None
    resamples: int = Field(default=2000, ge=100)
    seed: int = Field(default=0, ge=0)


class ExplanationChoices(Section):
    """Attribution maps.

    Attributes:
        models: Networks to explain; the first one when empty.
    """

    models: tuple[str, ...] = ()


Missing = Literal["leave out", "refuse"]
"""What happens to scans of the cohort that have no maps."""


def _pairs(values: dict[str, str]) -> list[str]:
    return [f"{key}={value}" for key, value in values.items()]
