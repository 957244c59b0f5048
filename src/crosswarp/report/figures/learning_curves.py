"""Loss by epoch: did training learn, and did it go on too long?"""

from pathlib import Path

import pandas as pd
from matplotlib.axes import Axes

from crosswarp.bids.tables import read_table
from crosswarp.errors import MissingDerivativeError
from crosswarp.figures.panels import name_lines
from crosswarp.figures.style import (
    BLUE,
    ORANGE,
    WIDTH,
    new_figure,
    panel_columns,
    styled,
)
from crosswarp.report.parts import Illustration
from crosswarp.report.run import Run
from crosswarp.study.names import LEARNING_CURVE

LOSSES = {"train_loss": ("training", BLUE), "val_loss": ("validation", ORANGE)}


def draw(run: Run) -> Illustration:
    """Draw one panel a model: every fold thin, their mean thick."""
    curves = {name: _curves(run.cell_folders(name)) for name in run.models()}
    curves = {name: frame for name, frame in curves.items() if len(frame)}
    if not curves:
        msg = f"no {LEARNING_CURVE} with epoch and train_loss or val_loss in the run"
        raise MissingDerivativeError(msg)
    columns = panel_columns(len(curves))
    rows = -(-len(curves) // columns)
    with styled():
        figure = new_figure(WIDTH, 0.5 + 1.9 * rows)
        panels = figure.subplots(rows, columns, squeeze=False, sharex=True, sharey=True)
        for axes, (name, frame) in zip(panels.flat, curves.items(), strict=False):
            _draw_model(axes, name, frame)
        name_lines(figure, list(LOSSES.values()))
        for axes in panels.flat[len(curves) :]:
            axes.set_visible(False)
        figure.supxlabel("epoch", fontsize=8.5)
        figure.supylabel("loss", fontsize=8.5)
    return Illustration(
        figure,
        "Cross-entropy by epoch on training and validation scans; thin lines are folds,"
        " thick lines their mean.",
        "Training and validation loss by epoch, one panel for each of "
        + ", ".join(curves)
        + ".",
    )


def _curves(folders: list[Path]) -> pd.DataFrame:
    frames = [
        read_table(path, ["epoch"]).assign(cell=path.parent.name)
        for folder in folders
        if (path := folder / LEARNING_CURVE).is_file()
    ]
    together = pd.concat(frames) if frames else pd.DataFrame()
    shown = [name for name in LOSSES if name in together.columns]
    return together[["cell", "epoch", *shown]] if shown else pd.DataFrame()


def _draw_model(axes: Axes, name: str, frame: pd.DataFrame) -> None:
    epochs = frame["epoch"].unique()
    # A line through a single epoch would show nothing.
    point = "o" if len(epochs) == 1 else ""
    for column, (_, colour) in LOSSES.items():
        if column not in frame.columns:
            continue
        for _, cell in frame.groupby("cell"):
            (line,) = axes.plot(cell["epoch"], cell[column], color=colour, marker=point)
            line.set(linewidth=0.5, markersize=2.5, alpha=0.7)
        mean = frame.groupby("epoch")[column].mean()
        (line,) = axes.plot(mean.index, mean.to_numpy(), color=colour, marker=point)
        line.set(linewidth=1.8, markersize=5.5)
    if len(epochs) == 1:
        axes.set_xticks(epochs)
    axes.set_title(name)
    axes.set_ylim(bottom=0)
