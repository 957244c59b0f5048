"""Functions of test modules in fresh processes, with limits of their own.

The children of `crosswarp.execution` know nothing of the folder of tests.
"""

import pickle
import subprocess
import sys
from collections.abc import Callable
from pathlib import Path
from typing import Any

ROOT = Path(__file__).parents[1]

PROGRAM = """
import importlib, pickle, sys
from pathlib import Path
sys.path.insert(0, sys.argv[2])
place = Path(sys.argv[1])
module, name, argument = pickle.loads(place.read_bytes())
value = getattr(importlib.import_module(module), name)(argument)
place.write_bytes(pickle.dumps(value))
"""


def call_in_child(
    function: Callable[[Any], Any], argument: object, folder: Path
) -> Any:
    """Call a function of a module's top level in a fresh process.

    Args:
        function: Of a test module.
        argument: Anything that can be pickled; so must be what is returned.
        folder: For a file to talk through.
    """
    place = folder / f"{function.__name__}.pickle"
    place.write_bytes(pickle.dumps((function.__module__, function.__name__, argument)))
    command = [sys.executable, "-c", PROGRAM, str(place), str(ROOT)]
    ended = subprocess.run(command, capture_output=True, text=True, check=False)
    assert ended.returncode == 0, ended.stderr[-3000:]
    # Our own child wrote it a moment ago.
    return pickle.loads(place.read_bytes())  # noqa: S301
