"""A run that went on without some scans says so, everywhere it counts scans."""

from pathlib import Path

import pandas as pd

from crosswarp.bids.tables import write_table
from crosswarp.inputs.missing import COLUMNS
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
    assert table.note.startswith("3 scans: neither trained on nor tested.")
    worded = methods.write(Run(run)).paragraphs[1]
    assert "3 scans without maps (2 AD, 1 CN) took no part." in worded
    assert facts_of(Run(run))["quality"].endswith("; 3 scans without maps left out")


def test_a_run_with_all_scans_is_silent(run: Path) -> None:
    assert left_out.tabulate(Run(run)) is None
    assert "without maps" not in methods.write(Run(run)).paragraphs[1]
    assert facts_of(Run(run))["quality"].endswith("with the reason")
