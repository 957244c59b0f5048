"""Where everything of a study is."""

from dataclasses import dataclass
from pathlib import Path

from crosswarp.errors import CrosswarpError
from crosswarp.inputs.balance import balance_path
from crosswarp.study.names import (
    COHORT,
    DERIVATIVES,
    EXTERNAL_COHORT,
    EXTERNAL_FOLDER,
    FOLDS,
    MODELS,
    RAW,
    RUN_FOLDER,
    STUDY_RECORD,
)
from crosswarp.study.settings import Study


@dataclass(frozen=True)
class StudyFolder:
    """Files and folders of a study: those given, and those made in its folder.

    Attributes:
        study: Study with all choices.
    """

    study: Study

    @property
    def out(self) -> Path:
        """Folder for everything that is made."""
        return self.study.out

    @property
    def record(self) -> Path:
        """Record of the steps."""
        return self.out / STUDY_RECORD

    @property
    def raw(self) -> Path:
        """Root of the BIDS data set: the user's own, or that of virtual participants.

        A study that has neither gets the place of the latter.
        """
        return self.study.data.bids or self.out / RAW

    @property
    def scans(self) -> Path:
        """What is preprocessed: a data set, or the table that names the files."""
        data = self.study.data
        if data.bids is None and data.simulation is None:
            return self.cohort
        return self.raw

    @property
    def derivatives(self) -> Path:
        """Folder of the maps."""
        return self.study.data.derivatives or self.out / DERIVATIVES

    @property
    def cohort(self) -> Path:
        """Table of scans."""
        return self.study.data.cohort or self.out / COHORT

    @property
    def folds(self) -> Path:
        """Table of folds."""
        return self.study.folds.file or self.out / FOLDS

    @property
    def fold_tables(self) -> list[Path]:
        """Files that the step of the folds writes."""
        published = self.study.folds.publish
        made = [self.folds, balance_path(self.folds)]
        return made if published is None else [*made, published]

    @property
    def run(self) -> Path:
        """Folder of the run; with tasks, it holds a folder for each."""
        return self.out / RUN_FOLDER

    @property
    def external(self) -> Path:
        """Folder of the predictions for another cohort."""
        return self.out / EXTERNAL_FOLDER

    @property
    def external_cohort(self) -> Path:
        """Table of another cohort that is made of an archive."""
        return self.out / EXTERNAL_COHORT

    @property
    def external_scans(self) -> Path:
        """What of another cohort is predicted: a data set, a table, or maps."""
        other = self.study.external
        return (other and other.place) or self.external_cohort

    @property
    def external_networks(self) -> Path:
        """Folder of the network that is asked about another cohort."""
        other, tasks = self.study.external, self.study.task_names
        task = (other and other.task) or next(iter(tasks), "")
        model = (other and other.model) or self.study.models[0].name
        return self.run / task / MODELS / model

    def runs(self) -> list[Path]:
        """Folders of the runs, one a task; that of the only one where none is yet."""
        from crosswarp.evaluation.tasks import runs_of

        try:
            return runs_of(self.run)
        except CrosswarpError:
            # Whoever reads it says why.
            return [self.run]
