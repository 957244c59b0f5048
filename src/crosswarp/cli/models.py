"""`crosswarp model list`: networks that can be built, and what they cost."""

import json
from collections.abc import Sequence
from dataclasses import asdict
from typing import TYPE_CHECKING, Annotated

import typer

from crosswarp.cli.echo import echo

if TYPE_CHECKING:
    from crosswarp.models.costs import CatalogueEntry, Cost

HEAD = (
    "parameters",
    "smallest extent",
    "tokens 1 mm",
    "GMAC 1 mm",
    "tokens 2 mm",
    "GMAC 2 mm",
    "for",
)


def models(
    encoders: Annotated[
        bool,
        typer.Option("--encoders", help="List encoders instead of whole networks."),
    ] = False,
    as_json: Annotated[
        bool, typer.Option("--json", help="Print a JSON list, one entry per network.")
    ] = False,
) -> None:
    """List the named networks with their size and purpose.

    Tokens are those of one map; GMAC are thousand million multiply-adds of one scan,
    forward, at 1 mm of the whole template and at 2 mm of the box around its brain.
    """
    from crosswarp.baselines.settings import BASELINES
    from crosswarp.models import costs
    from crosswarp.models.catalogue import CATALOGUE, RESOLUTION

    entries = costs.encoders() if encoders else costs.catalogue()
    if as_json:
        echo(json.dumps([asdict(entry) for entry in entries], indent=2))
        return
    _print_table("encoder" if encoders else "name", entries)
    if not encoders:
        echo(f"Without a network, as baselines: {', '.join(BASELINES)}")
    names = {entry.name for entry in entries}
    lacking = [n for n in (RESOLUTION if encoders else CATALOGUE) if n not in names]
    if lacking:
        echo(f"With pip install 'crosswarp[monai]': {', '.join(lacking)}")
    elif encoders:
        whole = f"{costs.whole_swin_parameters():,}"
        echo(f"Swin UNETR with its decoder, not used here: {whole} parameters")


def _print_table(first: str, entries: Sequence["CatalogueEntry"]) -> None:
    rows = [
        (
            entry.name,
            f"{entry.parameters:,}",
            str(entry.smallest_extent),
            *_shown(entry.at_1_mm),
            *_shown(entry.at_2_mm),
            f"{entry.resolution} mm",
        )
        for entry in entries
    ]
    table = [(first, *HEAD), *rows]
    widths = [max(len(row[n]) for row in table) for n in range(len(table[0]))]
    for name, *numbers in table:
        aligned = [n.rjust(w) for n, w in zip(numbers, widths[1:], strict=True)]
        echo("  ".join([name.ljust(widths[0]), *aligned]))


def _shown(cost: "Cost | None") -> tuple[str, str]:
    if cost is None:
        return ("-", "-")
    return (f"{cost.tokens:,}", f"{cost.multiply_adds / 1e9:,.2f}")
