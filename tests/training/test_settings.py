"""TrainingSettings: what does not go together is refused with what to do."""

import pytest
from pydantic import ValidationError

from crosswarp.training.settings import TrainingSettings


def test_one_learning_rate_is_a_list_of_one() -> None:
    assert TrainingSettings().learning_rate == (1.5e-4,)
    assert TrainingSettings(learning_rate=0.01).learning_rate == (0.01,)
    several = TrainingSettings.model_validate({"learning_rate": [0.01, 1e-3]})
    assert several.learning_rate == (0.01, 0.001)


def test_a_step_is_dealt_to_parts_and_devices() -> None:
    assert TrainingSettings().part_size == 16
    assert TrainingSettings(accumulate=4, devices=2).part_size == 2


@pytest.mark.parametrize(
    ("changes", "reason"),
    [
        ({"accumulate": 3}, "accumulate 3 x devices 1 make 3 parts"),
        ({"batch_size": 4, "accumulate": 4, "devices": 2}, "make 8 parts"),
        ({"class_weights": True, "balanced_sampling": True}, "take one of them"),
        ({"learning_rate": [0.1, 0.1]}, "names one twice"),
        ({"learning_rate": []}, "at least 1 item"),
        ({"learning_rate": [0.1, 0.0]}, "greater than 0"),
        ({"learning_rate": [0.1, 0.2], "selection": "last"}, "give one, or"),
        ({"patience": 3, "selection": "last"}, "set selection to best"),
        ({"precision": "8"}, "'32-true', '16-mixed' or 'bf16-mixed'"),
    ],
    ids=["3", "8", "twice", "same", "none", "zero", "last", "patience", "precision"],
)
def test_what_does_not_go_together_is_refused(changes, reason) -> None:
    with pytest.raises(ValidationError, match=reason):
        TrainingSettings.model_validate(changes)
