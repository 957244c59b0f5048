"""The section ``external`` of the study file: another cohort to predict."""

from pathlib import Path

from pydantic import Field

from crosswarp.study.cohort_prediction import Overlap
from crosswarp.study.sections import ArchiveSource, CohortRules, Existing, Section


class ExternalCohort(Section):
    """Another cohort on which a network of the run is evaluated.

    Attributes:
        bids: Root of a BIDS data set, or another folder with scans.
        archive: A downloaded archive, of which a table is made.
        derivatives: Folder of finished maps; nothing is preprocessed then.
        cohort: Table of scans with their diagnoses. Where it is given alone, its column
            ``path`` says where the scans are.
        rules: Rules by which the table of the archive is made.
        model: Network of the run; the first one when None.
        task: Task of the run, such as ``CN-AD``; the first one when None.
        overlap: What is done with participants who have the name of one that the
            network was trained on.
        recalibrate: Fraction of the participants on which probabilities are
            recalibrated; that of `crosswarp evaluate` when None.
    """

    bids: Existing | None = None
    archive: ArchiveSource | None = None
    derivatives: Existing | None = None
    cohort: Existing | None = None
    rules: CohortRules = CohortRules()
    model: str | None = None
    task: str | None = None
    overlap: Overlap = "refuse"
    recalibrate: float | None = Field(default=None, ge=0, lt=1)

    @property
    def place(self) -> Path | None:
        """What is predicted; None where a table of the archive is made first."""
        return self.derivatives or self.bids or (None if self.archive else self.cohort)

    @property
    def diagnoses(self) -> Path | None:
        """Table of diagnoses of its own; None where the scans' table has them."""
        return None if self.place == self.cohort else self.cohort

    def faults(self) -> list[str]:
        """Say what does not go together, one phrase a fault."""
        named = ("bids", "archive", "derivatives")
        given = [name for name in named if getattr(self, name) is not None]
        faults = []
        if len(given) > 1:
            faults.append(
                f"external: {' and '.join(given)} are given; give one of them"
            )
        elif not given and self.cohort is None:
            faults.append(
                "external: give one of bids, archive, derivatives, or a table as cohort"
            )
        if self.archive is not None and self.cohort is not None:
            faults.append(
                "external: cohort and archive both say which scans there are; give one"
                " of them"
            )
        if self.derivatives is not None and self.cohort is None:
            faults.append(
                "external: derivatives have no diagnoses; give cohort, a table of them"
            )
        if self.archive is None and self.rules.model_fields_set:
            faults.append("external: rules can be chosen for external.archive only")
        return faults
