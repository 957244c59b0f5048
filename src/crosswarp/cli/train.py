"""`crosswarp train`: one network, all folds."""

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
def train(
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
    """Cross-validate the one network of an experiment file."""
    from crosswarp.training.cross_validation import only_model
    from crosswarp.training.experiment import read_experiment

    only_model(read_experiment(experiment))
    carry_out(
        experiment,
        run,
        engine=engine,
        check=check,
        allow_missing=allow_missing,
        log=log,
        shown=shown(quiet, log_json),
    )
