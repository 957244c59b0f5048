"""A server as a person starts it, whose jobs stop half-way the first time."""

import shutil
import time
from functools import partial

from crosswarp.execution.temporary import temporary_folder
from crosswarp.execution.work import Work
from crosswarp.files import written_whole
from crosswarp.viewer.predicting import Task

BEGUN, MADE = "begun", "made.nii"


def held_job(task: Task) -> None:
    """Copy the scan to the temporary folder, and write it as the job's product."""
    mark = task.out.parent / BEGUN
    with temporary_folder("scan-") as folder:
        copy = shutil.copy(task.scan, folder)
        with written_whole(task.out / MADE) as made:
            shutil.copy(copy, made)
            if not mark.exists():
                mark.touch()
                time.sleep(300)


def main() -> None:
    """Serve, with such jobs; arguments are those of ``crosswarp``."""
    from crosswarp.cli.main import main as as_typed
    from crosswarp.viewer import app

    vars(app)["make_app"] = partial(app.make_app, work=Work(held_job))
    as_typed()
