"""Entries of models in a file, by name or by choices; no network is built here."""

import difflib
from collections.abc import Mapping
from typing import Final

from crosswarp.errors import InputError
from crosswarp.models.catalogue import CATALOGUE
from crosswarp.models.settings import ModelSettings

LIKE: Final = "like"
"""Key of a model's entry that names the network of the catalogue to start from."""


def model_choices(entry: object) -> object:
    """Spell a model's entry of an experiment file out.

    Args:
        entry: A name of the catalogue; or choices, which ``like: <name>`` takes
            from the catalogue where they are not given.

    Returns:
        Choices, still to be checked as `ModelSettings`.

    Raises:
        InputError: If there is no network of that name; names the nearest.

    Example:
        >>> entry = {"like": "compact_jsm", "name": "wide", "features": 32}
        >>> ModelSettings.model_validate(model_choices(entry)).features
        32
    """
    if isinstance(entry, str):
        return _catalogued(entry).model_dump(exclude_unset=True)
    if isinstance(entry, Mapping) and LIKE in entry:
        choices = {key: value for key, value in entry.items() if key != LIKE}
        chosen = _catalogued(str(entry[LIKE])).model_dump(exclude_unset=True)
        return {**chosen, **choices}
    return entry


def _catalogued(name: str) -> ModelSettings:
    if name not in CATALOGUE:
        near = difflib.get_close_matches(name, CATALOGUE, n=1)
        if near:
            msg = (
                f"no model {name!r}, did you mean {near[0]}? See: crosswarp model list"
            )
        else:
            msg = f"no model {name!r}; there are: {', '.join(CATALOGUE)}"
        raise InputError(msg)
    return CATALOGUE[name]
