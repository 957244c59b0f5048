"""What the demo prints: its stages and its models."""

import pandas as pd
from rich.table import Table


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
    table = Table(title="Virtual AD and CN told apart", title_justify="left")
    table.add_column("model")
    table.add_column("AUC, mean ± SD over folds", justify="right")
    table.add_column("AUC within folds [95 % interval]", justify="right")
    for row in comparisons.itertuples():
        table.add_row(
            str(row.model),
            f"{row.auc_mean:.3f} ± {row.auc_sd:.3f}",
            f"{row.auc:.3f} [{row.auc_low:.3f}, {row.auc_high:.3f}]",
        )
    return table
