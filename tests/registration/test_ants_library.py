"""load_ants: one thread unless someone has decided otherwise."""

import os
import subprocess
import sys

import pytest

from crosswarp.registration.ants_library import ITK_THREADS

PROGRAM = (
    "import os; from crosswarp.registration.ants_library import ITK_THREADS, load_ants;"
    "print(load_ants().__name__, os.environ[ITK_THREADS])"
)


@pytest.mark.slow
@pytest.mark.parametrize(("given", "kept"), [(None, "1"), ("2", "2")])
def test_threads_are_set_before_ants_is_loaded(given: str | None, kept: str) -> None:
    environment = {k: v for k, v in os.environ.items() if k != ITK_THREADS}
    if given is not None:
        environment[ITK_THREADS] = given
    printed = subprocess.run(
        [sys.executable, "-c", PROGRAM],
        capture_output=True,
        text=True,
        check=True,
        env=environment,
    )
    assert printed.stdout.split() == ["ants", kept]
