"""How participants were assigned to test parts, in words."""

from crosswarp.errors import MissingDerivativeError
from crosswarp.evaluation.context import HELD_OUT
from crosswarp.report.run import Run
from crosswarp.report.wording import count


def held_out(run: Run) -> dict[tuple[int, int], str]:
    """Name what the test part of each fold has in common.

    Args:
        run: Run with its tables.

    Returns:
        Column and value by repeat and fold, such as ``site=S2``; empty where test parts
        were assigned at random, or the table of folds is not there.
    """
    try:
        table = run.folds
    except MissingDerivativeError:
        return {}
    if HELD_OUT not in table:
        return {}
    tested = run.predictions.of(run.predictions.models[0], "test")
    cells = set(tested[["repeat", "fold"]].itertuples(index=False, name=None))
    named = table.dropna(subset=[HELD_OUT]).drop_duplicates(["repeat", "fold"])
    return {
        (int(repeat), int(fold)): str(value)
        for repeat, fold, value in named[["repeat", "fold", HELD_OUT]].itertuples(
            index=False
        )
        if (repeat, fold) in cells
    }


def validation_text(run: Run) -> str:
    """Word how models were tested, to follow "by"."""
    folds, repeats = run.metrics.folds, run.metrics.repeats
    values = list(dict.fromkeys(held_out(run).values()))
    if not values:
        again = f", repeated {repeats} times" if repeats > 1 else ""
        return (
            f"{folds}-fold cross-validation{again}, with folds that are stratified,"
            " separate participants and are the same for every model"
        )
    again = (
        f", repeated {repeats} times with other validation sets" if repeats > 1 else ""
    )
    columns = sorted({value.partition("=")[0] for value in values if "=" in value})
    if folds == 1:
        where = f" ({values[0]})" if columns else ""
        how = f"one fixed test set{where} that no model was trained on{again}"
    elif columns:
        how = (
            f"leave-one-out cross-validation over {count(folds, 'value')} of"
            f" {' and '.join(columns)}{again}"
        )
    else:
        how = f"{count(folds, 'test set')} taken from a published split{again}"
    return f"{how}; participants are separated, and the same for every model"
