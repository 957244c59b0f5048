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
