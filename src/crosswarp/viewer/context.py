"""What the routes share: jobs, models, limits."""

from dataclasses import dataclass, field
from pathlib import Path

from crosswarp.bids.ids import ScanId
from crosswarp.errors import InputError
from crosswarp.viewer.jobs import RAW, UNNAMED, Job, JobStore
from crosswarp.viewer.queue import JobQueue
from crosswarp.viewer.served import Served, ServedModel
from crosswarp.viewer.settings import ServeSettings
from crosswarp.viewer.uploads import UploadError


@dataclass
class Context:
    """What the routes share.

    Attributes:
        settings: What the server was asked for.
        served: Models and run.
        store: All jobs of the server.
        queue: Runs them; set when the application starts.
        receiving: Uploads that are being received.
    """

    settings: ServeSettings
    served: Served
    store: JobStore
    queue: JobQueue = field(init=False)
    receiving: int = 0

    def find(self, job: Job) -> tuple[Path, Path]:
        """Find bundle and scan of a job.

        Raises:
            InputError: If the model is served no longer, or the scan is gone.
        """
        model = self.served.model(job.model)
        if model is None:
            msg = f"the model {job.model} is not served any longer; send the scan again"
            raise InputError(msg)
        if job.listed:
            return model.path, self.listed_path(job.label)
        files = sorted((self.store.place(job) / RAW).glob(f"{job.label}*"))
        if len(files) != 1:
            msg = "the scan is not there any longer; send it again"
            raise InputError(msg)
        return model.path, files[0]

    def listed(self) -> dict[str, Path]:
        """Scans of the folder that the server was given, by their identifiers."""
        folder = self.settings.folder
        if folder is None:
            return {}
        # Its tables are loaded where a folder is given, and not before.
        from crosswarp.bids.dataset import find_scans

        found = find_scans(folder).scans
        # A part of an archive has no file of its own.
        return {raw.scan.label: raw.path for raw in found if not raw.inside}

    def listed_path(self, label: str) -> Path:
        """Find a scan of the folder: among what was listed, never by a path.

        Raises:
            InputError: If it is not listed.
        """
        path = self.listed().get(label)
        if path is None:
            msg = f"no scan {label!r:.80} in the folder that the server was given"
            raise InputError(msg)
        return path

    def model(self, name: str | None) -> ServedModel:
        """Find the model that is asked.

        Raises:
            UploadError: If there is none of that name.
        """
        found = self.served.model(name)
        if found is None:
            msg = "no model of that name is served; GET /api/server lists them"
            raise UploadError(msg, 404)
        return found

    def check_room(self) -> None:
        """Refuse a job where too many wait.

        Raises:
            UploadError: Saying when to try again.
        """
        most = self.settings.limits.waiting
        if self.store.count("waiting", "uploading") >= most:
            msg = f"{most} scans are waiting already; try again when some are done"
            raise UploadError(msg, 503)


def label_of(name: str) -> str:
    """Take the identifier of a file named by BIDS; of any other name nothing is kept.

    Example:
        >>> label_of("sub-01_ses-2_T1w.nii.gz"), label_of("Jane Doe.nii")
        ('sub-01_ses-2', 'sub-scan')
    """
    try:
        return ScanId.parse(name).label
    except InputError:
        return UNNAMED
