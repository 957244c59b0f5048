"""Execute a notebook: ``python -m tests.tutorials.execute NOTEBOOK OUT``.

In a process of its own, so that its sockets end with it.
"""

import sys
from pathlib import Path
from typing import Any

import nbformat
from jupyter_client.manager import AsyncKernelManager
from nbclient import NotebookClient


class LocalManager(AsyncKernelManager):
    """Talks to the kernel through files, not through the network."""

    def __init__(self, **given: Any) -> None:
        super().__init__(transport="ipc", **given)


def execute(path: Path, out: Path) -> None:
    """Run all cells and write the notebook with its new outputs."""
    notebook = nbformat.read(path, 4)
    NotebookClient(
        notebook,
        kernel_manager_class=LocalManager,
        kernel_name="python3",
        timeout=600,
        store_widget_state=False,
        record_timing=False,
        coalesce_streams=True,
    ).execute()
    nbformat.write(notebook, out)


if __name__ == "__main__":
    execute(Path(sys.argv[1]), Path(sys.argv[2]))
