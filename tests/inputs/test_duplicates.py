"""HeadsSeen: one head under two names is found, whatever its file looks like."""

import shutil
from pathlib import Path

import nibabel as nib
import numpy as np
import pandas as pd
import pytest

from crosswarp.bids.dataset import find_scans
from crosswarp.errors import LeakageError
from crosswarp.inputs.duplicates import HeadsSeen
from crosswarp.inputs.samples import find_grid, find_samples
from crosswarp.inputs.scan_files import Derivatives
from crosswarp.inputs.store import write_store
from crosswarp.preprocessing.cohort import preprocess_cohort
from tests.heads import write_head
from tests.preprocessed import FAST, Preprocessed, raw_t1w

EXTENT = (22, 25, 27)


def smooth(rng: np.random.Generator) -> np.ndarray:
    """A random map with structure larger than a voxel."""
    coarse = rng.normal(0.5, 0.2, tuple(n // 5 + 1 for n in EXTENT))
    for axis in range(3):
        coarse = coarse.repeat(5, axis=axis)
    i, j, k = EXTENT
    return coarse[:i, :j, :k].astype(np.float32)


@pytest.fixture
def maps(rng) -> list[tuple[np.ndarray, np.ndarray]]:
    return [(smooth(rng), smooth(rng)) for _ in range(4)]


def seen(maps, names=None, mirror=None) -> HeadsSeen:
    heads = HeadsSeen(2, mirror)
    for number, (t1w, jsm) in enumerate(maps):
        heads.add(names[number] if names else f"sub-{number}", t1w, jsm)
    return heads


def check(maps, names=None, mirror=None) -> None:
    seen(maps, names, mirror).check(lambda number: maps[number])


def test_different_heads_are_let_through(maps) -> None:
    check(maps)
    check([])


def test_the_same_voxels_are_refused_at_once(maps) -> None:
    with pytest.raises(LeakageError, match=r"sub-0 and sub-4 .* voxel by voxel"):
        seen([*maps, maps[0]])


def test_nearly_the_same_maps_are_refused(maps, rng) -> None:
    noisy = tuple(m + rng.normal(0, 0.02, EXTENT).astype(np.float32) for m in maps[2])
    with pytest.raises(
        LeakageError, match=r"sub-2 and sub-4 have nearly .* 0\.99\d, .*one head under"
    ):
        check([*maps, noisy])


def test_sessions_of_one_participant_may_be_alike(maps) -> None:
    names = ["sub-0", "sub-1", "sub-2", "sub-3", "sub-2"]
    check([*maps, (maps[2][0] * 1.01, maps[2][1])], names)


def test_one_map_alone_does_not_make_a_head(maps) -> None:
    """The template itself in every T1w image would be no leak."""
    check([*maps, (maps[0][0] * 1.01, maps[1][1]), (maps[1][0] * 2, maps[0][1])])


def flipped(values: np.ndarray) -> np.ndarray:
    return values[::-1].copy()


def test_a_mirrored_head_is_refused(maps, rng) -> None:
    exact = tuple(flipped(m) for m in maps[2])
    with pytest.raises(
        LeakageError, match=r"sub-2 and sub-4 .* voxel by voxel, one of them mirrored"
    ):
        seen([*maps, exact], mirror=flipped)
    noisy = tuple(m + rng.normal(0, 0.02, EXTENT).astype(np.float32) for m in exact)
    with pytest.raises(
        LeakageError,
        match=r"sub-2 and sub-4 have nearly the same maps, one of them mirrored left",
    ):
        check([*maps, noisy], mirror=flipped)
    # The check that does not look for mirror images lets them through.
    check([*maps, noisy])


def test_other_heads_and_copies_are_as_without_mirror_images(maps) -> None:
    check(maps, mirror=flipped)
    copy = (maps[2][0] * 1.01, maps[2][1])
    with pytest.raises(LeakageError, match=r"have nearly the same maps \(corr"):
        check([*maps, copy], mirror=flipped)


def test_a_symmetric_head_is_not_compared_with_itself(maps) -> None:
    symmetric = [tuple(m + flipped(m) for m in pair) for pair in maps]
    check(symmetric, mirror=flipped)
    # Nor are the sessions of one participant with each other.
    names = ["sub-0", "sub-1", "sub-2", "sub-3", "sub-2"]
    check([*maps, tuple(flipped(m) for m in maps[2])], names, mirror=flipped)


@pytest.mark.slow
@pytest.mark.registration
@pytest.mark.parametrize("disguise", ["turned", "mirrored"])
def test_one_head_with_another_header_or_mirrored_is_refused(
    tmp_path: Path, preprocessed: Preprocessed, disguise: str
) -> None:
    """Colin27 twice, the second time turned and moved, or mirrored and moved."""
    head = nib.load(raw_t1w(preprocessed.raw, "sub-good"))
    c, s = np.cos(np.deg2rad(8)), np.sin(np.deg2rad(8))
    move = np.array([[c, -s, 0, 12], [s, c, 0, -9], [0, 0, 1, 6], [0, 0, 0, 1]])
    if disguise == "mirrored":
        move = np.diag([-1.0, 1, 1, 1])
        move[:3, 3] = (5, -4, 3)
    raw, out = tmp_path / "raw", tmp_path / "out"
    raw_t1w(raw, "sub-turned").parent.mkdir(parents=True)
    voxels = np.asarray(head.dataobj)
    write_head(raw_t1w(raw, "sub-turned"), voxels, move @ head.affine)
    preprocess_cohort(find_scans(raw), out, FAST)
    shutil.copytree(preprocessed.out / "sub-good", out / "sub-good")
    derivatives = Derivatives(out, "MNI152NLin2009cSym", 2)
    cohort = pd.DataFrame(
        {
            "participant_id": ["sub-good", "sub-turned"],
            "session_id": "n/a",
            "diagnosis": "CN",
        }
    )
    samples = find_samples(cohort, derivatives)
    grid = find_grid(samples, derivatives, crop=True)
    how = ", one of them mirrored" if disguise == "mirrored" else " .corr"
    with pytest.raises(
        LeakageError, match=f"sub-good and sub-turned have nearly the same maps{how}"
    ):
        write_store(tmp_path / "cache", samples, grid)
