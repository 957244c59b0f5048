"""What is said aloud about the design."""

import numpy as np

from crosswarp.evaluation.cells import cells_of, people_of
from crosswarp.evaluation.flags import red_flags
from tests.evaluation.made_predictions import made


def flags(
    count: int, folds: list[int], diagnoses: list[str] | None = None
) -> list[str]:
    diagnoses = diagnoses or ["CN", "AD"] * (count // 2)
    predictions = made(diagnoses, {"a": np.linspace(0.1, 0.9, count)}, folds)
    people = people_of(predictions)
    return red_flags(predictions, cells_of(predictions, "a", people), people)


def test_sound_design_has_no_flag() -> None:
    assert flags(60, [0, 0, 1, 1, 2, 2] * 10) == []


def test_small_folds_and_few_people_are_said() -> None:
    few, people = flags(16, [0, 0, 1, 1] * 4)
    assert few.startswith("2 of 2 folds have fewer than 5 test scans of a class")
    assert people.startswith("16 participants: intervals")


def test_fold_of_one_class_is_named() -> None:
    diagnoses = ["CN", "AD"] * 30 + ["AD", "AD"]
    (flag,) = flags(62, [0] * 60 + [1, 1], diagnoses)
    assert flag == "No AUC where a class has no test scan: repeat 0 fold 1."
