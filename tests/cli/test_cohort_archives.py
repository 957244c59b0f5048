"""`crosswarp cohort` on an archive: what it writes, and what it says."""

from pathlib import Path

import pandas as pd
import pytest
import typer
from typer.testing import CliRunner, Result

from crosswarp.bids.cohort import read_cohort
from crosswarp.bids.dataset import find_scans
from crosswarp.cli.cohort import cohort
from crosswarp.cli.flags import with_flags
from crosswarp.errors import InputError
from crosswarp.inputs.fold_checks import check_folds
from crosswarp.inputs.folds import make_folds
from tests.archives.trees import Ida, write_csv


@pytest.fixture
def adni(tmp_path: Path) -> Path:
    root = tmp_path / "adni"
    ida, rows = Ida(root), []
    for number in range(12):
        ptid = f"999_S_{6001 + number}"
        for year in (2018, 2019):
            day = f"{year}-01-10"
            ida.nifti(ptid, "MPRAGE", day, 100 * year + number)
            label = 1 + 2 * (number % 2)
            rows.append({"PTID": ptid, "EXAMDATE": day, "DIAGNOSIS": label})
    ida.nifti("999_S_7001", "MPRAGE", "2018-01-10", 5)
    write_csv(root / "DXSUM_3Feb2026.csv", rows)
    return root


def run(*arguments: object) -> Result:
    app = typer.Typer()
    app.command()(cohort)
    return CliRunner().invoke(app, [str(one) for one in arguments])


def test_a_folder_gets_both_tables(adni: Path) -> None:
    out = adni.parent / "out"
    result = run(adni, out)
    assert result.exit_code == 0, result.output
    assert result.stdout.startswith(
        f"12 scans of 12 participants (6 CN, 6 AD) in {out / 'cohort.tsv'}\n"
        f"13 left out, each listed in {out / 'excluded.tsv'}\n"
    )
    assert "note: archive: ADNI, known by its table DXSUM_3Feb2026.csv" in result.stderr
    assert "left out: 12 not the participant's first scan" in result.stderr
    assert "left out: 1 no clinical visit of the participant" in result.stderr
    table = read_cohort(out / "cohort.tsv")
    assert table["path"][0].startswith("../adni/ADNI/999_S_6001/MPRAGE/")
    excluded = pd.read_csv(out / "excluded.tsv", sep="\t")
    assert list(excluded.columns) == [
        "participant_id",
        "session_id",
        "reason",
        "detail",
        "item",
    ]
    assert len(excluded) == 13


def test_nothing_of_a_participant_is_printed(adni: Path) -> None:
    result = run(adni, adni.parent / "out", "--visits", "all")
    assert "6001" not in result.output
    assert "7001" not in result.output
    assert "20180110" not in result.output


def test_a_table_is_named_as_before_and_never_replaced(adni: Path) -> None:
    out = adni / "cohort.tsv"
    assert run(adni, out).exit_code == 0
    assert (adni / "cohort_excluded.tsv").is_file()
    # The same command again: its own tables in the source are no tables of it.
    assert run(adni, out).exit_code == 0
    other = run(adni, out, "--visits", "all")
    assert other.exit_code != 0
    assert "give --overwrite" in with_flags(str(other.exception))
    assert run(adni, out, "--visits", "all", "--overwrite").exit_code == 0
    assert len(read_cohort(out)) == 24


def test_the_table_serves_the_next_steps(adni: Path) -> None:
    out = adni.parent / "cohort.tsv"
    run(adni, out, "--visits", "all")
    found = find_scans(out)
    assert len(found.scans) == 24
    assert all(raw.path.is_file() for raw in found.scans)
    folds = make_folds(read_cohort(out), folds=3)
    assert folds["participant_id"].nunique() == 12
    check_folds(folds, read_cohort(out))


def test_lists_and_rules_of_the_command_line(adni: Path) -> None:
    names = adni.parent / "gone.txt"
    names.write_text("# withdrawn\n999_S_6001\nI201801\n")
    out = adni.parent / "out"
    result = run(adni, out, "--exclude", names, "--window", "0", "--map", "AD=DEM")
    assert result.exit_code == 0, result.output
    assert "left out: 3 named in the list of gone.txt" in result.stderr
    table = read_cohort(out / "cohort.tsv")
    assert sorted(set(table["diagnosis"])) == ["CN", "DEM"]


@pytest.mark.parametrize(
    ("arguments", "message"),
    [
        (["--archive", "oasis9"], "expected --archive to be one of adni"),
        (["--archive", "aibl"], "has no table pdxconv; it has DXSUM_3Feb2026.csv"),
    ],
)
def test_another_archive_is_refused(
    adni: Path, arguments: list[str], message: str
) -> None:
    result = run(adni, adni.parent / "out", *arguments)
    assert isinstance(result.exception, InputError)
    assert message in str(result.exception)
    assert not (adni.parent / "out").exists()


def test_what_is_no_archive_is_said_with_the_names(tmp_path: Path) -> None:
    (tmp_path / "x").mkdir()
    result = run(tmp_path / "x", tmp_path / "out")
    assert "is none of the archives that are known by their files" in str(
        result.exception
    )


def test_two_archives_in_one_folder_are_refused_with_their_names(adni: Path) -> None:
    write_csv(adni / "aibl_pdxconv_01-Jun-2018.csv", [{"RID": 1}])
    result = run(adni, adni.parent / "out")
    assert "may be of several archives (adni: its table" in str(result.exception)


def test_no_scan_left_says_why(adni: Path) -> None:
    for path in adni.rglob("*.nii"):
        if "S_7001" not in path.name:
            path.unlink()
    result = run(adni, adni.parent / "out")
    assert "no scan with a label is left. Left out: " in str(result.exception)
    assert "1 no clinical visit of the participant is known" in str(result.exception)
