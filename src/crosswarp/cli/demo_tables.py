"""What the demo prints: its stages and its models."""

import pandas as pd
from rich.table import Table

from crosswarp.evaluation.wording import estimate_text
from crosswarp.statistics.intervals import Estimate


def stages_table(timings: pd.DataFrame) -> Table:
    """Lay the seconds of each stage out."""
    table = Table(title="Stages", title_justify="left")
    table.add_column("stage")
    table.add_column("pieces", justify="right")
    table.add_column("seconds", justify="right")
    for row in timings.itertuples():
        table.add_row(str(row.stage), str(row.pieces), f"{row.seconds:.0f}")
    return table


def models_table(comparisons: pd.DataFrame) -> Table:
    """Lay the models out: mean and SD over folds, and an interval over participants."""
    table = Table(title="Classification of virtual AD and CN", title_justify="left")
    # A name that is cut in two is no name.
    table.add_column("model", no_wrap=True)
    table.add_column("AUC, mean ± SD over folds", justify="right")
    table.add_column("AUC within folds [95 % interval]", justify="right")
    for row in comparisons.to_dict("records"):
        area = Estimate(row["auc"], row["auc_low"], row["auc_high"])
        table.add_row(
            str(row["model"]),
            f"{row['auc_mean']:.3f} ± {row['auc_sd']:.3f}",
            estimate_text(area),
        )
    return table
