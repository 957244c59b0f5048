"""Changes of a scan change what they say, and the table counts them."""

import numpy as np
import pandas as pd
import pytest
from benchmarks.localisation import auc, is_changed
from benchmarks.unlike_scans import CHANGES, summary

from crosswarp.study.findings import Level


@pytest.mark.parametrize("name", ["noise", "motion", "another contrast", "cut head"])
def test_a_change_keeps_the_air_and_moves_the_brain(name: str) -> None:
    image = np.zeros((20, 22, 40), np.float32)
    image[4:16, 4:18, 4:36] = np.linspace(0.3, 1, 32)
    changed = CHANGES[name](image, np.random.default_rng(0))
    assert not changed[image == 0].any()
    assert np.abs(changed - image).max() > 0.1


def test_false_alarms_are_counted_among_the_unchanged() -> None:
    usual = [
        {"change": "unchanged", "level": Level.NONE, "numbers": n} for n in range(20)
    ]
    strange = {"change": "noise", "level": Level.REFUSAL, "numbers": 50.0}
    rows = pd.DataFrame([*usual, strange]).assign(embedding=1.0)
    found = summary(rows).set_index("change")
    assert found.loc["unchanged", "numbers_at_5_percent"] == 0.05
    assert found.loc["noise", ["doubted", "refused"]].tolist() == [1, 1]
    assert found.loc["noise", "embedding_at_5_percent"] == 0


def test_the_score_is_the_share_of_pairs_that_are_in_order() -> None:
    changed = np.array([True, True, False, False])
    assert auc(np.array([4.0, 3, 2, 1]), changed) == 1
    assert auc(np.array([1.0, 1, 1, 1]), changed) == 0.5
    assert is_changed("hippocampus") is True
    assert is_changed("occipital lobe") is False
    assert is_changed("temporal lobe") is None
