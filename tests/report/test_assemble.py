"""The page as a reader and a browser get it."""

import json
import os
import re
import subprocess
import sys
import xml.etree.ElementTree as ET
from html.parser import HTMLParser
from pathlib import Path

import pandas as pd
import pytest
import yaml

from crosswarp.bids.cohort import VIRTUAL_NOTICE
from crosswarp.errors import InputError, MissingDerivativeError, MixedError
from crosswarp.evaluation.evaluate import evaluate_run
from crosswarp.files import file_digest, write_json
from crosswarp.report.assemble import write_report
from crosswarp.report.run import Run
from crosswarp.report.shown import SHORT_NOTICE
from tests.report.fake_run import FakeRun, write_attribution

FIGURES = {
    "scan",
    "group_difference",
    "group_means",
    "roc",
    "fold_auc",
    "learning_curves",
    "precision_recall",
    "calibration",
    "decision_curve",
    "power",
    "attribution_jsm",
    "attribution_t1w",
}
TABLES = {
    "cohort",
    "folds",
    "quality",
    "models",
    "comparison",
    "tests",
    "covariates",
    "volumes",
    "cohort_by_fold",
    "cohort_by_site",
    "metrics",
    "metrics_overall",
    "calibration",
    "sites",
    "power",
    "tripod_ai",
    "claim",
    "model_settings",
    "subgroups",
    "regions",
    "settings",
    "versions",
}
EMPTY = {"meta", "br", "hr", "img", "link", "input"}


class Page(HTMLParser):
    """Collect what a test asks of the page, and check that tags are closed."""

    def __init__(self, text: str) -> None:
        super().__init__()
        self.tags: list[tuple[str, dict[str, str | None]]] = []
        self.captions: list[str] = []
        self._open: list[str] = []
        self.feed(text)
        assert self._open == []

    def handle_starttag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        self.tags.append((tag, dict(attrs)))
        if tag not in EMPTY:
            self._open.append(tag)
        if tag in {"caption", "figcaption"}:
            self.captions.append("")

    def handle_endtag(self, tag: str) -> None:
        assert self._open.pop() == tag

    def handle_startendtag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        self.tags.append((tag, dict(attrs)))

    def handle_data(self, data: str) -> None:
        if {"caption", "figcaption"} & set(self._open):
            self.captions[-1] += data

    def attributes(self, name: str) -> list[str]:
        return [str(attrs[name]) for _, attrs in self.tags if name in attrs]


@pytest.fixture(scope="module")
def text(reported: Path) -> str:
    return (reported / "report.html").read_text(encoding="utf-8")


@pytest.fixture(scope="module")
def page(text: str) -> Page:
    return Page(text)


def test_every_part_is_there_and_nothing_left_out(reported: Path, text: str) -> None:
    assert {path.stem for path in (reported / "figures").iterdir()} == FIGURES
    assert {path.stem for path in (reported / "tables").glob("*.tsv")} == TABLES
    papers = {path.stem for path in (reported / "tables").glob("*.tex")}
    assert papers == {"comparison", "tests", "cohort", "metrics", "metrics_overall"}
    assert "Left out" not in text
    for name in FIGURES:
        assert f'id="figure-{name}"' in text


def test_page_asks_nothing_of_the_network(page: Page, text: str) -> None:
    (policy,) = (
        attrs["content"]
        for _, attrs in page.tags
        if attrs.get("http-equiv") == "Content-Security-Policy"
    )
    assert policy is not None
    assert policy.startswith(
        "default-src 'none'; style-src 'unsafe-inline'; img-src data:"
    )
    assert "script" not in {tag for tag, _ in page.tags}
    links = [*page.attributes("href"), *page.attributes("xlink:href")]
    assert links
    assert all(link.startswith(("#", "data:image/png;base64,")) for link in links)
    assert page.attributes("src") == []
    assert "@import" not in text
    assert re.findall(r"url\((?!#)", text) == []


def test_ids_are_unique_and_links_lead_somewhere(page: Page) -> None:
    ids = page.attributes("id")
    assert len(ids) == len(set(ids))
    inner = [
        link[1:]
        for name in ("href", "xlink:href")
        for link in page.attributes(name)
        if link.startswith("#")
    ]
    assert set(inner) <= set(ids)


def test_virtual_participants_are_said_at_the_top_and_in_every_caption(
    page: Page, text: str
) -> None:
    assert text.index(VIRTUAL_NOTICE) < text.index("<main")
    assert len(page.captions) == len(FIGURES) + len(TABLES)
    assert all(SHORT_NOTICE in caption for caption in page.captions)


def test_table_files_carry_the_notice(reported: Path) -> None:
    for path in (reported / "tables").glob("*.tsv"):
        table = pd.read_csv(path, sep="\t", dtype=str)
        assert set(table["note"]) == {VIRTUAL_NOTICE}
        assert "\u2212" not in path.read_text(encoding="utf-8")


def test_every_figure_has_a_text_for_who_cannot_see_it(page: Page) -> None:
    drawings = [attrs for _, attrs in page.tags if attrs.get("role") == "img"]
    assert len(drawings) == len(FIGURES)
    assert all(len(attrs["aria-label"] or "") > 60 for attrs in drawings)


def test_figures_stand_alone_as_svg(reported: Path) -> None:
    for path in (reported / "figures").iterdir():
        root = ET.fromstring(path.read_text(encoding="utf-8"))
        assert root.tag == "{http://www.w3.org/2000/svg}svg"
        assert root.get("viewBox")


@pytest.mark.slow
def test_page_is_the_same_from_another_process(reported: Path, text: str) -> None:
    figures = {p.name: p.read_bytes() for p in (reported / "figures").iterdir()}
    command = [sys.executable, "-m", "crosswarp", "report", str(reported)]
    seeded = os.environ | {"PYTHONHASHSEED": "1", "TZ": "Asia/Tokyo"}
    subprocess.run(command, check=True, capture_output=True, env=seeded)
    assert (reported / "report.html").read_text(encoding="utf-8") == text
    assert figures == {p.name: p.read_bytes() for p in (reported / "figures").iterdir()}


def test_page_is_small_enough_to_send(reported: Path) -> None:
    assert (reported / "report.html").stat().st_size < 3_000_000


def test_red_flags_stand_first_and_apart(page: Page, text: str) -> None:
    (warning,) = (attrs for _, attrs in page.tags if attrs.get("class") == "warning")
    assert warning["id"] == "text-flags"
    assert text.index('id="text-flags"') < text.index('id="table-comparison"')
    assert "Red flags" in text


def test_keyboard_can_skip_to_the_content(page: Page) -> None:
    links = [attrs for tag, attrs in page.tags if tag == "a"]
    assert links[0]["href"] == "#content"
    assert ("main", {"id": "content"}) in page.tags
    (language,) = (attrs["lang"] for tag, attrs in page.tags if tag == "html")
    assert language == "en"


def test_every_heading_cell_says_what_it_heads(page: Page) -> None:
    scopes = [attrs.get("scope") for tag, attrs in page.tags if tag == "th"]
    assert set(scopes) == {"col", "row"}


def test_three_classes_give_a_page(tmp_path: Path) -> None:
    fake = FakeRun(
        participants=45,
        folds=3,
        classes=("CN", "MCI", "AD"),
        sites=("A", "B", "C"),
        strengths={"one": 2.0, "two": 1.0},
    )
    folder = fake.write(tmp_path)
    evaluate_run(folder, resamples=100)
    text = write_report(folder).read_text(encoding="utf-8")
    Page(text)
    assert "Left out, roc" not in text
    for figure in ("roc", "precision_recall", "calibration"):
        drawn = (folder / "figures" / f"{figure}.svg").read_text(encoding="utf-8")
        assert "one: MCI" in drawn
    areas = pd.read_csv(folder / "tables" / "classes.tsv", sep="\t")
    assert list(areas["Class"][:3]) == ["CN", "MCI", "AD"]
    table = pd.read_csv(folder / "tables" / "calibration.tsv", sep="\t")
    assert set(table["Class"]) == {"CN", "MCI", "AD"}
    header = pd.read_csv(folder / "tables" / "cohort_by_fold.tsv", sep="\t").columns
    assert list(header[2:5]) == ["CN", "MCI", "AD"]
    metrics = pd.read_csv(folder / "tables" / "metrics.tsv", sep="\t").columns
    assert "Recall, macro" in metrics
    assert "Sensitivity" not in metrics


def test_page_of_real_participants_has_no_notice(run: Path) -> None:
    text = write_report(run).read_text(encoding="utf-8")
    assert "irtual" not in text
    assert "note" not in (run / "tables" / "cohort.tsv").read_text(encoding="utf-8")


def test_predictions_alone_give_a_page_that_says_what_is_missing(run: Path) -> None:
    for path in run.iterdir():
        if path.is_file() and path.name != "predictions.tsv":
            path.unlink()
    text = write_report(run).read_text(encoding="utf-8")
    Page(text)
    assert "no metrics.json in the run; `crosswarp evaluate` writes it" in text
    assert "no experiment.yaml in the run" in text
    assert {p.stem for p in (run / "tables").iterdir()} == {
        "folds",
        "models",
        "tripod_ai",
        "claim",
    }
    assert "Left out, calibration, decision curve: no metrics.json" in text
    assert text.count("no power.json in the run") == 1
    assert f"<h1>{run.name}</h1>" in text


def test_damaged_inputs_are_said_not_raised(run: Path) -> None:
    derivatives = run.parent / "derivatives"
    for path in derivatives.rglob("*desc-logjacobian_T1w.nii.gz"):
        path.write_bytes(path.read_bytes()[:200])
    (run / "environment.json").write_text("{", encoding="utf-8")
    (derivatives / "ledger.tsv").unlink()
    text = write_report(run).read_text(encoding="utf-8")
    assert "is not a readable NIfTI file" in text
    assert "environment.json is not a JSON file" in text
    assert "no ledger.tsv in the folder of derivatives" in text
    assert {p.stem for p in (run / "figures").iterdir()} == {
        "roc",
        "fold_auc",
        "learning_curves",
        "precision_recall",
        "calibration",
        "decision_curve",
    }


def test_moved_cohort_is_said_without_its_folder(run: Path) -> None:
    (run.parent / "cohort.tsv").unlink()
    text = write_report(run).read_text(encoding="utf-8")
    assert "cohort is not where experiment.yaml says (cohort.tsv)" in text
    assert str(run.parent) not in text


def test_metrics_of_other_predictions_are_not_shown(run: Path) -> None:
    path = run / "predictions.tsv"
    renamed = path.read_text(encoding="utf-8").replace("two\t", "three\t")
    path.write_text(renamed, encoding="utf-8")
    with pytest.raises(MixedError, match=r"metrics\.json was not made .* predictions"):
        write_report(run)
    assert not (run / "report.html").exists()
    digest = file_digest(path)
    metrics = json.loads((run / "metrics.json").read_text(encoding="utf-8"))
    made_from = metrics["made_from"] | {"predictions.tsv": digest}
    forged = {"predictions": digest, "made_from": made_from}
    write_json(run / "metrics.json", metrics | forged)
    with pytest.raises(
        MissingDerivativeError, match=r"comparisons\.tsv is not of this"
    ):
        _ = Run(run).comparisons


def test_attribution_of_other_predictions_is_not_shown(run: Path) -> None:
    write_attribution(run, "one")
    card = run / "attribution" / "attribution.json"
    write_json(card, {**json.loads(card.read_text()), "predictions_digest": "0"})
    text = write_report(run).read_text(encoding="utf-8")
    assert "attribution.json is not of this predictions.tsv" in text
    assert "run `crosswarp explain` again" in text


def test_attribution_of_one_map_alone_is_enough(run: Path) -> None:
    write_attribution(run, "one", ("jsm",))
    text = write_report(run).read_text(encoding="utf-8")
    assert "one has no attribution of the T1w image" in text
    assert "Registration of the maps: not recorded beside the maps." in text
    assert "smoothed by a Gaussian of SD 3 mm" in text
    assert (run / "figures" / "attribution_jsm.svg").is_file()


def test_markup_in_names_is_shown_not_obeyed(run: Path) -> None:
    settings = yaml.safe_load((run / "experiment.yaml").read_text(encoding="utf-8"))
    settings["name"] = "<script>alert(1)</script>"
    (run / "experiment.yaml").write_text(yaml.safe_dump(settings), encoding="utf-8")
    predictions = run / "predictions.tsv"
    renamed = predictions.read_text(encoding="utf-8").replace("one\t", "<b>&one\t")
    predictions.write_text(renamed, encoding="utf-8")
    evaluate_run(run, resamples=100)
    text = write_report(run).read_text(encoding="utf-8")
    assert "<script" not in text
    assert "<b>" not in text
    assert "&lt;b&gt;&amp;one" in text


def test_folder_without_predictions_is_refused(tmp_path: Path) -> None:
    with pytest.raises(InputError, match=r"no table at .*predictions\.tsv"):
        write_report(tmp_path)
