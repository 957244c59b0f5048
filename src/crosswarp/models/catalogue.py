"""Networks with a name of their own, to be used or to start from."""

from typing import Final, Literal

from crosswarp.models.settings import EncoderName, ModelSettings

Resolution = Literal[1, 2]

EXTENTS: Final[dict[Resolution, tuple[int, int, int]]] = {
    1: (193, 229, 193),
    2: (77, 94, 82),
}
"""Voxels of the maps that the figures of the catalogue are for: the whole template
at 1 mm, the box around its brain at 2 mm."""

RESOLUTION: Final[dict[str, Resolution]] = {
    "plain_cnn": 1,
    "compact_cnn": 2,
    "resnet10": 1,
    "resnet18": 1,
    "resnet34": 1,
    "resnet50": 1,
    "densenet121": 1,
    "swin_unetr": 1,
    "patterns": 2,
}
"""What an encoder is for; where 1 mm is too much for a machine, all but the first take
2 mm as well."""


AT_2_MM: Final = (3, 3, 1)
"""Pools that leave the paper's encoder the two tokens that it has at 1 mm."""


def _paper(name: str, **choices: object) -> ModelSettings:
    chosen = {"fusion": "cross_attention", **choices}
    return ModelSettings.model_validate(
        {"name": name, "encoder": "plain_cnn", **chosen}
    )


# What learned best from some forty virtual participants: docs/measured/networks.md.
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


# Chosen on the development cohorts of docs/measured/known-worlds.md.
def _patterns(name: str, **choices: object) -> ModelSettings:
    chosen = {"encoder": "patterns", "place_voxels": 2, **choices}
    return ModelSettings.model_validate({"name": name, **chosen})


_MATCHED: Final = (
    "matched_cross_attention",
    "matched_self_attention",
    "matched_bottleneck",
    "matched_separate",
)
"""In the order of the tables; all that differs is what tokens attend to."""

_LARGE: Final[tuple[EncoderName, ...]] = (
    "resnet10",
    "resnet18",
    "resnet34",
    "resnet50",
    "densenet121",
    "swin_unetr",
)


def _large(encoder: EncoderName, **choices: object) -> ModelSettings:
    chosen = {"encoder": encoder, "standardise": "fixed", **choices}
    return ModelSettings.model_validate(chosen)


CATALOGUE: Final[dict[str, ModelSettings]] = {
    settings.name: settings
    for settings in (
        _paper("paper_cross_attention"),
        _paper("paper_cross_attention_t1w_query", query="t1w"),
        _paper("paper_cross_attention_both_ways", query="both"),
        _paper("paper_self_attention", fusion="self_attention"),
        _paper("paper_bottleneck", fusion="bottleneck"),
        *(_paper(f"paper_{fusion}", fusion=fusion) for fusion in _MATCHED),
        _paper("paper_concatenation", fusion="concatenation"),
        _paper("paper_gating", fusion="gating"),
        _paper("paper_stacked", fusion="stacked"),
        _paper("paper_multiplied", fusion="multiplied"),
        _paper("paper_late_averaging", fusion="late_averaging"),
        _paper("paper_t1w", fusion="none", maps=("t1w",)),
        _paper("paper_jsm", fusion="none", maps=("jsm",)),
        _paper("paper_2mm_cross_attention", pools=AT_2_MM),
        _compact("compact_cross_attention", concatenated=("t1w", "jsm")),
        _compact(
            "compact_cross_attention_t1w_query",
            query="t1w",
            concatenated=("t1w", "jsm"),
        ),
        _compact(
            "compact_cross_attention_both_ways",
            query="both",
            concatenated=("t1w", "jsm"),
        ),
        _compact("compact_self_attention", fusion="self_attention"),
        _compact("compact_bottleneck", fusion="bottleneck"),
        *(_compact(f"compact_{fusion}", fusion=fusion) for fusion in _MATCHED),
        _compact("compact_concatenation", fusion="concatenation"),
        _compact("compact_gating", fusion="gating"),
        _compact("compact_stacked", fusion="stacked"),
        _compact("compact_multiplied", fusion="multiplied"),
        _compact("compact_late_averaging", fusion="late_averaging"),
        _compact("compact_t1w", fusion="none", maps=("t1w",)),
        _compact("compact_jsm", fusion="none", maps=("jsm",)),
        _patterns("patterns_crossed", fusion="crossed"),
        _patterns("patterns_added", fusion="crossed", crossed=0),
        _patterns("patterns_t1w", fusion="none", maps=("t1w",)),
        _patterns("patterns_jsm", fusion="none", maps=("jsm",)),
        *(
            _large(encoder, **choices)
            for encoder in _LARGE
            for choices in (
                {"name": f"{encoder}_cross_attention", "fusion": "cross_attention"},
                {"name": f"{encoder}_t1w", "fusion": "none", "maps": ("t1w",)},
                {"name": f"{encoder}_jsm", "fusion": "none", "maps": ("jsm",)},
            )
        ),
    )
}
