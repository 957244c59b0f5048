"""Every model beside the volumes that stand in every table."""

import numpy as np
import pytest

from crosswarp.evaluation.added_value import volume_models, with_absent
from crosswarp.evaluation.cells import cells_of, people_of
from crosswarp.statistics.corrected_delong import corrected_delong
from crosswarp.study.experiment import RunExperiment
from crosswarp.study.metrics import VolumeModels
from crosswarp.study.records import RunRecord
from tests.evaluation.made_predictions import made

DECLARED = RunExperiment(volume_baselines=True, everything={"volume_baselines": True})


def test_the_difference_is_that_of_the_primary_test(rng) -> None:
    diagnoses = ["CN", "AD"] * 30
    ill = np.array([name == "AD" for name in diagnoses])
    answers = {
        name: np.clip(rng.normal(0.5 + gain * (ill - 0.5), 0.2), 0.01, 0.99)
        for name, gain in {"network": 0.4, "hippocampal_volume": 0.2}.items()
    }
    predictions = made(diagnoses, answers, [0, 0, 1, 1, 2, 2] * 10)
    people = people_of(predictions)
    cells = {name: cells_of(predictions, name, people) for name in answers}
    found = volume_models(cells, 60, DECLARED)
    assert found.models == ("hippocampal_volume",)
    assert found.reason is None
    (difference,) = found.differences["hippocampal_volume"].values()
    expected = corrected_delong(cells["network"], cells["hippocampal_volume"], 60)
    assert expected is not None
    assert difference.estimate == expected.auc
    assert difference.p == expected.p
    assert difference.value > 0


@pytest.mark.parametrize(
    ("declared", "reason"),
    [
        (DECLARED, "none of their folds has predictions"),
        (
            RunExperiment(everything={"volume_baselines": False}),
            "the experiment says volume_baselines: false",
        ),
        (RunExperiment(), "the run was not trained with them"),
    ],
    ids=["failed", "off", "old"],
)
def test_why_there_are_none(declared: RunExperiment, reason: str) -> None:
    found = volume_models({}, 60, declared)
    assert found.models == ()
    assert str(found.reason).startswith(reason)


def test_what_the_maps_cannot_have_is_said() -> None:
    none = volume_models({}, 60, DECLARED)
    absent = {"hippocampal_volume": "another space", "else": "not ours"}
    found = with_absent(none, RunRecord(absent=absent))
    assert found.absent == {"hippocampal_volume": "another space"}
    assert found.reason == "another space"
    assert with_absent(none, RunRecord()) == none
    there = VolumeModels(models=("hippocampal_ventricular_volume",), reason=None)
    assert with_absent(there, RunRecord(absent=absent)).reason is None
