"""The tables of the independent test, as Markdown."""

from typing import Final

import pandas as pd

from benchmarks.known_truth.changes import NINE

NAMED: Final = {"nine": "nine structures", "blobs": "blobs", "atlas": "AAL3"}


def table_of_wholes(rows: pd.DataFrame) -> str:
    """Write a line a method and pair: the whole brain, and the spread over places.

    Args:
        rows: As `benchmarks.registration` writes them.
    """
    patterns = [p for p in NAMED if (rows["pattern"] == p).any()]
    lines = [
        "| heads | method | anatomy: r, slope | scan-rescan SD |"
        + "".join(
            f" {NAMED[p]}: share, mean (least to greatest; SD) | r, slope |"
            for p in patterns
        )
        + " folded | CPU s | same bytes twice |",
        "| --- | --- |" + " --- |" * (5 + 2 * len(patterns)),
    ]
    for (pair, method), own in rows.groupby(["pair", "method"], sort=False):
        whole = own[own["place"] == "brain"].set_index("pattern")
        anatomy = whole.loc["anatomy"]
        cells = [
            str(pair),
            f"`{method}`",
            f"{anatomy['r']:.3f}, {anatomy['slope']:.2f}",
            f"{anatomy['noise']:.4f}",
        ]
        for pattern in patterns:
            places = own[(own["pattern"] == pattern) & (own["place"] != "brain")]
            share = places["share"]
            cells.append(
                f"{share.mean():.2f} ({share.min():.2f} to {share.max():.2f};"
                f" {share.std(ddof=0):.2f})"
            )
            brain = whole.loc[pattern]
            cells.append(f"{brain['r']:.2f}, {brain['slope']:.2f}")
        cells += [
            f"{int(own['folded'].sum())}",
            f"{own['cpu_seconds'].mean():.1f}",
            "yes" if own["same_bytes"].all() else "no",
        ]
        lines.append("| " + " | ".join(cells) + " |")
    return "\n".join(lines) + "\n"


def table_of_places(rows: pd.DataFrame) -> str:
    """Write the share found in each of the nine structures, a line a method and pair.

    Args:
        rows: As `benchmarks.registration` writes them.
    """
    nine = rows[(rows["pattern"] == "nine") & (rows["place"] != "brain")]
    names = [n.replace("_", " ") for n in NINE]
    lines = [
        "| heads | method | " + " | ".join(names) + " | largest minus smallest |",
        "| --- | --- |" + " --- |" * (len(names) + 1),
    ]
    for (pair, method), own in nine.groupby(["pair", "method"], sort=False):
        shares = own.set_index("place")["share"]
        cells = [f"{shares[n]:.2f}" if n in shares else "-" for n in names]
        spread = shares.max() - shares.min()
        lines.append(
            f"| {pair} | `{method}` | " + " | ".join(cells) + f" | {spread:.2f} |"
        )
    return "\n".join(lines) + "\n"
