"""train_fold: selection, options, and one seed a fold."""

import pytest

from crosswarp.bids.tables import read_table
from crosswarp.documents import read_json
from crosswarp.training.experiment import read_experiment
from crosswarp.training.fold import train_fold
from crosswarp.training.plan import plan_run


@pytest.fixture
def train(tiny):
    def trained(**changes):
        cell = tiny.cells(**changes)[0]
        return cell, train_fold(cell)

    return trained


def test_the_best_epoch_is_that_of_the_least_validation_loss(tiny, train) -> None:
    choices = tiny.training(epochs=5, learning_rate=0.02, schedule="constant")
    cell, done = train(training=choices)
    curve = read_table(cell.folder / "learning_curve.tsv")
    assert done["epoch"] == curve["val_loss"].idxmin()
    assert read_json(cell.folder / "done.json") == done
    assert done["seconds"] > 0


def test_the_last_epoch_needs_no_validation(tiny, train) -> None:
    folds = read_table(tiny.folder / "folds.tsv")
    folds["split"] = folds["split"].replace("val", "train")
    folds.to_csv(tiny.folder / "folds.tsv", sep="\t", index=False)
    cell, done = train(training=tiny.training(epochs=2, selection="last"))
    assert done["epoch"] is None
    assert done["epochs"] == 2
    predictions = read_table(cell.folder / "predictions.tsv")
    assert set(predictions["split"]) == {"test"}
    assert read_table(cell.folder / "learning_curve.tsv")["val_loss"].isna().all()


def test_patience_stops_early(tiny, train) -> None:
    choices = tiny.training(
        epochs=30, learning_rate=0.5, schedule="constant", patience=1
    )
    _, done = train(training=choices)
    assert done["epochs"] < 30


def test_all_options_together_give_probabilities(tiny, train) -> None:
    model = {
        "like": "compact_cross_attention",
        "features": 8,
        "query": "both",
        "norm": "batch",
        "dropout": 0.1,
        "blocks": 1,
        "pooling": "mean_max",
        "standardise": "fixed",
    }
    training = tiny.training(
        epochs=1,
        gradient_clip=1.0,
        label_smoothing=0.1,
        class_weights=True,
        weight_decay=0.01,
        augmentation={"rotation_degrees": 3, "shift_mm": 2, "flip": True},
    )
    cell, _ = train(models=[model], training=training)
    predictions = read_table(cell.folder / "predictions.tsv")
    total = predictions["probability_CN"] + predictions["probability_AD"]
    assert total.sub(1).abs().max() < 1e-6


def test_networks_of_a_fold_share_its_seed_and_folds_do_not(tiny) -> None:
    two = ["compact_jsm", "compact_t1w"]
    cells = plan_run(read_experiment(tiny.write(models=two))).cells(tiny.folder / "r")
    seeds = [(cell.fold, cell.cell_seed) for cell in cells]
    assert seeds[:2] == seeds[2:]
    assert seeds[0][1] != seeds[1][1]
