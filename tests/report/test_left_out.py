"""A run that went on without some scans says so, everywhere it counts scans."""

from pathlib import Path

import pandas as pd

from crosswarp.bids.tables import write_table
from crosswarp.documents import read_json
from crosswarp.files import write_json
from crosswarp.inputs.missing import COLUMNS
from crosswarp.inputs.passed_over import COLUMNS as PASSED_OVER
from crosswarp.inputs.passed_over import REASON
from crosswarp.report.facts import facts_of
from crosswarp.report.run import Run
from crosswarp.report.tables import left_out
from crosswarp.report.texts import methods


def test_scans_without_maps_are_listed_counted_and_worded(run: Path) -> None:
    rows = [
        ("sub-050", "ses-M00", "AD", "t1w, jsm", "no brain found"),
        ("sub-051", None, "AD", "jsm", "not in the ledger of preprocessing"),
        ("sub-052", "007", "CN", "jsm", "the map folds"),
    ]
    write_table(run / "missing.tsv", pd.DataFrame(rows, columns=list(COLUMNS)))
    table = left_out.tabulate(Run(run))
    assert table is not None
    assert table.rows == [
        ["sub-050", "ses-M00", "AD", "T1w, log-Jacobian", "no brain found"],
        [
            "sub-051",
            "\u2013",
            "AD",
            "log-Jacobian",
            "not in the ledger of preprocessing",
        ],
        ["sub-052", "007", "CN", "log-Jacobian", "the map folds"],
    ]
    assert table.note.startswith("3 scans: used neither in training nor in testing.")
    worded = methods.write(Run(run)).paragraphs[1]
    assert "3 scans without maps (2 AD, 1 CN) were excluded." in worded
    assert facts_of(Run(run))["quality"].endswith("; 3 scans without maps left out")


def test_a_run_with_all_scans_is_silent(run: Path) -> None:
    assert left_out.tabulate(Run(run)) is None
    assert "without maps" not in methods.write(Run(run)).paragraphs[1]
    assert facts_of(Run(run))["quality"].endswith("with the reason")


def test_later_scans_are_counted_and_worded(run: Path) -> None:
    assert "with several" not in methods.write(Run(run)).paragraphs[1]
    rows = [
        ("sub-001", "ses-M06", "AD", "ses-M00", REASON),
        ("sub-001", "ses-M12", "AD", "ses-M00", REASON),
    ]
    write_table(run / "passed_over.tsv", pd.DataFrame(rows, columns=list(PASSED_OVER)))
    worded = methods.write(Run(run)).paragraphs[1]
    said = "Of 1 participant with several scans the first was used; 2 later scans were"
    assert said in worded


def test_participants_with_several_scans_count_once(run: Path) -> None:
    metrics = read_json(run / "metrics.json")
    metrics["scans"] = metrics["participants"] + 1
    write_json(run / "metrics.json", metrics)
    assert "participant counted once" in methods.write(Run(run)).paragraphs[1]
