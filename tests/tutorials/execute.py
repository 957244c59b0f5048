"""Execute a notebook: ``python -m tests.tutorials.execute NOTEBOOK OUT [EPOCHS]``.

In a process of its own, so that its sockets end with it. With EPOCHS, networks are
trained for so many: to test that a notebook runs needs no good ones.
"""

import re
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


def execute(path: Path, out: Path, epochs: str | None = None) -> None:
    """Run all cells and write the notebook with its new outputs."""
    notebook = nbformat.read(path, 4)
    if epochs is not None:
        for cell in notebook.cells:
            cell.source = re.sub(r"epochs: \d+", f"epochs: {epochs}", cell.source)
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
    execute(Path(sys.argv[1]), Path(sys.argv[2]), *sys.argv[3:])
