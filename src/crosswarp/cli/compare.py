"""`crosswarp compare`: all networks of an experiment on the same folds."""

from crosswarp.cli.engine import takes_engine
from crosswarp.cli.experiment import (
    AllowMissing,
    Check,
    ExperimentFile,
    Logs,
    RunFolder,
    carry_out,
)
from crosswarp.cli.shown import LogJson, Quiet, shown
from crosswarp.execution.engine import Engine


@takes_engine
def compare(
    *,
    engine: Engine,
    experiment: ExperimentFile,
    run: RunFolder,
    check: Check = False,
    allow_missing: AllowMissing = False,
    log: Logs = None,
    quiet: Quiet = False,
    log_json: LogJson = False,
) -> None:
    """Cross-validate all networks of an experiment file on the same folds.

    An experiment with several tasks has a run for each, in a folder of its name.
    """
    carry_out(
        experiment,
        run,
        engine=engine,
        check=check,
        allow_missing=allow_missing,
        log=log,
        shown=shown(quiet, log_json),
    )
