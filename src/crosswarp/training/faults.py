"""Faults of what an experiment starts from, collected to be shown together."""

from collections.abc import Iterator
from contextlib import contextmanager

from crosswarp.errors import CrosswarpError, InputError


class Faults:
    """Our errors of checks that do not depend on each other."""

    def __init__(self) -> None:
        self._met: list[CrosswarpError] = []

    @contextmanager
    def collected(self) -> Iterator[None]:
        """Keep an error of ours for later; any other is raised at once."""
        try:
            yield
        except CrosswarpError as error:
            self._met.append(error)

    def show(self) -> None:
        """Raise what was collected, if anything.

        Raises:
            CrosswarpError: The only fault, as it was.
            InputError: Several, one a line.
        """
        if len(self._met) == 1:
            raise self._met[0]
        if self._met:
            listed = "\n".join(f"  {fault}" for fault in self._met)
            msg = f"the experiment cannot be run, {len(self._met)} faults:\n{listed}"
            raise InputError(msg)
