"""What the classes of JSON files have in common; it needs none of their libraries."""

from pydantic import BaseModel, ConfigDict


class Part(BaseModel):
    """A part of a file: it does not change, and what it does not know it ignores."""

    model_config = ConfigDict(frozen=True, populate_by_name=True)
