"""The tables of ``docs/measured/known-worlds.md``, from the table kept beside it.

Run from the root of the repository::

    python -m benchmarks.known_worlds.page docs/measured/known-worlds.tsv
"""

import sys
from collections.abc import Sequence
from pathlib import Path

import pandas as pd

from benchmarks.validation_study.page import markdown
from crosswarp.bids.cohort import VIRTUAL_NOTICE
from crosswarp.bids.tables import read_table


def main(arguments: Sequence[str]) -> None:
    """Print the tables as Markdown."""
    (path,) = arguments
    sys.stdout.write("\n".join(page_tables(Path(path))))


def page_tables(path: Path) -> list[str]:
    """Give the tables of the page.

    Args:
        path: Table that `benchmarks.known_worlds.results` wrote.
    """
    rows = read_table(path, text=("model",))
    numbers = [str(name) for name in rows if name not in ("world", "model")]
    rows[numbers] = rows[numbers].astype(float)
    return [
        *(VIRTUAL_NOTICE, "", *means_table(rows), ""),
        *(VIRTUAL_NOTICE, "", *tests_table(rows), ""),
        *(VIRTUAL_NOTICE, "", *losses_table(rows), ""),
    ]


def means_table(rows: pd.DataFrame) -> list[str]:
    """Mean AUC and SD over folds, models by worlds; says where folds are lacking."""
    worlds = list(dict.fromkeys(rows["world"]))
    whole = rows["folds"].max()
    found = {(r["world"], r["model"]): _mean(r, whole) for _, r in rows.iterrows()}
    models = rows.groupby("model")["auc"].max().sort_values(ascending=False).index
    ordered = sorted(models, key=lambda model: _place(rows, worlds, str(model)))
    cells = [
        [_title(str(model)), *(found.get((world, model), "") for world in worlds)]
        for model in ordered
    ]
    return markdown(("model", *(f"`{world}`" for world in worlds)), cells)


def tests_table(rows: pd.DataFrame) -> list[str]:
    """Table of AUC and differences from the reference, of models with all folds."""
    tested = rows[rows["low"].notna()]
    cells = [
        (
            f"`{row['world']}`",
            _title(str(row["model"])),
            f"{row['auc_within']:.3f} [{row['low']:.2f}, {row['high']:.2f}]",
            _difference(row),
            "" if row.isna()["p"] else f"{_p(row['p'], 3)} ({_p(row['p_holm'], 2)})",
        )
        for _, row in tested.iterrows()
    ]
    (reference,) = tested.loc[tested["difference"].isna(), "model"].unique()
    names = ("world", "model", "AUC within folds [95 %]")
    minus = f"minus {_title(str(reference))} [95 %]"
    return markdown((*names, minus, "p (Holm)"), cells)


def losses_table(rows: pd.DataFrame) -> list[str]:
    """Table of what each network loses without its T1w image, and without its JSM."""
    worlds = list(dict.fromkeys(rows["world"]))
    found = {
        (row["world"], row["model"]): " / ".join(
            f"{row[f'lost_without_{name}']:.2f}" for name in ("t1w", "jsm")
        )
        for _, row in rows[rows["lost_without_t1w"].notna()].iterrows()
    }
    models = dict.fromkeys(model for _, model in found)
    cells = [
        [_title(str(model)), *(found.get((world, model), "") for world in worlds)]
        for model in models
    ]
    return markdown(("network", *(f"`{world}`" for world in worlds)), cells)


def _place(rows: pd.DataFrame, worlds: Sequence[str], model: str) -> tuple[int, float]:
    """Order by AUC in the first world that has the model; the oracle comes first."""
    mine = rows[rows["model"] == model].set_index("world")["auc"]
    first = next(n for n, world in enumerate(worlds) if world in mine.index)
    return (-1, 0.0) if model == "oracle" else (first, -float(mine[worlds[first]]))


def _mean(row: "pd.Series[float]", whole: float) -> str:
    folds = int(row["folds"])
    spread = "" if row.isna()["sd"] else f" ± {row['sd']:.2f}"
    lacking = "" if folds == whole else f" ({folds} of {whole:.0f})"
    return f"{row['auc']:.3f}{spread}{lacking}"


def _difference(row: "pd.Series[float]") -> str:
    if row.isna()["difference"]:
        return ""
    low, high = row["difference_low"], row["difference_high"]
    return f"{row['difference']:+.3f} [{low:+.2f}, {high:+.2f}]"


def _p(value: float, digits: int) -> str:
    least = 10**-digits
    return f"{value:.{digits}f}" if value >= least else f"< {least:g}"


def _title(model: str) -> str:
    """Name a model as texts do.

    Example:
        >>> _title("svm_t1w")
        'linear SVM, T1w'
    """
    words = model.replace("svm", "linear SVM,").replace("logistic", "logistic,")
    return words.replace("_", " ").replace("jsm", "JSM").replace("t1w", "T1w")


if __name__ == "__main__":
    main(sys.argv[1:])
