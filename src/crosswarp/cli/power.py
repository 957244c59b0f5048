"""`crosswarp power`: how many participants a difference needs."""

from pathlib import Path
from typing import Annotated

import typer


def power(
    run: Annotated[Path, typer.Argument(help="Folder with predictions.tsv.")],
    difference: Annotated[
        float, typer.Option(help="AUC of the model minus that of the reference.")
    ] = 0.03,
    reference: Annotated[
        str | None,
        typer.Option(help="Model to compare with; the first one by default."),
    ] = None,
    model: Annotated[
        str | None, typer.Option(help="Model compared; all others by default.")
    ] = None,
    wanted: Annotated[
        float, typer.Option("--power", help="Probability of finding it.")
    ] = 0.8,
    alpha: Annotated[float, typer.Option(help="Error of the two-sided test.")] = 0.05,
    folds: Annotated[
        int | None, typer.Option(min=1, help="Of the future study; as here by default.")
    ] = None,
    simulations: Annotated[int, typer.Option(help="Studies drawn a size.")] = 400,
    seed: Annotated[int, typer.Option(min=0, help="Of the draws.")] = 0,
) -> None:
    """Simulate how many participants would show a difference between two models."""
    from crosswarp.evaluation.power import Question
    from crosswarp.evaluation.power_run import POWER, folds_of_run, power_run

    question = Question(
        difference, folds or folds_of_run(run), alpha, wanted, simulations, seed
    )
    found = power_run(run, question, reference=reference, model=model)
    if found["note"]:
        typer.echo(found["note"])
    for pair in found["pairs"]:
        typer.echo(_sentence(pair, found["limit"]))
    typer.echo(f"power: {run / POWER}")


def _sentence(pair: dict[str, object], limit: int) -> str:
    compared = f"{pair['model']} against {pair['reference']}"
    here = f"(here {pair['participants_of_run']}, power {pair['power_of_run']:.2f})"
    if pair["participants"] is None:
        return f"{compared}: more than {limit} participants {here}"
    low, high = pair["monte_carlo_low"], pair["monte_carlo_high"]
    told = f"{compared}: {pair['participants']} participants {here}"
    told += f", {low} to {high} by the simulation's own error"
    if pair["run_low"] is None:
        return told
    return f"{told}, {pair['run_low']} to {pair['run_high']} since this run is a sample"
