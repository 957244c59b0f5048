"""ModelSettings: choices that cannot be are refused, with the reason."""

import pytest
from pydantic import ValidationError

from crosswarp.models.settings import ModelSettings

COMPACT = {"name": "a", "encoder": "compact_cnn", "fusion": "cross_attention"}
PAPER = {**COMPACT, "encoder": "plain_cnn"}


@pytest.mark.parametrize(
    ("choices", "reason"),
    [
        ({**COMPACT, "fusion": "none"}, "takes one map"),
        ({**COMPACT, "maps": ("t1w",)}, "takes both maps"),
        ({**COMPACT, "concatenated": ("jsm", "jsm")}, "names a map twice"),
        ({**COMPACT, "heads": 5}, "heads must divide the 64 features"),
        ({**PAPER, "norm": "batch", "features": 8}, "features, norm has no meaning"),
        ({**COMPACT, "fusion": "stacked", "query": "t1w"}, "query has no meaning"),
        ({**COMPACT, "name": "../a"}, "should match pattern"),
        ({**COMPACT, "size": 3}, "Extra inputs"),
        ({**COMPACT, "encoder": "resnt18"}, "no encoder 'resnt18', did you mean resn"),
        ({**COMPACT, "jsm_encoder": "zzz"}, r"no encoder 'zzz'\? There are: plain_cnn"),
        ({**COMPACT, "fusion": "self_atention"}, "did you mean self_attention"),
        (
            {**COMPACT, "fusion": "stacked", "jsm_encoder": "resnet10"},
            "jsm_encoder has",
        ),
        (
            {**COMPACT, "fusion": "gating", "bottlenecks": 3},
            "bottlenecks has no meaning",
        ),
        ({**COMPACT, "fusion": "late_averaging", "width": 8}, "width has no meaning"),
        ({**COMPACT, "first_stride": 1}, "first_stride has no meaning"),
        ({**COMPACT, "fusion": "bottleneck", "width": 6}, "divide the 6 features"),
        ({**COMPACT, "large_norm": "group"}, "large_norm has no meaning"),
        (
            {**COMPACT, "encoder": "resnet10", "norm": "batch"},
            "norm has no meaning .* or give large_norm",
        ),
        (
            {**COMPACT, "fusion": "matched_bottleneck", "layers": 1},
            "needs two layers or more, got 1",
        ),
        ({**COMPACT, "layers": 3}, "layers has no meaning"),
        (
            {
                **COMPACT,
                "encoder": "resnet10",
                "weights": "medicalnet_resnet10",
                "large_norm": "group",
            },
            "trained with batch normalisation",
        ),
        ({**COMPACT, "encoder": 3}, "Input should be a valid string"),
    ],
    ids=lambda value: value if isinstance(value, str) else "",
)
def test_refused(choices: dict[str, object], reason: str) -> None:
    with pytest.raises(ValidationError, match=reason):
        ModelSettings.model_validate(choices)


def test_features_of_a_token() -> None:
    assert ModelSettings.model_validate(PAPER).token_features == 64
    wide = {**COMPACT, "features": 24, "strides": (2, 2)}
    assert ModelSettings.model_validate(wide).token_features == 48


@pytest.mark.parametrize(
    ("choices", "expected"),
    [
        ({"encoder": "resnet10"}, True),
        ({"encoder": "resnet10", "large_norm": "group"}, False),
        ({"encoder": "plain_cnn"}, False),
        ({"encoder": "compact_cnn"}, False),
        ({"encoder": "compact_cnn", "norm": "batch"}, True),
        ({"encoder": "plain_cnn", "jsm_encoder": "densenet121"}, True),
        ({"encoder": "plain_cnn", "fusion": "none", "maps": ("jsm",)}, False),
        # As older versions wrote it: their ResNets have batch normalisation.
        ({"encoder": "resnet10", "norm": "group"}, True),
    ],
)
def test_batch_normalisation_is_known(choices, expected: bool) -> None:
    settings = ModelSettings.model_validate({**COMPACT, **choices})
    assert settings.has_batch_norm is expected


def test_what_the_jsms_encoder_alone_uses_has_a_meaning() -> None:
    both = {**COMPACT, "encoder": "resnet10", "jsm_encoder": "compact_cnn"}
    chosen = ModelSettings.model_validate({**both, "features": 24, "first_stride": 1})
    assert chosen.token_features == 512
    assert chosen.encoder_of("t1w") == "resnet10"
    assert chosen.encoder_of("jsm") == "compact_cnn"
    assert ModelSettings.model_validate({**both, "width": 64}).token_features == 64
