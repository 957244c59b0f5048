"""The tables of ``docs/measured/known-worlds.md``, from the table kept beside it.

Run from the root of the repository::

    python -m benchmarks.known_worlds.page docs/measured/known-worlds.tsv
"""

import math
import sys
from collections.abc import Sequence
from pathlib import Path
from typing import Final

import pandas as pd

from benchmarks.validation_study.figures import leaves_out_half
from benchmarks.validation_study.page import markdown
from crosswarp.bids.cohort import VIRTUAL_NOTICE
from crosswarp.bids.tables import read_table

CURVES: Final = "curves"
"""End of the name of the table that `benchmarks.known_worlds.curves` wrote."""

NULL: Final = "null"
"""End of the name of the table that `benchmarks.known_worlds.null` wrote."""

BY_HEAD: Final = "by-head"
"""End of the name of the table of real heads held out."""

SCANNED: Final = "scanned"
"""End of the name of the table of maps that the chain made."""


def main(arguments: Sequence[str]) -> None:
    """Print the tables as Markdown."""
    (path,) = arguments
    sys.stdout.write("\n".join(page_tables(Path(path))))


def sibling(path: Path, end: str) -> Path:
    """Give the place of another table of the page."""
    return path.with_stem(f"{path.stem}-{end}")


def page_tables(path: Path) -> list[str]:
    """Give the tables of the page.

    Args:
        path: Table that `benchmarks.known_worlds.results` wrote.
    """
    rows = read_numbers(path)
    tables = [means_table(rows), tests_table(rows), losses_table(rows)]
    others = {
        CURVES: curves_table,
        BY_HEAD: beside_table,
        SCANNED: beside_table,
        NULL: null_table,
    }
    for end, table in others.items():
        if sibling(path, end).is_file():
            tables.append(table(read_numbers(sibling(path, end))))
    return [line for table in tables for line in (VIRTUAL_NOTICE, "", *table, "")]


def read_numbers(path: Path) -> pd.DataFrame:
    """Read a table of names and numbers.

    Args:
        path: Of the table.
    """
    names = ("world", "model", "cohort")
    rows = read_table(path, text=names)
    numbers = [str(name) for name in rows if name not in names]
    rows[numbers] = rows[numbers].astype(float)
    return rows


def means_table(rows: pd.DataFrame) -> list[str]:
    """Mean AUC and SD over folds, models by worlds; says where folds are lacking."""
    worlds = list(dict.fromkeys(rows["world"]))
    whole = rows["folds"].max()
    found = {(r["world"], r["model"]): _mean(r, whole) for _, r in rows.iterrows()}
    cells = [
        [title_of(model), *(found.get((world, model), "") for world in worlds)]
        for model in ordered_models(rows)
    ]
    return markdown(("model", *(f"`{world}`" for world in worlds)), cells)


def ordered_models(rows: pd.DataFrame) -> list[str]:
    """Order models by AUC in the first world that has them; the oracle comes first."""
    worlds = list(dict.fromkeys(rows["world"]))
    models = map(str, dict.fromkeys(rows.sort_values("auc", ascending=False)["model"]))
    return sorted(models, key=lambda model: _place(rows, worlds, model))


def tests_table(rows: pd.DataFrame) -> list[str]:
    """Table of AUC and differences from the reference, of models with all folds."""
    tested = rows[rows["low"].notna()]
    cells = [
        (
            f"`{row['world']}`",
            title_of(str(row["model"])),
            f"{row['auc_within']:.3f} [{row['low']:.2f}, {row['high']:.2f}]",
            _difference(row),
            "" if row.isna()["p"] else f"{_p(row['p'], 3)} ({_p(row['p_holm'], 2)})",
        )
        for _, row in tested.iterrows()
    ]
    (reference,) = tested.loc[tested["difference"].isna(), "model"].unique()
    names = ("world", "model", "AUC within folds [95 %]")
    minus = f"minus {title_of(str(reference))} [95 %]"
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
        [title_of(str(model)), *(found.get((world, model), "") for world in worlds)]
        for model in models
    ]
    return markdown(("network", *(f"`{world}`" for world in worlds)), cells)


def curves_table(rows: pd.DataFrame) -> list[str]:
    """Mean AUC and SD over folds by the number of scans trained on."""
    sizes = sorted({int(size) for size in rows["trained_on"]})
    whole = rows["folds"].max()
    cells = []
    for world, part in rows.groupby("world", sort=False):
        found = {
            (r["model"], r["trained_on"]): _mean(r, whole) for _, r in part.iterrows()
        }
        cells += [
            [f"`{world}`", title_of(model), *(found.get((model, n), "") for n in sizes)]
            for model in ordered_models(part)
        ]
    return markdown(("world", "model", *map(str, sizes)), cells)


def beside_table(rows: pd.DataFrame) -> list[str]:
    """Mean AUC and SD of a study made in another way, and of the usual one."""
    cohorts = list(dict.fromkeys(rows["cohort"]))
    found = {(r["cohort"], r["model"]): _both_ways(r) for _, r in rows.iterrows()}
    ordered = rows.sort_values("auc", ascending=False)
    models = sorted(dict.fromkeys(ordered["model"]), key=lambda m: m != "oracle")
    cells = [
        [title_of(str(model)), *(found.get((name, model), "") for name in cohorts)]
        for model in models
    ]
    return markdown(("model", *(str(n).split(" (")[0] for n in cohorts)), cells)


def null_table(rows: pd.DataFrame) -> list[str]:
    """Mean AUC of each model over studies of nothing, and intervals without 0.5."""
    cells = []
    for model, part in rows.groupby("model", sort=False):
        outside = leaves_out_half(part).sum()
        above = (part["low"] > 0.5).sum()
        auc = f"{part['auc'].mean():.3f} ± {part['auc'].std():.3f}"
        cells.append((title_of(str(model)), len(part), outside, above, auc))
    names = ("model", "studies", "interval without 0.5", "of these above 0.5")
    return markdown((*names, "AUC, mean ± SD"), cells)


def _place(rows: pd.DataFrame, worlds: Sequence[str], model: str) -> tuple[int, float]:
    mine = rows[rows["model"] == model].groupby("world")["auc"].max()
    first = next(n for n, world in enumerate(worlds) if world in mine.index)
    return (-1, 0.0) if model == "oracle" else (first, -float(mine[worlds[first]]))


def _mean(row: "pd.Series[float]", whole: float) -> str:
    folds = int(row["folds"])
    lacking = "" if folds == whole else f" ({folds} of {whole:.0f})"
    return _spread(row["auc"], row["sd"]) + lacking


def _spread(auc: float, sd: float) -> str:
    return f"{auc:.3f}" if math.isnan(sd) else f"{auc:.3f} ± {sd:.2f}"


def _both_ways(row: "pd.Series[float]") -> str:
    """AUC of a study, and of the usual one where it is there."""
    there = [end for end in ("", "_usual") if not row.isna()[f"auc{end}"]]
    return " / ".join(_spread(row[f"auc{end}"], row[f"sd{end}"]) for end in there)


def _difference(row: "pd.Series[float]") -> str:
    if row.isna()["difference"]:
        return ""
    low, high = row["difference_low"], row["difference_high"]
    return f"{row['difference']:+.3f} [{low:+.2f}, {high:+.2f}]"


def _p(value: float, digits: int) -> str:
    least = 10**-digits
    return f"{value:.{digits}f}" if value >= least else f"< {least:g}"


def title_of(model: str) -> str:
    """Name a model as texts do.

    Example:
        >>> title_of("svm_t1w")
        'linear SVM, T1w'
    """
    words = model.replace("svm", "linear SVM,").replace("logistic", "logistic,")
    words = words.replace("papers_layers", "the paper's layers")
    words = words.replace("regions", "regions,").replace("volumes_jsm", "volumes")
    return words.replace("_", " ").replace("jsm", "JSM").replace("t1w", "T1w")


if __name__ == "__main__":
    main(sys.argv[1:])
