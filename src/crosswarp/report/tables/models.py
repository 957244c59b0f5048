"""The networks that were compared."""

from pathlib import Path
from typing import Any

from crosswarp.errors import MissingDerivativeError
from crosswarp.files import read_json
from crosswarp.report.parts import Table
from crosswarp.report.run import Run
from crosswarp.report.wording import ABSENT, number


def tabulate(run: Run) -> Table:
    """List each model's parts, size and cost, from its bundles and settings."""
    settings = run.model_settings()
    rows = [
        _row(name, settings.get(name, {}), run.cell_folders(name))
        for name in run.models()
    ]
    if all(cell == ABSENT for row in rows for cell in row[1:]):
        msg = "neither experiment.yaml nor bundles describe the models"
        raise MissingDerivativeError(msg)
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
        ],
        rows,
        "Tokens: positions that attention can choose from, for each map.",
    )


def _row(name: str, settings: dict[str, Any], folders: list[Path]) -> list[str]:
    bundles = _documents(folders, "bundle/bundle.json")
    bundle = bundles[0] if bundles else {}
    done = _documents(folders, "done.json")
    seconds = [float(cell["seconds"]) for cell in done if "seconds" in cell]
    memory = [float(cell["peak_mb"]) for cell in done if "peak_mb" in cell]
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
    return [read_json(folder / name) for folder in folders if (folder / name).is_file()]


def _whole(value: int | None) -> str:
    return ABSENT if value is None else f"{value:,}"
