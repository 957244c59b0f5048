"""Each figure draws what its file says, or says why it cannot."""

from pathlib import Path

import numpy as np
import pytest
from matplotlib.axes import Axes

from crosswarp.bids.tables import read_table, write_table
from crosswarp.documents import read_json
from crosswarp.errors import MissingDerivativeError
from crosswarp.files import file_digest, write_json
from crosswarp.report.figures import fold_auc, group_difference, learning_curves, roc
from crosswarp.report.group_maps import write_group_maps
from crosswarp.report.run import Run
from tests.report.fake_run import accept


def texts(axes: Axes) -> list[str]:
    return [text.get_text() for text in axes.texts]


def without_areas(run: Path) -> Run:
    """The run as it would be had no fold two classes."""
    metrics = read_json(run / "metrics.json")
    for model in metrics["models"].values():
        model["mean_roc"] = None
        model["overall"]["roc_auc"] = None
    write_json(run / "metrics.json", metrics)
    return Run(run)


def test_roc_draws_chance_each_fold_and_the_mean(run: Path) -> None:
    metrics = read_json(run / "metrics.json")["models"]
    panels = roc.draw(Run(run)).figure.axes
    assert [axes.get_title(loc="left") for axes in panels] == ["one", "two"]
    # The edges of the band, chance, two folds, their mean.
    assert [len(axes.lines) for axes in panels] == [2 + 1 + 2 + 1] * 2
    drawn = panels[1].lines[-1].get_ydata()
    np.testing.assert_allclose(drawn, metrics["two"]["mean_roc"]["true_positive_rate"])


def test_roc_leaves_out_a_fold_without_curve(run: Path) -> None:
    metrics = read_json(run / "metrics.json")
    metrics["models"]["one"]["cells"][0]["roc"] = None
    write_json(run / "metrics.json", metrics)
    assert len(roc.draw(Run(run)).figure.axes[0].lines) == 2 + 1 + 1 + 1


def test_dots_and_interval_are_those_of_the_metrics(run: Path) -> None:
    metrics = read_json(run / "metrics.json")["models"]
    illustration = fold_auc.draw(Run(run))
    (axes,) = illustration.figure.axes
    dots = [line for line in axes.lines if line.get_marker() == "o"]
    found = [cell["metrics"]["roc_auc"] for cell in metrics["one"]["cells"]]
    np.testing.assert_allclose(dots[0].get_xdata(), found)
    value = metrics["one"]["overall"]["roc_auc"]
    label = f"{value['value']:.2f} [{value['low']:.2f}, {value['high']:.2f}]"
    assert texts(axes)[0] == label
    assert label in illustration.alternative


def test_equal_dots_are_set_apart() -> None:
    apart = fold_auc._spread_out(3, np.array([1.0, 1.0, 0.5, 1.0]))
    np.testing.assert_allclose(apart, [3, 2.87, 3, 3.13])


@pytest.mark.parametrize(
    ("draw", "message"),
    [(roc.draw, "there is no curve"), (fold_auc.draw, "no model has an AUC")],
)
def test_nothing_to_draw_is_said(run: Path, draw: object, message: str) -> None:
    with pytest.raises(MissingDerivativeError, match=message):
        draw(without_areas(run))  # type: ignore[operator]


def test_learning_curves_show_what_was_recorded(run: Path) -> None:
    for path in run.rglob("learning_curve.tsv"):
        if path.parts[-3] == "two":
            path.unlink()
        else:
            write_table(path, read_table(path).drop(columns="val_loss"))
    illustration = learning_curves.draw(Run(run))
    (axes,) = illustration.figure.axes
    # Two folds and their mean.
    assert len(axes.lines) == 3
    thin, other, mean = (line.get_ydata() for line in axes.lines)
    np.testing.assert_allclose(mean, (np.asarray(thin) + np.asarray(other)) / 2)


def test_a_single_epoch_is_seen(run: Path) -> None:
    """A line through one point has no length."""
    for path in run.rglob("learning_curve.tsv"):
        write_table(path, read_table(path).head(1))
    axes = learning_curves.draw(Run(run)).figure.axes[0]
    assert {line.get_marker() for line in axes.lines} == {"o"}
    assert axes.get_xticks().tolist() == [0]


def test_no_learning_curve_is_said(run: Path) -> None:
    for path in run.rglob("learning_curve.tsv"):
        write_table(path, read_table(path)[["epoch"]])
    with pytest.raises(MissingDerivativeError, match=r"no learning_curve\.tsv with"):
        learning_curves.draw(Run(run))


def test_group_difference_counts_its_scans(run: Path) -> None:
    write_group_maps(Run(run))
    caption = group_difference.draw(Run(run)).caption
    assert caption.startswith(
        "Above, mean log-Jacobian of 8 tested AD participants minus that of 8 CN"
    )


def test_five_panels_hide_the_empty_place(run: Path) -> None:
    metrics = read_json(run / "metrics.json")
    table = read_table(run / "predictions.tsv")
    one = table[table["model"] == "one"]
    names = ["a", "b", "c", "d", "e"]
    copies = [one.assign(model=name) for name in names]
    write_table(
        run / "predictions.tsv", type(table)(np.vstack(copies), columns=one.columns)
    )
    metrics["models"] = dict.fromkeys(names, metrics["models"]["one"])
    metrics["predictions"] = file_digest(run / "predictions.tsv")
    write_json(run / "metrics.json", metrics)
    accept(run)
    panels = roc.draw(Run(run)).figure.axes
    assert [axes.get_visible() for axes in panels] == [True] * 5 + [False]
