"""Studies whose test parts are sites, or are taken from somebody else's split."""

from pathlib import Path

import pandas as pd
import pytest

from crosswarp.bids.tables import read_table, write_table
from crosswarp.documents import read_record
from crosswarp.inputs.folds import make_folds
from crosswarp.inputs.published import write_published
from tests.running.conftest import Heard, run_here
from tests.tiny_study import quick, write_data, write_study

SITES = ["S1"] * 7 + ["S2"] * 6
"""Of `write_data`: sub-00, which fails, and CN and AD in turn."""


def ran(folder: Path, monkeypatch: pytest.MonkeyPatch, **folds: object) -> Heard:
    """Run a study of three sites, of which S3 has CN only."""
    quick(monkeypatch)
    raw = write_data(folder, participants=18)
    table = read_table(raw / "participants.tsv")
    rest = ["S1" if name == "AD" else "S3" for name in table["diagnosis"][13:]]
    write_table(raw / "participants.tsv", table.assign(site=[*SITES, *rest]))
    _, heard = run_here(write_study(folder, folds=folds))
    return heard


@pytest.mark.slow
def test_a_study_leaves_one_site_out(tmp_path, monkeypatch) -> None:
    heard = ran(tmp_path, monkeypatch, leave_one_out="site", publish="split.json")
    assert any("lack a diagnosis" in text for text in heard.warned)
    assert any("site=S3 (2 participants, without AD)" in text for text in heard.warned)
    run = tmp_path / "run"
    tested = read_table(run / "predictions.tsv").query("split == 'test'")
    assert tested.groupby("fold")["participant_id"].nunique().tolist() == [9, 6, 2]
    metrics = read_record(run / "metrics.json")
    assert (
        "No AUC where a class has no test scan: repeat 0 fold 2 (site=S3)."
        in (metrics["flags"])
    )
    by_fold = [cell["metrics"] for cell in metrics["models"]["jsm"]["cells"]]
    assert by_fold[2]["roc_auc"] is None
    assert by_fold[2]["specificity"] is not None
    page = (run / "report.html").read_text()
    assert "site=S3" in page
    assert "leave-one-out cross-validation over 3 values of site" in page
    assert (tmp_path / "split.json").is_file()
    # Nothing is done twice, and the random salt stays.
    result, _ = run_here(tmp_path / "study.yaml")
    assert all(row.skipped for row in result.steps)


@pytest.mark.slow
def test_a_study_applies_a_split_and_uses_nobody_else(tmp_path, monkeypatch) -> None:
    names = [f"sub-{n:02d}" for n in range(2, 18)]
    cohort = pd.DataFrame(
        {
            "participant_id": names,
            "session_id": "n/a",
            "diagnosis": ["CN", "AD"] * 8,
        }
    )
    write_published(tmp_path / "split.json", make_folds(cohort, 2))
    heard = ran(tmp_path, monkeypatch, apply="split.json")
    assert any("and are not used: sub-01" in text for text in heard.warned)
    table = read_table(tmp_path / "run" / "predictions.tsv")
    assert set(table["participant_id"]) == set(names)
