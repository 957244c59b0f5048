"""What every scan needs, made when this is imported: for the server that forks.

Each scan has a process of its own. What the server holds when it forks one, the process
has without reading it again: a tenth of the time of a scan.
"""

from contextlib import suppress
from importlib import import_module

from crosswarp.errors import CrosswarpError
from crosswarp.preprocessing.head_size import template_skull
from crosswarp.registration.template import load_template


def make_ready() -> None:
    """Load the embedded template at both spacings, its skull, and slow modules."""
    # torch's optimisers import it when the first is made.
    import_module("torch._dynamo")
    # What cannot be loaded is said by the first scan, where somebody listens.
    with suppress(CrosswarpError, OSError):
        for resolution in (1, 2):
            load_template(resolution)
        template_skull(None)


make_ready()
