"""Samples: which files, on which grid, made how; every fault is named."""

from dataclasses import replace

import numpy as np
import pandas as pd
import pytest

from crosswarp.bids.cohort import read_cohort
from crosswarp.bids.tables import write_table
from crosswarp.errors import InputError, MissingDerivativeError, ScanError, ShapeError
from crosswarp.files import write_json
from crosswarp.inputs.made_with import find_preprocessing
from crosswarp.inputs.missing import list_missing
from crosswarp.inputs.samples import find_grid, find_samples, read_map
from crosswarp.inputs.scan_files import ScanFiles
from tests.tiny_maps import EXTENT, tiny_affine, tiny_brain, write_map


@pytest.fixture
def samples(tiny, derivatives):
    return find_samples(read_cohort(tiny / "cohort.tsv"), derivatives)


@pytest.fixture
def grid(samples, derivatives):
    return find_grid(samples, derivatives, crop=True)


def test_every_scan_has_its_files(samples) -> None:
    assert [s.scan.participant_id for s in samples] == [f"sub-0{n}" for n in range(4)]
    assert [s.diagnosis for s in samples] == ["CN", "AD", "CN", "AD"]
    assert {s.origin for s in samples} == {"virtual"}
    assert "desc-logjacobian" in samples[0].jsm.name


def test_scans_without_maps_are_listed(tiny, derivatives, samples) -> None:
    cohort = read_cohort(tiny / "cohort.tsv")
    samples[1].jsm.unlink()
    samples[3].t1w.unlink()
    with pytest.raises(MissingDerivativeError, match=r"2 of 4 .* sub-01, sub-03; run"):
        find_samples(cohort, derivatives)
    assert len(find_samples(cohort, derivatives, allow_missing=True)) == 2


def test_a_name_that_no_file_can_have_has_no_maps(tiny, derivatives) -> None:
    """Asking whether such a file is there is an error of the system's."""
    cohort = read_cohort(tiny / "cohort.tsv")
    cohort.loc[0, "participant_id"] = "sub-" + "x" * 5000
    found = find_samples(cohort, derivatives, allow_missing=True)
    assert len(found) == len(cohort) - 1
    with pytest.raises(
        MissingDerivativeError, match="1 of 4 scans have no maps"
    ) as error:
        find_samples(cohort, derivatives)
    assert len(str(error.value)) < 1000


def test_maps_under_another_spelling_are_named(tiny, derivatives) -> None:
    cohort = read_cohort(tiny / "cohort.tsv").replace("sub-01", "sub-1")
    with pytest.raises(MissingDerivativeError, match="maps of sub-01: is it sub-1 in"):
        find_samples(cohort, derivatives)


def test_what_is_missing_has_its_reason_from_the_ledger(
    tiny, derivatives, samples
) -> None:
    cohort = read_cohort(tiny / "cohort.tsv")
    for number in (1, 3):
        samples[number].jsm.unlink()
    samples[3].t1w.unlink()
    left = find_samples(cohort, derivatives, allow_missing=True)
    untold = list_missing(cohort, derivatives, left)
    assert untold["reason"].str.startswith("not in the ledger").all()
    ledger = {
        "participant_id": ["sub-01", "sub-02", "sub-03"],
        "session_id": "n/a",
        "status": ["failed", "ok", "crash"],
        "reason": ["the brain is cut off", "n/a", "n/a"],
    }
    write_table(derivatives.folder / "ledger.tsv", pd.DataFrame(ledger))
    told = list_missing(cohort, derivatives, left)
    assert told[["participant_id", "lacks", "reason"]].to_numpy().tolist() == [
        ["sub-01", "jsm", "the brain is cut off"],
        ["sub-03", "t1w, jsm", "crash"],
    ]
    assert list_missing(cohort, derivatives, samples).empty
    grid = {"space": derivatives.space, "resolution": [1, 2]}
    both = pd.DataFrame({"participant_id": "sub-03", "session_id": "n/a", **grid})
    both = both.assign(status="failed", reason=["at 1 mm", "at 2 mm"])
    write_table(derivatives.folder / "ledger.tsv", both)
    reasons = list_missing(cohort, derivatives, left)["reason"].tolist()
    assert "at 2 mm" in reasons
    assert "at 1 mm" not in reasons
    ledger["participant_id"] = ["sub-1", "sub-02", "sub-003"]
    write_table(derivatives.folder / "ledger.tsv", pd.DataFrame(ledger))
    assert list_missing(cohort, derivatives, left)["reason"].tolist() == [
        "not in the ledger of preprocessing, which has sub-1",
        "not in the ledger of preprocessing, which has sub-003",
    ]
    (derivatives.folder / "ledger.tsv").write_bytes(b"")
    unread = list_missing(cohort, derivatives, left)["reason"]
    assert unread.str.startswith("the ledger of preprocessing cannot be read").all()


def test_nothing_at_all_is_refused_even_when_some_may_be_missing(tiny, derivatives):
    cohort = read_cohort(tiny / "cohort.tsv").assign(session_id="ses-9")
    with pytest.raises(MissingDerivativeError, match="4 of 4"):
        find_samples(cohort, derivatives, allow_missing=True)


def test_the_box_is_that_of_the_brain(grid) -> None:
    assert grid.extent == EXTENT
    assert grid.box == ((0, 26), (2, 28), (1, 27))


def test_a_map_is_cut_to_the_box(samples, grid, derivatives) -> None:
    whole = find_grid(samples, derivatives, crop=False)
    assert whole.seen_extent == EXTENT
    np.testing.assert_array_equal(
        read_map(samples[0].jsm, grid), read_map(samples[0].jsm, whole)[:, 2:28, 1:27]
    )


def test_cropping_without_a_mask_is_refused(samples, derivatives) -> None:
    derivatives.brain_mask.unlink()
    with pytest.raises(MissingDerivativeError, match="set crop to false"):
        find_grid(samples, derivatives, crop=True)


def test_another_grid_is_refused(samples, grid) -> None:
    moved = tiny_affine()
    moved[1, 3] += 1
    write_map(samples[2].jsm, tiny_brain(), moved)
    with pytest.raises(ShapeError, match=r"sub-02.*another grid .* -39\.0"):
        read_map(samples[2].jsm, grid)
    write_map(samples[2].jsm, tiny_brain()[1:])
    with pytest.raises(ShapeError, match=r"\(25, 30, 28\) .* not \(26, 30, 28\)"):
        read_map(samples[2].jsm, grid)
    write_map(samples[2].jsm, tiny_brain()[..., None])
    with pytest.raises(ShapeError, match="three axes"):
        read_map(samples[2].jsm, grid)


def test_damaged_files_are_refused(samples, grid) -> None:
    content = samples[0].t1w.read_bytes()
    samples[0].t1w.write_bytes(content[: len(content) // 2])
    with pytest.raises(ScanError, match="is damaged"):
        read_map(samples[0].t1w, grid)
    samples[0].t1w.write_bytes(b"<html>")
    with pytest.raises(ScanError, match="cannot be read"):
        read_map(samples[0].t1w, grid)


def test_nan_is_refused(samples, grid) -> None:
    values = np.zeros(EXTENT)
    values[0, 0, 0] = np.nan
    write_map(samples[1].t1w, values)
    with pytest.raises(ScanError, match=r"sub-01.* holds NaN"):
        read_map(samples[1].t1w, grid)


def sidecar(path):
    return path.with_name(path.name.replace(".nii.gz", ".json"))


def found_again(samples: list[ScanFiles]) -> list[ScanFiles]:
    """The same files, of which nothing was read yet."""
    return [replace(sample) for sample in samples]


def test_different_preprocessing_is_refused(samples) -> None:
    assert len(find_preprocessing(samples)) == 16
    write_json(sidecar(samples[3].jsm), {"Settings": {"resolution": 1}})
    with pytest.raises(InputError, match="those of sub-00 and sub-03"):
        find_preprocessing(found_again(samples))


def test_the_digest_follows_the_sidecar_or_else_the_bytes(samples) -> None:
    one, other = samples[0].digest(), samples[1].digest()
    assert one != other
    for path in (samples[0].t1w, samples[0].jsm):
        sidecar(path).unlink()
    # What was read stays as it was read: the plan's digest is of one moment.
    assert samples[0].digest() == one
    (again,) = found_again(samples[:1])
    by_bytes = again.digest()
    assert by_bytes != one
    write_map(samples[0].jsm, np.ones(EXTENT))
    assert again.digest() != by_bytes
    assert find_preprocessing([again]) is None
