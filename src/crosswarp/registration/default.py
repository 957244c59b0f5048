"""The back end that registers when none is chosen; loads nothing."""

from typing import Final

DEFAULT: Final = "two_stage"
"""Its name, as in `crosswarp.registration.table.BACK_ENDS`."""
