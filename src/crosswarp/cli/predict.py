"""`crosswarp predict`: new scans to probabilities, one or a whole cohort."""

from pathlib import Path
from typing import TYPE_CHECKING, Annotated, Literal

import typer

from crosswarp.cli.answer_lines import answer_lines
from crosswarp.cli.echo import echo
from crosswarp.cli.engine import takes_engine
from crosswarp.cli.progress import Bars
from crosswarp.errors import InputError
from crosswarp.execution.engine import Engine

if TYPE_CHECKING:
    from crosswarp.bids.series import SeriesChoice
    from crosswarp.prediction.cohort import CohortAsked
    from crosswarp.prediction.findings import Circumstances

COHORT_PANEL = "For a cohort"
SCAN_PANEL = "For one scan"


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
            help="Raw T1w scan: NIfTI file, Analyze pair, or folder or zip archive of"
            " one DICOM examination. Or a cohort: the table of `crosswarp cohort` on an"
            " archive, a folder of finished maps, a BIDS data set or another folder"
            " with several scans."
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
    dicom_series: Annotated[
        list[str] | None,
        typer.Option(
            help="Number or SeriesInstanceUID of the DICOM series to take; of one scan"
            " only, as sub-<label>=N or ses-<label>=N; repeatable."
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
    from crosswarp.bids.series import SeriesChoice
    from crosswarp.execution.pool import LocalEngine
    from crosswarp.prediction.cohort import CohortAsked
    from crosswarp.prediction.cohort_place import is_cohort
    from crosswarp.prediction.findings import Circumstances
    from crosswarp.prediction.person import Person
    from crosswarp.prediction.replay import template_given
    from crosswarp.prediction.scan_place import holds_one_scan

    own = template_given(template, template_mask)
    series = SeriesChoice.parse(dicom_series or [])
    as_cohort = (
        overlap != "refuse" or retry_failed or not isinstance(engine, LocalEngine)
    )
    if is_cohort(scan) and (as_cohort or not holds_one_scan(scan, out)):
        if (age, sex, field_strength, even_if_unlike) != (None, None, None, False):
            msg = (
                f"{scan.name} is a cohort, whose table has age, sex and field strength"
                " of each scan: leave out --age, --sex, --field-strength and"
                " --even-if-unlike, or give one scan"
            )
            raise InputError(msg)
        asked = CohortAsked(
            bundle, scan, overlap, skull_stripped, strict, own, prevalence, series
        )
        _predict_cohort(asked, out, (engine, retry_failed, as_json, quiet))
        return
    if as_cohort:
        msg = (
            f"{scan.name} is one scan, which runs here: leave out --engine, --overlap"
            " and --retry-failed, or give a cohort"
        )
        raise InputError(msg)
    known = Circumstances(Person(age, sex, field_strength), prevalence, even_if_unlike)
    _predict_one(
        (bundle, scan, out),
        (skull_stripped, strict, own, known, series),
        (as_json, quiet),
    )


def _predict_cohort(
    asked: "CohortAsked", out: Path, how: tuple[Engine, bool, bool, bool]
) -> None:
    from crosswarp.prediction.cohort import check_predicted, predict_cohort
    from crosswarp.prediction.made_maps import Running
    from crosswarp.study.findings import CHANGE_NOTE
    from crosswarp.study.names import PREDICTIONS

    engine, retry_failed, as_json, quiet = how
    with Bars(quiet) as bars:
        running = Running(
            engine, bars, lambda sentence: echo(sentence, err=True), retry_failed
        )
        record, table = predict_cohort(asked, out, running)
    if as_json:
        echo(record.model_dump_json(indent=2))
    else:
        left_out = f", {record.left_out} left out" if record.left_out else ""
        echo(
            f"{record.predicted} of {len(record.scans)} scans predicted,"
            f" {record.failed} failed{left_out}: {out / PREDICTIONS}"
        )
        later = table["change_first"].notna().sum() if "change_first" in table else 0
        if later:
            echo(
                f"{later} later sessions, change in the columns change_*: {CHANGE_NOTE}"
            )
        known = record.diagnoses is None
        echo(
            f"diagnoses are known: crosswarp evaluate {out}"
            if known
            else f"no diagnoses are known: {record.diagnoses}"
        )
    check_predicted(record, out)


def _predict_one(
    places: tuple[Path, Path, Path],
    chosen: tuple[
        bool, bool, tuple[Path, Path] | None, "Circumstances", "SeriesChoice"
    ],
    shown: tuple[bool, bool],
) -> None:
    import json

    from crosswarp.prediction.predict import predict_scan
    from crosswarp.report.one_scan.page import write_scan_page
    from crosswarp.study.names import PREDICTIONS

    bundle, scan, out = places
    skull_stripped, strict, template, known, series = chosen
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
            series=series,
            progress=bars,
        )
    page = write_scan_page(bundle, out, answer)
    if as_json:
        echo(json.dumps(answer.as_json(), indent=2))
        return
    for line in answer_lines(answer):
        echo(line)
    echo(f"page: {page}")
    echo(f"maps and picture in {out}; all predictions there: {out / PREDICTIONS}")
