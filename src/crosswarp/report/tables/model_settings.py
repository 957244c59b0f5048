"""What each model was built with, side by side."""

from crosswarp.errors import MissingDerivativeError
from crosswarp.report.parts import Table
from crosswarp.report.run import Run
from crosswarp.report.tables.settings import flat
from crosswarp.report.wording import ABSENT
from crosswarp.study.names import EXPERIMENT


def tabulate(run: Run) -> Table:
    """Show one row a setting and one column a model."""
    models = {
        name: dict(flat(settings)) for name, settings in run.model_settings().items()
    }
    if not models:
        msg = f"{EXPERIMENT} lists no models"
        raise MissingDerivativeError(msg)
    # Settings in the order in which they first appear.
    names = dict.fromkeys(name for settings in models.values() for name in settings)
    names.pop("name")
    return Table(
        "Settings of the models",
        ["Setting", *models],
        [
            [name, *(_shown(settings.get(name)) for settings in models.values())]
            for name in names
        ],
    )


def _shown(value: object) -> str:
    return ABSENT if value is None else str(value)
