"""`crosswarp run`: a whole study, from its file to its report."""

from pathlib import Path
from typing import Annotated

import typer

from crosswarp.cli.echo import echo
from crosswarp.cli.engine import engine_named
from crosswarp.cli.shown import LogJson, Quiet, shown


def run(
    study: Annotated[
        Path,
        typer.Argument(
            metavar="STUDY.yaml", help="Study file; crosswarp init writes one."
        ),
    ],
    check: Annotated[
        bool,
        typer.Option("--check", help="Check the file and its inputs, and do nothing."),
    ] = False,
    steps: Annotated[
        str | None,
        typer.Option(
            metavar="FIRST..LAST",
            help="Steps to do, as preprocess..report, or one step; all by default.",
        ),
    ] = None,
    engine: Annotated[
        str | None,
        typer.Option(
            help="Execution engine that replaces that of the study file: local, dask,"
            " or a YAML file with the keys of that section."
        ),
    ] = None,
    workers: Annotated[
        int | None,
        typer.Option(min=1, help="Number of processes at a time on this machine."),
    ] = None,
    redo: Annotated[
        bool,
        typer.Option("--redo", help="Make maps again that other settings made."),
    ] = False,
    overwrite: Annotated[
        bool,
        typer.Option(
            "--overwrite",
            help="Replace tables of cohort and folds that the study did not write.",
        ),
    ] = False,
    retry_failed: Annotated[
        bool,
        typer.Option("--retry-failed", help="Preprocess failed scans again."),
    ] = False,
    quiet: Quiet = False,
    log_json: LogJson = False,
) -> None:
    """Run a study: maps, cohort, folds, training, statistics and report.

    An interrupted study resumes; with nothing to do it takes seconds.
    """
    from crosswarp.running.check import check_study
    from crosswarp.running.run import Again, run_study
    from crosswarp.study.settings import read_study

    chosen = read_study(study)
    chosen = chosen.model_copy(
        update={"engine": engine_named(chosen.engine, engine, workers)}
    )
    if check:
        for line in check_study(chosen, steps=steps):
            echo(line)
        return
    with shown(quiet, log_json) as watched:
        run_study(
            chosen,
            steps=steps,
            progress=watched,
            tell=(watched.say, lambda sentence: echo(sentence, err=True)),
            again=Again(redo, overwrite, retry_failed),
        )
