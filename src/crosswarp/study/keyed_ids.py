"""Ids of participants by keyed hashes: found again by whoever has them, and not shown.

The salt is no secret: somebody who guesses an id can find out whether it is there. What
it does is that lists of different salts cannot be joined, and tables that were made
beforehand are of no use.
"""

import hashlib
import hmac
import re
from collections.abc import Iterable
from typing import Final

from pydantic import BaseModel, ConfigDict, Field

DIGITS: Final = 32
"""Hexadecimal digits of a hash that are kept."""

SHORTEST_SALT: Final = 8
"""Characters; a shorter salt could be another one by chance."""


class KeyedIds(BaseModel):
    """Participants by hashes of their ids.

    Attributes:
        salt: Key of all hashes.
        hashes: Hash of each participant, sorted; see `hash_of`.
    """

    model_config = ConfigDict(frozen=True, extra="forbid")

    salt: str = Field(min_length=SHORTEST_SALT)
    hashes: tuple[str, ...]

    @classmethod
    def of(cls, participants: Iterable[str], salt: str) -> "KeyedIds":
        """Hash ids; two that differ in punctuation or case alone become one.

        Args:
            participants: Identifiers as cohort tables have them.
            salt: Any text of 8 characters or more.
        """
        hashes = {hash_of(name, salt) for name in participants}
        return cls(salt=salt, hashes=tuple(sorted(hashes)))

    def know(self, participant: str) -> bool:
        """Whether a participant is among them, however the id is written.

        Args:
            participant: Identifier to look for.

        Example:
            >>> kept = KeyedIds.of(["002_S_0295"], "a salt of it")
            >>> kept.know("sub-002S0295"), kept.know("sub-002S0296")
            (True, False)
        """
        return hash_of(participant, self.salt) in self.hashes


def plain_id(participant: str) -> str:
    """Write an id without what spellings of it differ in.

    Args:
        participant: Identifier as cohort tables or an archive have it.

    Example:
        >>> plain_id("002_S_0295"), plain_id("sub-002S0295")
        ('002s0295', '002s0295')
    """
    return re.sub(r"[^a-z0-9]", "", participant.strip().lower().removeprefix("sub-"))


def hash_of(participant: str, salt: str) -> str:
    """Hash an id: the first digits of HMAC-SHA-256 of its plain form.

    Args:
        participant: Identifier as cohort tables or an archive have it.
        salt: Key of the hash.

    Example:
        >>> archive, bids = "002_S_0295", "sub-002S0295"
        >>> hash_of(archive, "a salt of it") == hash_of(bids, "a salt of it")
        True
    """
    return keyed_digest(plain_id(participant), salt)


def keyed_digest(message: str, salt: str) -> str:
    """Return the first digits of HMAC-SHA-256, in hexadecimal.

    Args:
        message: What is hashed.
        salt: Key of the hash, in UTF-8.
    """
    made = hmac.new(salt.encode(), message.encode(), hashlib.sha256)
    return made.hexdigest()[:DIGITS]
