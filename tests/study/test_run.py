"""A run whose files do not belong together is refused, whenever one was killed."""

import shutil
import threading
from collections.abc import Callable, Iterator
from pathlib import Path

import pytest
import yaml

from crosswarp.bids.ids import ScanId
from crosswarp.bids.tables import read_table, write_table
from crosswarp.documents import read_json
from crosswarp.errors import LockedError, MissingDerivativeError, MixedError
from crosswarp.evaluation import written
from crosswarp.evaluation.differences import PRIMARY
from crosswarp.evaluation.evaluate import evaluate_run
from crosswarp.evaluation.tables import COLUMNS
from crosswarp.evaluation.tasks import evaluate_tasks, runs_of
from crosswarp.files import write_json
from crosswarp.locks import locked
from crosswarp.outputs import RUN as PURPOSE
from crosswarp.outputs import RUN_OF_TASKS
from crosswarp.power.run import power_run
from crosswarp.power.sample_size import Question
from crosswarp.report import assemble
from crosswarp.report.assemble import write_report
from crosswarp.report.maps import map_path
from crosswarp.report.run import Run
from crosswarp.study.metrics import read_metrics
from crosswarp.study.names import EXPERIMENT
from crosswarp.study.power_analysis import PowerAnalysis, write_power
from crosswarp.study.records import RunRecord
from crosswarp.study.run import (
    LINKED,
    begin_run,
    finish_run,
    outdated,
    require_ended,
    require_maps,
    require_run,
    settings_digest,
    sources_now,
    tasks_of,
)
from tests.report.fake_run import FakeRun

SMALL = FakeRun(
    participants=16, folds=2, origin="real", strengths={"one": 1.5, "two": 0.5}
)
WRITTEN = ("predictions.tsv", "exchange.tsv", "environment.json", EXPERIMENT)
POWER = Question(0.1, folds=2, simulations=50)


def finish(run: Path) -> None:
    """End a made-up run as training does."""
    finish_run(run, WRITTEN, sources_now(run, [EXPERIMENT, *LINKED]))


def evaluate(run: Path, reference: str = "one") -> None:
    evaluate_run(run, resamples=100, reference=reference)


def change(run: Path, **changes: object) -> None:
    """Replace the experiment file, as training does first."""
    settings = yaml.safe_load((run / EXPERIMENT).read_text(encoding="utf-8"))
    text = yaml.safe_dump(settings | changes)
    (run / EXPERIMENT).write_text(text, encoding="utf-8")


@pytest.fixture(scope="module")
def first(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A run that was trained and evaluated; tests copy it."""
    root = tmp_path_factory.mktemp("first")
    run = SMALL.write(root)
    change(run, cohort="../cohort.tsv")
    finish(run)
    evaluate(run)
    return root


@pytest.fixture(scope="module")
def second(first: Path, tmp_path_factory: pytest.TempPathFactory) -> Path:
    """The same run, evaluated against the other model."""
    root = tmp_path_factory.mktemp("second") / "again"
    shutil.copytree(first, root)
    evaluate(root / "run", reference="two")
    return root


@pytest.fixture
def run(first: Path, tmp_path: Path) -> Path:
    shutil.copytree(first, tmp_path / "study")
    return tmp_path / "study" / "run"


def dying(*_: object) -> None:
    raise KeyboardInterrupt


def refused(run: Path, match: str) -> None:
    """The report says so and changes nothing."""
    before = {path: path.read_bytes() for path in run.iterdir() if path.is_file()}
    with pytest.raises(MixedError, match=match):
        write_report(run)
    assert {p: p.read_bytes() for p in run.iterdir() if p.is_file()} == before


def test_a_whole_run_is_read(run: Path) -> None:
    assert require_run(run).tasks == ()
    assert read_metrics(run).reference == "one"
    assert outdated(run) == []
    assert PURPOSE.is_here(run)


@pytest.mark.parametrize("name", ["metrics.json", *COLUMNS])
def test_an_old_file_beside_new_ones_is_refused(
    run: Path, second: Path, name: str
) -> None:
    """`evaluate` was killed before, or after, it had written one of them."""
    same = (run / name).read_bytes() == (second / "run" / name).read_bytes()
    for old, new in ((run, second / "run"), (second / "run", run)):
        mixed = run.parent / "mixed"
        shutil.copytree(new, mixed)
        shutil.copy(old / name, mixed / name)
        if same:
            read_metrics(mixed)
        else:
            refused(mixed, r"metrics\.json records is not .*`crosswarp evaluate")
        shutil.rmtree(mixed)
    # The others are of each model alone, whatever it is compared with.
    compared = ("metrics.json", "comparisons.tsv", "fold_differences.tsv")
    assert same == (name not in compared)


@pytest.mark.parametrize("last", [0, 1, 4, 7])
def test_an_evaluation_killed_anywhere_is_refused_and_made_again(
    run: Path, second: Path, monkeypatch: pytest.MonkeyPatch, last: int
) -> None:
    """It begins, writes six tables, and ends: eight steps."""
    calls: Iterator[int] = iter(range(100))

    def dying(known: Callable[..., object]) -> Callable[..., object]:
        def write(*args: object, **named: object) -> object:
            if next(calls) == last:
                raise KeyboardInterrupt
            return known(*args, **named)

        return write

    for name in ("begin_record", "write_table", "write_metrics"):
        monkeypatch.setattr(written, name, dying(getattr(written, name)))
    with pytest.raises(KeyboardInterrupt):
        evaluate(run, reference="two")
    if last == 0:
        assert read_metrics(run).reference == "one"  # nothing was changed yet
    else:
        refused(run, "`crosswarp evaluate .*` was begun and has not ended")
    evaluate(run, reference="two")
    for name in ("metrics.json", *COLUMNS):
        expected = (second / "run" / name).read_bytes()
        assert (run / name).read_bytes() == expected, name


def test_new_settings_are_not_those_of_old_predictions(run: Path) -> None:
    """`compare` was killed after it had replaced the settings."""
    old = (run / "run.json").read_bytes()
    begin_run(run)
    change(run, training={"epochs": 77})
    refused(run, "`crosswarp compare` was begun and has not ended")
    with pytest.raises(MixedError, match="`crosswarp compare` was begun"):
        evaluate(run)
    with pytest.raises(MixedError, match="`crosswarp compare` was begun"):
        require_ended(run)
    with pytest.raises(MixedError, match="`crosswarp compare` was begun"):
        power_run(run, POWER)
    (run / "run.json").write_bytes(old)
    refused(run, r"from the present experiment\.yaml; run `crosswarp compare` again")
    with pytest.raises(MixedError, match=r"experiment\.yaml"):
        evaluate(run)
    assert outdated(run) == [
        f"metrics.json is of before; run `crosswarp evaluate {run}` again"
    ]
    finish(run)  # the end of training: the predictions happen to be the same
    refused(run, r"metrics\.json was not made from the present experiment\.yaml")
    evaluate(run)
    assert read_metrics(run).reference == "one"


@pytest.mark.parametrize("name", WRITTEN)
def test_a_file_of_training_that_is_another_is_refused(run: Path, name: str) -> None:
    content = (run / name).read_bytes()
    (run / name).write_bytes(content[:-2])
    with pytest.raises(MixedError, match="run `crosswarp compare` again"):
        require_run(run)
    (run / name).unlink()
    with pytest.raises(MixedError, match="run `crosswarp compare` again"):
        require_run(run)


def test_power_of_other_predictions_or_settings_is_not_shown(run: Path) -> None:
    table = b"model\treference\n"
    (run / "power.tsv").write_bytes(table)
    sources = sources_now(run, ["predictions.tsv", EXPERIMENT])
    found = PowerAnalysis(
        difference=0.1,
        folds=2,
        alpha=0.05,
        power=0.8,
        simulations=50,
        seed=0,
        predictions=sources["predictions.tsv"] or "",
        test=PRIMARY,
        note=None,
        limit=100,
        pairs=(),
    )
    write_power(run, found, sources)
    assert Run(run).power == found
    (run / "power.tsv").write_bytes(table[:-2])
    with pytest.raises(MixedError, match=r"power\.tsv has .* `crosswarp power` again"):
        _ = Run(run).power
    (run / "power.tsv").write_bytes(table)
    change(run, seed=8)
    with pytest.raises(MixedError, match=r"power\.json was not made from the present"):
        _ = Run(run).power


def test_a_run_made_by_hand_needs_no_record(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    write_table(tmp_path / "predictions.tsv", SMALL.predictions())
    evaluate(tmp_path)
    assert require_run(tmp_path) == RunRecord()
    assert read_metrics(tmp_path).cohort.found is False
    # Killed in the midst of its tables, they are still known to be ours.
    (tmp_path / "metrics.json").write_text('{"state": "begun", "predictions": null}')
    evaluate(tmp_path)
    (tmp_path / "report.json").write_text('{"state": "begun"}')
    (tmp_path / "report.html").write_text("of before")
    with monkeypatch.context() as context:
        context.setattr(assemble, "_write_files", dying)
        with pytest.raises(KeyboardInterrupt):
            write_report(tmp_path)
    assert not (tmp_path / "report.html").exists()
    assert outdated(tmp_path)[-1].startswith("report.json is of before; run `crossw")
    write_report(tmp_path)
    products = read_json(tmp_path / "report.json")["products"]
    assert {"report.html", "tables/comparison.tsv"} < set(products)
    assert outdated(tmp_path) == []


def test_a_run_of_the_version_before_is_read_as_it_was(run: Path) -> None:
    (run / "run.json").unlink()
    metrics = read_json(run / "metrics.json")
    older = {k: v for k, v in metrics.items() if k not in ("products", "made_from")}
    write_json(run / "metrics.json", older)
    assert read_metrics(run).reference == "one"
    path = run / "predictions.tsv"
    write_table(path, read_table(path).iloc[::-1])
    with pytest.raises(MixedError, match=r"metrics\.json is not of this predictions"):
        read_metrics(run)


def test_where_things_lie_is_no_setting(run: Path) -> None:
    before = settings_digest(run)
    change(run, cohort="/elsewhere", folds="f", derivatives="d")
    assert settings_digest(run) == before
    change(run, pretrained={"one": "a"})
    started = settings_digest(run)
    change(run, pretrained={"one": "b"})
    assert settings_digest(run) == started != before
    (run / EXPERIMENT).write_text("[")
    assert settings_digest(run) is None


def test_tables_elsewhere_are_told_by_their_bytes_where_they_are(run: Path) -> None:
    cohort, folds = (run.parent / f"{name}.tsv" for name in LINKED)
    write_table(cohort, read_table(cohort).assign(age_years=50.0))
    refused(run, r"not made from the present cohort; run `crosswarp evaluate")
    write_table(folds, read_table(folds).iloc[::-1])
    with pytest.raises(MixedError, match="folds have changed since training"):
        _ = Run(run).folds
    cohort.unlink()
    folds.unlink()
    read_metrics(run)
    with pytest.raises(MissingDerivativeError, match="`crosswarp evaluate` writes it"):
        read_metrics(run.parent)


def test_maps_that_were_made_anew_are_not_those_trained_on(run: Path) -> None:
    scan = ScanId(SMALL.cohort["participant_id"][0], "ses-M00")
    sources = sources_now(run, [EXPERIMENT])
    finish_run(run, WRITTEN, sources, maps={scan.label: "other"})
    told = f"maps of 1 scans, such as {scan.label}, were made anew"
    with pytest.raises(MixedError, match=told):
        map_path(Run(run), scan, "preproc")
    with pytest.raises(MixedError, match=told):
        require_maps(require_run(run), {"sub-unknown": "x", scan.label: "0"})
    require_maps(require_run(run), {"sub-unknown": "x", scan.label: "other"})
    require_maps(RunRecord(), {scan.label: "x"})


def test_one_process_at_a_time_works_on_a_run(run: Path) -> None:
    met: list[BaseException] = []

    def other() -> None:
        for work in (evaluate, write_report, lambda run: power_run(run, POWER)):
            try:
                work(run)
            except LockedError as error:
                met.append(error)

    with locked(run):
        thread = threading.Thread(target=other)
        thread.start()
        thread.join()
    assert len(met) == 3


@pytest.fixture
def tasks(run: Path) -> Path:
    """Two tasks, trained together."""
    folder = run.parent / "tasks"
    begin_run(folder, ["A-B", "A-C"])
    for name in ("A-B", "A-C"):
        shutil.copytree(run, folder / name)
        change(folder / name, cohort="../../cohort.tsv")
        finish(folder / name)
    finish_run(folder, ["A-B/run.json", "A-C/run.json"], tasks=["A-B", "A-C"])
    return folder


def test_tasks_are_read_when_all_of_them_are_trained(tasks: Path) -> None:
    assert RUN_OF_TASKS.is_here(tasks)
    assert not PURPOSE.is_here(tasks)
    shutil.copytree(tasks / "A-B", tasks / "A-D")  # of an earlier experiment
    assert runs_of(tasks) == [tasks / "A-B", tasks / "A-C"]
    begin_run(tasks / "A-B")
    with pytest.raises(MixedError, match=r"A-B/run\.json .* `crosswarp compare` again"):
        runs_of(tasks)
    begin_run(tasks, ["A-B", "A-C"])
    with pytest.raises(MixedError, match="`crosswarp compare` was begun"):
        evaluate_tasks(tasks)
    assert tasks_of(tasks / "A-D") is None


def test_a_task_is_shown_with_the_others_as_they_are(tasks: Path) -> None:
    evaluate_tasks(tasks, resamples=100)
    path = tasks / "A-C" / "predictions.tsv"
    write_table(path, read_table(path).iloc[::-1])
    told = r"\.\./A-C/predictions\.tsv; run `crosswarp evaluate \S+/tasks` again"
    refused(tasks / "A-B", told)
    shutil.rmtree(tasks / "A-C")  # the other alone, elsewhere
    read_metrics(tasks / "A-B")


def test_a_task_that_cannot_be_evaluated_has_no_old_evaluation(tasks: Path) -> None:
    path = tasks / "A-C" / "exchange.tsv"
    path.write_text(path.read_text()[:-2])
    done, failures = evaluate_tasks(tasks, resamples=100)
    assert list(done) == [tasks / "A-B"]
    assert [folder.name for folder, _ in failures.met] == ["A-C"]
    with pytest.raises(MixedError, match="was begun and has not ended"):
        read_metrics(tasks / "A-C")
