"""Pages of a finished run: cohort, comparison, participants, quality control."""

from collections.abc import Iterator
from pathlib import Path

import pytest
from playwright.sync_api import Browser

from crosswarp.evaluation.evaluate import evaluate_run
from crosswarp.files import written_whole
from crosswarp.viewer.settings import ServeSettings
from tests.report.fake_run import FakeRun, write_attribution
from tests.viewer.browsing import (
    READY,
    broken_rules,
    needs_niivue,
    new_page,
    opened_browser,
    sideways,
)
from tests.viewer.conftest import LIMITS, Served, start

pytestmark = pytest.mark.slow


@pytest.fixture(scope="module")
def run(tmp_path_factory: pytest.TempPathFactory) -> Path:
    made = FakeRun(participants=12, folds=2, strengths={"one": 1.5, "two": 0.5})
    folder = made.write(tmp_path_factory.mktemp("study"))
    evaluate_run(folder, resamples=100)
    write_attribution(folder, "one")
    figures = folder.parent / "derivatives" / "sub-000" / "figures"
    for path, text in (
        (folder.parent / "derivatives" / "qc.html", "<p>quality</p>"),
        (figures / "sub-000_desc-qc_T1w.png", "picture"),
        (folder / "report.html", "<p>report</p>"),
    ):
        with written_whole(path) as temporary:
            temporary.write_text(text)
    return folder


@pytest.fixture(scope="module")
def served_run(run: Path, tmp_path_factory: pytest.TempPathFactory) -> Iterator[Served]:
    jobs = tmp_path_factory.mktemp("jobs of the run")
    running = start(ServeSettings(run, jobs, limits=LIMITS))
    yield running
    running.stop()


def test_cohort_and_tables_are_those_of_the_run(served_run: Served) -> None:
    content = served_run.client.get("/api/run").json()
    assert len(content["scans"]) == 12
    assert content["models"] == ["one", "two"]
    assert content["positive"] == "AD"
    captions = [table["caption"] for table in content["tables"]]
    assert captions[0] == "Comparison of models by ROC-AUC"
    row = content["scans"][1]
    assert row["label"] == "sub-001_ses-M00"
    assert row["diagnosis"] == "AD"
    assert 0 <= row["scores"]["one"] <= 1
    assert set(row["known"]) == {"age_years", "sex", "site"}


def test_its_pages_are_there_and_nothing_beside_them(served_run: Served) -> None:
    get = served_run.client.get
    assert get("/run/report").text == "<p>report</p>"
    assert get("/run/qc").headers["location"] == "/run/qc/"
    assert get("/run/qc/").text == "<p>quality</p>"
    picture = "sub-000/figures/sub-000_desc-qc_T1w.png"
    assert get(f"/run/qc/{picture}").text == "picture"
    for name in ("ledger.tsv", "..%2f..%2fcohort.tsv", "/etc/passwd"):
        assert get(f"/run/qc/{name}").status_code == 404
    assert get("/run/scans/sub-nobody").status_code == 404
    home = get("/").text
    assert "This run has no networks" in home
    # The bundles of the made-up run are empty.
    assert "Cannot be asked: models/one/" in home
    refused = served_run.send("a.nii", b"")
    assert (refused.status_code, "no model" in refused.text) == (404, True)


def test_a_participant_has_maps_and_attribution(served_run: Served) -> None:
    base = "/api/run/scans/sub-001_ses-M00"
    view = served_run.client.get(f"{base}/view").json()
    labels = [volume["label"] for volume in view["volumes"]]
    assert labels[:2] == ["T1w, aligned", "Log-Jacobian (JSM)"]
    assert "Attribution to the log-Jacobian, one, mean of the run" in labels
    # The grid of the made-up run is not the atlas's.
    assert "the atlas has" in view["no_regions"]
    for volume in view["volumes"]:
        got = served_run.client.get(f"{base}/maps/{volume['key']}.nii.gz")
        assert got.content[:2] == b"\x1f\x8b"
    assert served_run.client.get(f"{base}/maps/other.nii.gz").status_code == 404


def test_maps_that_are_gone_are_said_to_be(served_run: Served, run: Path) -> None:
    for path in (run.parent / "derivatives").glob("sub-005/**/*preproc*"):
        path.unlink()
    refused = served_run.client.get("/run/scans/sub-005_ses-M00")
    assert refused.status_code == 409
    assert "no aligned T1w image of sub-005" in refused.text


def test_a_bundle_has_no_run(served: Served) -> None:
    refused = served.client.get("/api/run")
    assert refused.status_code == 404
    assert "was given no run" in refused.json()["detail"]


@pytest.mark.browser
@needs_niivue
def test_filters_and_a_participant_in_the_browser(served_run: Served) -> None:
    with opened_browser() as browser:
        _filters(served_run, browser)
        _participant(served_run, browser)


def _filters(served_run: Served, browser: Browser) -> None:
    page, faults = new_page(browser, 390)
    page.goto(f"{served_run.address}/run")
    assert broken_rules(page) == {}
    assert sideways(page) <= 0
    page.select_option("[data-filter=diagnosis]", "AD")
    assert page.inner_text("#count") == "6 of 12 scans"
    page.fill("#text", "001")
    assert page.locator("#cohort tr:visible").count() == 1
    page.fill("#text", "")
    page.fill("#least", "1")
    page.fill("#most", "0")
    assert page.inner_text("#count") == "0 of 12 scans"
    assert faults == []
    page.close()


def _participant(served_run: Served, browser: Browser) -> None:
    page, faults = new_page(browser)
    page.goto(f"{served_run.address}/run")
    page.get_by_role("link", name="sub-001_ses-M00").click()
    page.wait_for_selector(READY)
    assert page.locator("#region").inner_text().startswith("regions are not known")
    assert page.locator("#layers tr").count() == 4
    assert broken_rules(page) == {}
    assert faults == []
    page.close()
