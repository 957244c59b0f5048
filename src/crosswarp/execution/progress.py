"""How work says how far it is, without knowing who listens."""

from typing import Protocol, runtime_checkable


@runtime_checkable
class Progress(Protocol):
    """Told of stages and of the pieces done in each."""

    def stage(self, name: str, total: int) -> None:
        """Begin a stage.

        Args:
            name: A few words for a person.
            total: Pieces of work in it.
        """
        ...

    def advance(self, note: str = "") -> None:
        """Note that one piece is done.

        Args:
            note: Which, or how it went.
        """
        ...

    def news(self, piece: str, text: str) -> None:
        """Note how far a piece is that is still being worked on.

        Args:
            piece: Name of the piece.
            text: A few words, such as ``epoch 3 of 20, validation AUC 0.81``.
        """
        ...

    def done(self) -> None:
        """End the stage."""
        ...


class SilentProgress:
    """Tells nobody: what library functions use when none is given."""

    def stage(self, name: str, total: int) -> None:
        """Do nothing."""

    def advance(self, note: str = "") -> None:
        """Do nothing."""

    def news(self, piece: str, text: str) -> None:
        """Do nothing."""

    def done(self) -> None:
        """Do nothing."""
