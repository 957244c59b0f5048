"""`crosswarp power`: how many participants a difference needs."""

from pathlib import Path
from typing import TYPE_CHECKING, Annotated

import typer

from crosswarp.cli.echo import echo
from crosswarp.study.names import PREDICTIONS

if TYPE_CHECKING:
    from crosswarp.study.power_analysis import ComparedPair


def power(
    run: Annotated[Path, typer.Argument(help=f"Folder with {PREDICTIONS}.")],
    difference: Annotated[
        float, typer.Option(help="AUC of the model minus that of the reference.")
    ] = 0.03,
    reference: Annotated[
        str | None,
        typer.Option(help="Model to compare with; the first one by default."),
    ] = None,
    model: Annotated[
        str | None, typer.Option(help="Model that is compared; all others by default.")
    ] = None,
    wanted: Annotated[float, typer.Option("--power", help="Target power.")] = 0.8,
    alpha: Annotated[
        float, typer.Option(help="Significance level of the two-sided test.")
    ] = 0.05,
    folds: Annotated[
        int | None,
        typer.Option(
            min=2,
            help="Number of folds of the future study; that of the run by default.",
        ),
    ] = None,
    simulations: Annotated[
        int, typer.Option(help="Simulated studies per sample size.")
    ] = 400,
    seed: Annotated[int, typer.Option(min=0, help="Random seed.")] = 0,
) -> None:
    """Simulate the number of participants needed to show a difference of two models.

    Each simulated study is tested by the primary test, as `evaluate` does.
    """
    from crosswarp.power.run import folds_of_run, power_run
    from crosswarp.power.sample_size import Question
    from crosswarp.study.names import POWER

    question = Question(
        difference, folds or folds_of_run(run), alpha, wanted, simulations, seed
    )
    found = power_run(run, question, reference=reference, model=model)
    if found.note:
        echo(found.note)
    for pair in found.pairs:
        echo(_sentence(pair, found.limit))
    echo(f"power: {run / POWER}")


def _sentence(pair: "ComparedPair", limit: int) -> str:
    compared = f"{pair.model} against {pair.reference}"
    here = f"(here {pair.participants_of_run}, power {pair.power_of_run:.2f})"
    if pair.participants is None:
        return f"{compared}: more than {limit} participants {here}"
    low, high = pair.monte_carlo_low, pair.monte_carlo_high
    told = f"{compared}: {pair.participants} participants {here}"
    told += (
        " or fewer"
        if low is None
        else f", {low} to {high} by the simulation's own error"
    )
    if pair.run_low is None:
        return told
    return f"{told}, {pair.run_low} to {pair.run_high} since this run is a sample"
