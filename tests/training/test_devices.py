"""Several processes that train one network together, on the CPU."""

from dataclasses import replace

import pytest

from crosswarp.bids.tables import read_table
from crosswarp.training.fold import train_fold


@pytest.mark.slow
def test_two_processes_do_the_steps_of_one(tiny) -> None:
    """Without what is random in each process, a step of 3 + 3 is the step of 6."""
    training = tiny.training(
        epochs=3, batch_size=6, augmentation={"rotation_degrees": 0}
    )
    (alone, *_) = tiny.cells(training=training)
    both = replace(
        alone,
        training=alone.training.model_copy(update={"devices": 2}),
        folder=alone.folder.parent / "both" / alone.folder.name,
        fingerprint="0123456789abcdef",
    )
    expected, done = train_fold(alone), train_fold(both)
    assert (done["epoch"], done["epochs"]) == (expected["epoch"], 3)
    one, two = (read_table(c.folder / "predictions.tsv") for c in (alone, both))
    assert two["logit_AD"].tolist() == pytest.approx(one["logit_AD"].tolist(), abs=1e-4)
    curves = [read_table(c.folder / "learning_curve.tsv") for c in (alone, both)]
    for column in ("train_loss", "val_loss"):
        assert curves[1][column].tolist() == pytest.approx(
            curves[0][column].tolist(), abs=1e-4
        )
