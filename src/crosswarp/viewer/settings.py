"""What a server serves, where, and within which limits."""

import ipaddress
from dataclasses import dataclass
from pathlib import Path
from typing import Final

MB: Final = 1_000_000


@dataclass(frozen=True)
class Limits:
    """Bounds on what is sent and kept.

    Attributes:
        upload_bytes: Most bytes of one upload, all files of a folder together.
        expanded_bytes: Most bytes that an upload may have when it is unpacked.
        files: Most files of one folder.
        uploads: Uploads that are received at the same time.
        waiting: Jobs that may wait for their turn.
        keep_seconds: How long after its end a job's files are kept.
        spare_bytes: Free space that an upload must leave on the disk.
    """

    upload_bytes: int = 1000 * MB
    expanded_bytes: int = 4000 * MB
    files: int = 20_000
    uploads: int = 16
    waiting: int = 200
    keep_seconds: float = 24 * 3600.0
    spare_bytes: int = 500 * MB


@dataclass(frozen=True)
class ServeSettings:
    """What `crosswarp serve` was asked for.

    Attributes:
        source: Bundle, model's folder in a run, or run.
        jobs: Folder of the jobs; made when it is not there.
        folder: Scans on this machine that may be chosen by name; None: none.
        host: Address to listen on.
        port: TCP port; 0 takes a free one.
        workers: Jobs that run at the same time.
        limits: Bounds on uploads and on what is kept.
        names: Further host names by which the server may be asked.
    """

    source: Path
    jobs: Path
    folder: Path | None = None
    host: str = "127.0.0.1"
    port: int = 8000
    workers: int = 1
    limits: Limits = Limits()
    names: tuple[str, ...] = ()

    @property
    def is_local(self) -> bool:
        """Whether only programs of this machine can reach the server."""
        return is_loopback(self.host)


def is_loopback(host: str) -> bool:
    """Whether an address or name is that of this machine alone.

    Example:
        >>> is_loopback("127.0.0.1"), is_loopback("localhost"), is_loopback("0.0.0.0")
        (True, True, False)
    """
    if host == "localhost":
        return True
    try:
        return ipaddress.ip_address(host).is_loopback
    except ValueError:
        return False
