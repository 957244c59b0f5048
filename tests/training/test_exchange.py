"""exchange.tsv: who gets whose map, and what a network of one map loses by it."""

import dataclasses

import pandas as pd
import pytest

from crosswarp.bids.ids import ScanId
from crosswarp.bids.tables import read_table
from crosswarp.errors import LeakageError
from crosswarp.evaluation.evaluate import evaluate_run
from crosswarp.inputs.datamodule import FoldData
from crosswarp.inputs.store import open_store
from crosswarp.statistics.intervals import Estimate
from crosswarp.study.metrics import MapExchange
from crosswarp.training.cross_validation import cross_validate
from crosswarp.training.exchange import DRAWS, draw_exchanges, exchange_table
from crosswarp.training.experiment import read_experiment
from crosswarp.training.fold import train_fold
from tests.training.conftest import JSM

STACKED = {**JSM, "like": "compact_stacked", "name": "stacked"}


def test_a_network_of_one_map_loses_by_that_map_alone(tiny) -> None:
    run = tiny.folder / "run"
    experiment = tiny.write(
        models=[JSM, STACKED],
        training=tiny.training(epochs=12),
    )
    cross_validate(read_experiment(experiment), run)
    table = read_table(run / "exchange.tsv")
    # Test scans of both folds, each map, each draw.
    assert len(table) == 2 * 16 * 2 * DRAWS
    assert (table["donor_id"] != table["participant_id"]).all()
    assert not table.duplicated(
        ["model", "map", "draw", "repeat", "fold", "donor_id"]
    ).any()
    exchange = evaluate_run(run, resamples=100).metrics.exchange
    assert exchange.draws == DRAWS
    assert exchange.reason is None
    alone = exchange.models["jsm"]
    nothing = Estimate(0.0, None, None)
    unused = MapExchange(auc_fall=nothing, logit_change=nothing, unused=True)
    assert alone["t1w"] == unused
    assert alone["jsm"].unused is False
    assert alone["jsm"].auc_fall.low > 0.2
    assert alone["jsm"].logit_change.value > 0.1
    both = exchange.models["stacked"]
    assert both["t1w"].logit_change.value > 0
    assert both["jsm"].logit_change.value > 0


def test_all_models_of_a_fold_get_the_same_exchanges(tiny) -> None:
    first, second = (
        draw_exchanges(cell, [row for row, s in enumerate(cell.scans) if s.split])
        for cell in tiny.cells(models=[JSM, STACKED])[::2]
    )
    assert first == second
    assert len({exchange.donors for exchange in first}) == 2 * DRAWS


def test_another_participant_gives_the_map_also_with_several_scans(tiny) -> None:
    cell = tiny.cells()[0]
    visits = tuple(
        dataclasses.replace(s, scan=ScanId(f"sub-{n // 4}", f"ses-{n % 4}"))
        for n, s in enumerate(cell.scans)
    )
    cell = dataclasses.replace(cell, scans=visits)
    rows = list(range(12))
    for exchange in draw_exchanges(cell, rows):
        assert all(a // 4 != b // 4 for a, b in zip(rows, exchange.donors, strict=True))


def test_one_tested_participant_has_nobody_to_exchange_with(tiny) -> None:
    cell = tiny.cells()[0]
    only = next(row for row, s in enumerate(cell.scans) if s.split == "test")
    scans = tuple(
        dataclasses.replace(s, split="train" if s.split == "test" else s.split)
        if row != only
        else s
        for row, s in enumerate(cell.scans)
    )
    cell = dataclasses.replace(cell, scans=scans)
    train_fold(cell)
    assert not (cell.folder / "exchange.tsv").exists()
    nothing = exchange_table(
        cell, FoldData(*_data(cell), batch_size=2, seed=0), pytest.fail
    )
    pd.testing.assert_frame_equal(nothing, pd.DataFrame())


def test_the_test_part_is_exchanged_after_it_was_predicted(tiny) -> None:
    cell = tiny.cells()[0]
    data = FoldData(*_data(cell), batch_size=3, seed=0)
    tested, other = data.rows("test"), data.rows("train")[0]
    pairs = [(tested[0], tested[1])]
    with pytest.raises(LeakageError, match="after it was predicted"):
        data.exchanged_dataloader(pairs)
    data.test_dataloader()
    with pytest.raises(LeakageError, match="within the test part"):
        data.exchanged_dataloader([(tested[0], other)])
    (batch,) = data.exchanged_dataloader(pairs)
    store = open_store(cell.store)
    assert (batch["t1w"][0, 0].numpy() == store.t1w[tested[0]]).all()
    assert (batch["jsm"][0, 0].numpy() == store.jsm[tested[1]]).all()


def _data(cell):
    splits = [s.split for s in cell.scans]
    return open_store(cell.store), splits, [0] * len(splits)
