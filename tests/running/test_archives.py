"""From a download to the table of scans, and from ADNI to the report."""

import re
from collections.abc import Callable
from pathlib import Path

import nibabel as nib
import numpy as np
import pytest
from benchmarks.adni_way import choose, figures
from benchmarks.virtual_adni.people import expected
from benchmarks.virtual_adni.write import ORIGIN

from crosswarp.archives.known import ARCHIVES
from crosswarp.bids.cohort import VIRTUAL_NOTICE
from crosswarp.bids.tables import read_table
from crosswarp.readers.source import read_source
from crosswarp.running.check import check_study
from crosswarp.running.new_file import Source, write_study_file
from crosswarp.study.names import COHORT, EXCLUDED, REPORT
from tests.archives.aibl_tree import aibl
from tests.archives.nacc_trees import miriad, nacc
from tests.archives.oasis_trees import oasis1, oasis2, oasis3
from tests.archives.virtual_adni import tiny_adni
from tests.running.conftest import run_here
from tests.tiny_study import CHOICES, quick

TREES: dict[str, Callable[[Path], object]] = {
    "adni": lambda root: tiny_adni(root.parent.parent),
    "aibl": aibl,
    "miriad": miriad,
    "nacc": nacc,
    "oasis1": oasis1,
    "oasis2": oasis2,
    "oasis3": oasis3,
}

DIAGNOSES = {
    "adni": {"CN": 4, "AD": 4},
    "aibl": {"CN": 1, "MCI": 1},
    "miriad": {"AD": 1, "CN": 1},
    "nacc": {"AD": 1, "MCI": 1, "CN": 1},
    "oasis1": {"CN": 1, "AD": 2},
    "oasis2": {"CN": 2, "AD": 1},
    "oasis3": {"CN": 1, "AD": 1, "MCI": 1},
}


def test_every_archive_has_a_tree() -> None:
    assert {*TREES, "bids", "table"} == set(ARCHIVES)


@pytest.mark.parametrize("archive", TREES)
def test_the_file_that_init_writes_leads_to_the_table(
    archive: str, tmp_path: Path
) -> None:
    root = tmp_path / "download/ADNI"
    root.mkdir(parents=True)
    TREES[archive](root)
    file = write_study_file(tmp_path / "study", "compact", Source(root, archive))
    checked = check_study(file)
    assert checked[1:3] == ["cohort: will be done", "preprocess: will be done"]
    _, heard = run_here(file, steps="cohort")
    table = read_table(file.parent / COHORT)
    assert table["diagnosis"].value_counts().to_dict() == DIAGNOSES[archive]
    # The path of a scan in a zip goes on in it.
    files = [re.sub(r"(?<=[.]zip)/.*", "", path) for path in table["path"]]
    assert all((file.parent / name).exists() for name in files)
    assert len(read_table(file.parent / EXCLUDED))
    assert heard.said[-1].endswith(f"each listed in {file.parent / EXCLUDED}")
    assert "finished" in check_study(file)[1]


@pytest.mark.slow
def test_from_a_download_of_adni_to_the_report(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    root, people = tiny_adni(tmp_path)
    file = write_study_file(tmp_path / "study", "compact", Source(root, "adni"))
    ours = {key: value for key, value in CHOICES.items() if key != "data"}
    choose(file, {**ours, "primary": None}, root.parent / ORIGIN)
    quick(monkeypatch)
    run_here(file)
    said = figures(file.parent, expected(people))
    assert said[0] == "8 scans, every diagnosis right; 14 rows excluded:"
    for reason in (
        "dementia of another cause than Alzheimer's disease",
        "no visit with a diagnosis lies in the window",
        "withdrawn by the archive",
        "a zip that is not complete; download it again",
    ):
        assert f"  1 {reason}" in said
    page = (file.parent / "run" / REPORT).read_text(encoding="utf-8")
    assert VIRTUAL_NOTICE in page
    with pytest.raises(ValueError, match=r"wrong in the cohort: sub-901S0101$"):
        figures(file.parent, expected(people) | {"sub-901S0101": "MCI"})


def test_the_slices_are_the_head(tmp_path: Path) -> None:
    root, people = tiny_adni(tmp_path)
    folder = next((root / "ADNI" / people[0].ptid / "MPRAGE").glob("*/*"))
    found = read_source(folder).scan
    head = nib.load(people[0].head)
    wanted = nib.as_closest_canonical(head)
    got = nib.as_closest_canonical(nib.Nifti1Image(found.values, found.affine))
    np.testing.assert_array_equal(got.get_fdata(), wanted.get_fdata())
    np.testing.assert_allclose(got.affine, wanted.affine, atol=1e-3)
