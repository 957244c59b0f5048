"""`crosswarp predict`: new scans to probabilities, one or a whole cohort."""

from pathlib import Path
from typing import TYPE_CHECKING, Annotated, Literal

import typer

from crosswarp.cli.echo import echo
from crosswarp.cli.engine import takes_engine
from crosswarp.cli.progress import Bars
from crosswarp.errors import InputError
from crosswarp.execution.engine import Engine
from crosswarp.execution.pool import LocalEngine

if TYPE_CHECKING:
    from crosswarp.prediction.answer import ScanPrediction
    from crosswarp.prediction.cohort import CohortAsked
    from crosswarp.prediction.findings import Circumstances

COHORT_PANEL = "For a cohort"
SCAN_PANEL = "For one scan"

FEW_PERCENT = 2.5
"""Percentile of the reference group beyond which a region is named."""


@takes_engine
def predict(
    *,
    engine: Engine,
    bundle: Annotated[
        Path,
        typer.Argument(help="Bundle, or folder of a model in a run: RUN/models/NAME."),
    ],
    scan: Annotated[
        Path,
        typer.Argument(
            help="Raw T1w NIfTI file. Or a cohort: the table of `crosswarp cohort` on"
            " an archive, a folder of finished maps, a BIDS data set or another folder"
            " with scans."
        ),
    ],
    out: Annotated[
        Path,
        typer.Argument(
            help="Folder for maps, picture and answer; it may hold those of other scans"
            " and models."
        ),
    ],
    skull_stripped: Annotated[
        bool, typer.Option("--skull-stripped", help="Take the scan as skull-stripped.")
    ] = False,
    strict: Annotated[
        bool,
        typer.Option(
            "--strict",
            help="Exit with an error, and classify no scan that the quality control"
            " says must be checked.",
        ),
    ] = False,
    template: Annotated[
        Path | None,
        typer.Option(
            help="T1w image of the template of your own that the model's maps lie on,"
            " where it is no longer where it was."
        ),
    ] = None,
    template_mask: Annotated[
        Path | None, typer.Option(help="Brain mask of that template.")
    ] = None,
    age: Annotated[
        float | None,
        typer.Option(
            help="Age at the scan in years, for volumes beside the reference group.",
            rich_help_panel=SCAN_PANEL,
        ),
    ] = None,
    sex: Annotated[
        Literal["F", "M"] | None,
        typer.Option(help="Sex, for the same.", rich_help_panel=SCAN_PANEL),
    ] = None,
    field_strength: Annotated[
        float | None,
        typer.Option(
            help="Field strength in tesla, to compare with the training scans.",
            rich_help_panel=SCAN_PANEL,
        ),
    ] = None,
    even_if_unlike: Annotated[
        bool,
        typer.Option(
            "--even-if-unlike",
            help="Give a number for a scan that is too unlike the training scans.",
            rich_help_panel=SCAN_PANEL,
        ),
    ] = False,
    prevalence: Annotated[
        float | None,
        typer.Option(
            help="Share of the positive class where scans come from, such as 0.1: the"
            " probability there is given, too."
        ),
    ] = None,
    overlap: Annotated[
        Literal["refuse", "leave-out", "other-people"],
        typer.Option(
            help="Participants that have the name of one the model was trained on:"
            " refuse the cohort, leave them out, or take them for other people.",
            rich_help_panel=COHORT_PANEL,
        ),
    ] = "refuse",
    retry_failed: Annotated[
        bool,
        typer.Option(
            "--retry-failed",
            help="Preprocess failed scans again.",
            rich_help_panel=COHORT_PANEL,
        ),
    ] = False,
    as_json: Annotated[
        bool, typer.Option("--json", help="Print the answer as JSON.")
    ] = False,
    quiet: Annotated[bool, typer.Option("--quiet", help="Hide the progress.")] = False,
) -> None:
    """Classify one scan, or all scans of a cohort, with a trained model."""
    from crosswarp.prediction.cohort import CohortAsked
    from crosswarp.prediction.cohort_place import is_cohort
    from crosswarp.prediction.findings import Circumstances
    from crosswarp.prediction.person import Person
    from crosswarp.prediction.replay import template_given

    own = template_given(template, template_mask)
    if is_cohort(scan):
        if (age, sex, field_strength, even_if_unlike) != (None, None, None, False):
            msg = (
                f"{scan.name} is a cohort, whose table has age, sex and field strength"
                " of each scan: leave out --age, --sex, --field-strength and"
                " --even-if-unlike, or give one scan"
            )
            raise InputError(msg)
        asked = CohortAsked(
            bundle, scan, overlap, skull_stripped, strict, own, prevalence
        )
        _predict_cohort(asked, out, (engine, retry_failed, as_json, quiet))
        return
    if overlap != "refuse" or retry_failed or not isinstance(engine, LocalEngine):
        msg = (
            f"{scan.name} is one scan, which runs here: leave out --engine, --overlap"
            " and --retry-failed, or give a cohort"
        )
        raise InputError(msg)
    known = Circumstances(Person(age, sex, field_strength), prevalence, even_if_unlike)
    _predict_one(
        bundle, scan, out, skull_stripped, strict, own, known, (as_json, quiet)
    )


def _predict_cohort(
    asked: "CohortAsked", out: Path, how: tuple[Engine, bool, bool, bool]
) -> None:
    from crosswarp.prediction.cohort import check_predicted, predict_cohort
    from crosswarp.prediction.made_maps import Running
    from crosswarp.study.names import PREDICTIONS

    engine, retry_failed, as_json, quiet = how
    with Bars(quiet) as bars:
        running = Running(
            engine, bars, lambda sentence: echo(sentence, err=True), retry_failed
        )
        record, _ = predict_cohort(asked, out, running)
    if as_json:
        echo(record.model_dump_json(indent=2))
    else:
        left_out = f", {record.left_out} left out" if record.left_out else ""
        echo(
            f"{record.predicted} of {len(record.scans)} scans predicted,"
            f" {record.failed} failed{left_out}: {out / PREDICTIONS}"
        )
        known = record.diagnoses is None
        echo(
            f"diagnoses are known: crosswarp evaluate {out}"
            if known
            else f"no diagnoses are known: {record.diagnoses}"
        )
    check_predicted(record, out)


def _predict_one(
    bundle: Path,
    scan: Path,
    out: Path,
    skull_stripped: bool,
    strict: bool,
    template: tuple[Path, Path] | None,
    known: "Circumstances",
    shown: tuple[bool, bool],
) -> None:
    import json

    from crosswarp.prediction.predict import predict_scan
    from crosswarp.report.one_scan.page import write_scan_page
    from crosswarp.study.names import PREDICTIONS

    as_json, quiet = shown
    with Bars(quiet) as bars:
        answer = predict_scan(
            bundle,
            scan,
            out,
            skull_stripped=skull_stripped,
            strict=strict,
            template=template,
            known=known,
            progress=bars,
        )
    page = write_scan_page(bundle, out, answer)
    if as_json:
        echo(json.dumps(answer.as_json(), indent=2))
        return
    for line in _lines(answer):
        echo(line)
    echo(f"page: {page}")
    echo(f"maps and picture in {out}; all predictions there: {out / PREDICTIONS}")


def _lines(answer: "ScanPrediction") -> list[str]:
    """Say whether the maps can be trusted before what they say."""
    label, several = answer.scan.label, answer.networks > 1
    lines = [f"{label}: {answer.quality}"]
    if answer.doubts is not None:
        lines += [f"{label}: warning: {d.sentence}" for d in answer.doubts.raised]
    columns = zip(
        answer.classes,
        answer.probabilities,
        answer.minimum,
        answer.maximum,
        strict=True,
    )
    for name, mean, low, high in columns:
        spread = ""
        if several:
            spread = f" ({low:.2f} to {high:.2f} over {answer.networks} networks)"
        lines.append(f"{label}: probability of {name} {mean:.3f}{spread}")
    votes = answer.votes
    decision = votes.decision or "none, the networks are divided"
    by = f", by {votes.count} of {answer.networks} networks" if several else ""
    lines.append(f"{label}: decision {decision}{by}")
    lines += [f"{label}: {line}" for line in _findings(answer)]
    # The first note repeats the quality when there is something to check.
    return lines + list(answer.notes[1 if answer.reason else 0 :])


def _findings(answer: "ScanPrediction") -> list[str]:
    """Say what each map brings, the probability elsewhere, and unusual regions."""
    lines, positive = [], answer.classes[-1]
    if answer.at_prevalence is not None:
        moved = answer.at_prevalence
        lines.append(
            f"probability of {positive} {moved.probabilities[positive]:.3f} where"
            f" {100 * moved.prevalence:g} % have it"
        )
    if answer.shares is not None:
        shares = answer.shares
        lines.append(
            f"evidence for {positive} of {shares.evidence:+.2f} logits: T1w image"
            f" {shares.t1w:+.2f}, log-Jacobian map {shares.jsm:+.2f}, mean maps of"
            f" {shares.whom} {shares.reference:+.2f}"
        )
    found = answer.regions
    if found is not None and found.reason:
        lines.append(f"regions: {found.reason}")
    lines += [
        f"{each.region} {each.hemisphere}: z {each.z:+.1f}, percentile"
        f" {each.percentile:.0f} of the reference group"
        for each in ([] if found is None else found.regions)
        if not FEW_PERCENT < each.percentile < 100 - FEW_PERCENT
    ]
    return lines
