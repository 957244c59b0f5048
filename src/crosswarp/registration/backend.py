"""What every way to register must do."""

from typing import Protocol, runtime_checkable

from crosswarp.registration.result import Registration
from crosswarp.types.arrays import SpatialMap


@runtime_checkable
class RegistrationBackend(Protocol):
    """One way to register; its settings are given when it is made.

    A back end is not called directly but through `register`, which checks what goes
    in and what comes out, the same for all.
    """

    def register(self, template: SpatialMap, participant: SpatialMap) -> Registration:
        """Register a participant's brain to a template's.

        Args:
            template: Fixed; any template on any grid. 0 outside the brain, and
                the spacing at which the back end's settings say that it works.
            participant: Moving, about as finely sampled; any axes and position.

        Returns:
            In the conventions of `Registration`, on the template's grid.

        Raises:
            ScanError: If the two cannot be registered; says why.
            MissingPackageError: If the back end's library is not installed; names
                the extra that has it.
        """
        ...
