"""Networks with a name of their own, to be used or to start from."""

from typing import Final, Literal

from crosswarp.models.encoders.encoder import Extent
from crosswarp.models.settings import ModelSettings

Resolution = Literal[1, 2]

EXTENTS: Final[dict[Resolution, Extent]] = {1: (193, 229, 193), 2: (77, 94, 82)}
"""Voxels of the maps that the figures of the catalogue are for: the whole template
at 1 mm, the box around its brain at 2 mm."""

RESOLUTION: Final[dict[str, Resolution]] = {"plain_cnn": 1, "compact_cnn": 2}
"""What an encoder is for."""


def _paper(name: str, **choices: object) -> ModelSettings:
    chosen = {"fusion": "cross_attention", **choices}
    return ModelSettings.model_validate(
        {"name": name, "encoder": "plain_cnn", **chosen}
    )


# What learned best from some forty virtual participants: docs/design.md, "Measured".
def _compact(name: str, **choices: object) -> ModelSettings:
    chosen = {
        "fusion": "cross_attention",
        "strides": (3, 2, 2),
        "positions": True,
        "pooling": "mean_max",
        "standardise": "fixed",
        **choices,
    }
    return ModelSettings.model_validate(
        {"name": name, "encoder": "compact_cnn", **chosen}
    )


CATALOGUE: Final[dict[str, ModelSettings]] = {
    settings.name: settings
    for settings in (
        _paper("paper_cross_attention"),
        _paper("paper_cross_attention_t1w_query", query="t1w"),
        _paper("paper_concatenation", fusion="concatenation"),
        _paper("paper_stacked", fusion="stacked"),
        _paper("paper_t1w", fusion="none", maps=("t1w",)),
        _paper("paper_jsm", fusion="none", maps=("jsm",)),
        _compact("compact_cross_attention", concatenated=("t1w", "jsm")),
        _compact(
            "compact_cross_attention_t1w_query",
            query="t1w",
            concatenated=("t1w", "jsm"),
        ),
        _compact("compact_concatenation", fusion="concatenation"),
        _compact("compact_stacked", fusion="stacked"),
        _compact("compact_t1w", fusion="none", maps=("t1w",)),
        _compact("compact_jsm", fusion="none", maps=("jsm",)),
    )
}
