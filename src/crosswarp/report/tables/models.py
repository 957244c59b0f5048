"""The networks that were compared."""

from collections.abc import Mapping
from pathlib import Path
from typing import Any

from crosswarp.documents import read_object
from crosswarp.errors import MissingDerivativeError
from crosswarp.report.attribution import map_words
from crosswarp.report.parts import Table
from crosswarp.report.run import Run
from crosswarp.report.wording import ABSENT, interval, number
from crosswarp.study.metrics import Exchange, MapExchange
from crosswarp.study.names import BUNDLE, BUNDLE_CARD, EXPERIMENT
from crosswarp.study.records import read_fold
from crosswarp.types.maps import OF_SCAN, words_of

MAPS = ("t1w", "jsm")

UNUSED = "0, not used"
"""Where no answer changed to the last digit: that is no estimate."""


def tabulate(run: Run) -> Table:
    """List each model's parts, size and cost, from its bundles and settings."""
    settings = run.model_settings()
    described = {
        name: _row(name, settings.get(name, {}), run.cell_folders(name))
        for name in run.models()
    }
    if all(cell == ABSENT for row in described.values() for cell in row[1:]):
        msg = f"neither {EXPERIMENT} nor bundles describe the models"
        raise MissingDerivativeError(msg)
    exchange = _exchange(run)
    rows = [
        row + _falls(exchange.models.get(name, {})) for name, row in described.items()
    ]
    return Table(
        "Models",
        [
            "Model",
            "Encoder",
            "Fusion",
            "Parameters",
            "Tokens",
            "Training a fold, s",
            "Peak memory, MB",
            "AUC loss, T1w exchanged",
            "AUC loss, JSM exchanged",
        ],
        rows,
        "Tokens: positions that attention can choose from, for each map. AUC loss:"
        " decrease of the AUC when that map of each test scan is replaced by another"
        f" test participant's of the same fold ({_measured(exchange)}). A loss near 0"
        " means that the network does not use the map to rank participants. JSM:"
        f" Jacobian determinant map, here its logarithm.{_in_place(run)}",
    )


def _in_place(run: Run) -> str:
    """Say which maps networks saw in place of a scan's own."""
    called = map_words(run)
    if called == words_of(OF_SCAN):
        return ""
    return (
        f" Networks saw the {called['t1w']} in place of T1w, and the {called['jsm']}"
        " in place of JSM."
    )


def _exchange(run: Run) -> Exchange:
    """Read what evaluation found of exchanged maps, or why it found nothing."""
    try:
        return run.metrics.exchange
    except MissingDerivativeError as error:
        return Exchange(draws=0, reason=f"not measured: {error}")


def _measured(exchange: Exchange) -> str:
    if exchange.reason is not None:
        return exchange.reason
    return (
        f"mean of {exchange.draws} random exchanges, 95 % interval by bootstrap over"
        " participants; not measured without a network"
    )


def _falls(of_model: Mapping[str, MapExchange]) -> list[str]:
    """Write the fall for each map; absent where it was not measured."""
    found = [of_model.get(name, MapExchange()) for name in MAPS]
    return [UNUSED if each.unused else interval(each.auc_fall) for each in found]


def _row(name: str, settings: Mapping[str, object], folders: list[Path]) -> list[str]:
    bundles = _documents(folders, f"{BUNDLE}/{BUNDLE_CARD}")
    bundle = bundles[0] if bundles else {}
    done = [record for folder in folders if (record := read_fold(folder))]
    seconds = [record.seconds for record in done if record.seconds is not None]
    memory = [float(record.peak_mb) for record in done if record.peak_mb is not None]
    return [
        name,
        str(settings.get("encoder") or ABSENT),
        str(settings.get("fusion") or ABSENT),
        _whole(bundle.get("parameters")),
        _whole(bundle.get("tokens")),
        number(sum(seconds) / len(seconds), 1) if seconds else ABSENT,
        number(max(memory), 0) if memory else ABSENT,
    ]


def _documents(folders: list[Path], name: str) -> list[dict[str, Any]]:
    paths = [folder / name for folder in folders]
    return [read_object(path) for path in paths if path.is_file()]


def _whole(value: object) -> str:
    return f"{value:,}" if isinstance(value, int) else ABSENT
