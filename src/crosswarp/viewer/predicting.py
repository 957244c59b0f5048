"""The work of one job, in a process of its own: `crosswarp predict` and its page."""

from contextlib import suppress
from dataclasses import dataclass
from pathlib import Path

from crosswarp.errors import CrosswarpError
from crosswarp.execution.child import tell
from crosswarp.execution.progress import SilentProgress
from crosswarp.viewer.steps import CLASSIFYING, EXPLAINING, READING, REPORTING, STARTING


@dataclass(frozen=True)
class Task:
    """What a job's process is given.

    Attributes:
        bundle: A bundle, or a model's folder in a run.
        scan: File that is asked about.
        out: Folder of the prediction.
    """

    bundle: Path
    scan: Path
    out: Path


class _Telling(SilentProgress):
    """Tells the server of the steps."""

    def stage(self, name: str, total: int) -> None:
        """Begin with the scan."""
        del name, total
        tell(READING)

    def news(self, piece: str, text: str) -> None:
        """Say what is being done to the scan."""
        del piece
        tell(text)

    def done(self) -> None:
        """Go on to the networks."""
        tell(CLASSIFYING)


def predict_job(task: Task) -> None:
    """Classify one scan, and write its page and what the viewer shows of it.

    Args:
        task: What to classify, and where to write.
    """
    tell(STARTING)
    # Loaded in the child alone: torch does not belong into the server's memory.
    from crosswarp.explanation.one_scan import explain_scan
    from crosswarp.prediction.predict import predict_scan
    from crosswarp.report.one_scan.page import page_of, write_scan_page
    from crosswarp.viewer.scan_view import ViewFiles, write_view

    answer = predict_scan(task.bundle, task.scan, task.out, progress=_Telling())
    tell(EXPLAINING)
    # Bundles without mean maps of a reference group cannot; the page does without.
    with suppress(CrosswarpError):
        explain_scan(task.bundle, task.out, answer)
    tell(REPORTING)
    write_scan_page(task.bundle, task.out, answer)
    files = ViewFiles(task.out, answer.scan, task.out.parent)
    write_view(files, page_of(task.out, answer))
