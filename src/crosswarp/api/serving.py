"""Scans, answers and runs in a browser."""

from crosswarp.api.paths import PathLike, as_path
from crosswarp.viewer.serve import serve as run_server
from crosswarp.viewer.settings import MB, Limits, ServeSettings


def serve(
    source: PathLike,
    jobs: PathLike = "crosswarp-jobs",
    *,
    folder: PathLike | None = None,
    host: str = "127.0.0.1",
    port: int = 8000,
    max_mb: float = 1000.0,
    keep_hours: float = 24.0,
) -> None:
    """Classify scans and look at runs in a browser, until interrupted.

    The address is printed. Only this machine can ask, unless ``host`` says otherwise;
    then the address has a token. Research software, no medical device.

    Args:
        source: Folder of a bundle, of a model in a run (``run/models/<model>``), or
            of a run.
        jobs: Folder for uploads and answers; jobs in it are resumed.
        folder: Scans on this machine that may be chosen on the page.
        host: Address to listen on.
        port: TCP port; 0 takes a free one.
        max_mb: Largest upload, in MB.
        keep_hours: Hours after which maps and answers are deleted.

    Returns:
        Nothing, when the process is interrupted.

    Raises:
        InputError: If ``source`` is no bundle, model or run, or of a newer version.
        LockedError: If another server works on ``jobs``.
        MissingPackageError: If FastAPI or uvicorn is not installed.

    Examples:
        >>> crosswarp.serve(study / "no-such-folder", study / "jobs")
        Traceback (most recent call last):
        ...
        crosswarp.errors.InputError: no folder at ...: expected a bundle, a model's \
folder or a run
    """
    limits = Limits(upload_bytes=int(max_mb * MB), keep_seconds=keep_hours * 3600.0)
    settings = ServeSettings(
        as_path(source),
        as_path(jobs),
        folder=None if folder is None else as_path(folder),
        host=host,
        port=port,
        limits=limits,
    )
    run_server(settings, print)
