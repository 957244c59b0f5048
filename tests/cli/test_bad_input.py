"""`crosswarp preprocess` on a folder of all that may lie in one: a reason each."""

import os
import subprocess
import sys
from dataclasses import dataclass
from pathlib import Path

import nibabel as nib
import numpy as np
import pandas as pd
import pytest

from crosswarp.bids.tables import read_table
from tests.heads import write_head
from tests.preprocessed import raw_t1w
from tests.readers.test_reading import (
    humble_header,
    lying_header,
    set_spacing,
    truncate,
)

EXTENT = (60, 70, 62)
AFFINE = np.diag([2.5, 2.5, 2.5, 1.0])

REASONS = {
    "truncated": "damaged or incomplete",
    "longer": "at most 134217728 are read",
    "shorter": "holds more than its header says",
    "nan": "1 of 260400 voxels are not finite",
    "infinite": "1 of 260400 voxels are not finite",
    "negative": "pixdims",
    "zero": "affine is not usable",
    "nowhere": "does not say how the scan lies",
    "flat": "fewer than three axes",
    "volumes": "got 3 volumes",
    "ct": "the air of a CT",
    "localizer": "slices 9.0 mm apart",
    "slab": "the field of view is 256 x 256 x 25 mm",
    "twice": "more than one T1w",
    "page": "looks like a web page",
    "bytes": r"sub-bytes_acq-caf\xe9_T1w.nii.gz: not a NIfTI file",
    "pointer": "a pointer of Git LFS, whose content has not been fetched",
}


@dataclass(frozen=True)
class Done:
    """What the command left."""

    out: Path
    code: int
    said: str
    ledger: pd.DataFrame


def write_all(root: Path) -> None:
    """Write one participant for each entry of `REASONS`."""
    rng = np.random.default_rng(0)
    head = rng.integers(0, 1000, EXTENT).astype(np.int16)

    def place(name: str, extension: str = ".nii.gz") -> Path:
        return raw_t1w(root, f"sub-{name}", extension)

    for name, damage in (
        ("truncated", truncate),
        ("longer", lying_header),
        ("page", lambda path: path.write_text("<html>")),
    ):
        damage(write_head(place(name), head, AFFINE))
    for name, value in (("nan", np.nan), ("infinite", np.inf)):
        spoilt = head.astype(np.float32)
        spoilt[30, 30, 30] = value
        write_head(place(name), spoilt, AFFINE)
    for name, spacing in (("negative", -2.5), ("zero", 0.0)):
        path = write_head(place(name, ".nii"), head, AFFINE)
        set_spacing(path, (spacing, 2.5, 2.5))
    # The extent of `humble_header`.
    write_head(place("shorter"), head[:30, :34, :28], AFFINE)
    humble_header(place("shorter"))
    # A name of another encoding than UTF-8, and one in upper case.
    folder = place("bytes").parent
    folder.mkdir(parents=True)
    (folder / os.fsdecode(b"sub-bytes_acq-caf\xe9_T1w.nii.gz")).write_bytes(b"none")
    pointer = place("pointer", ".NII.GZ")
    pointer.parent.mkdir(parents=True)
    pointer.write_text("version https://git-lfs.github.com/spec/v1\noid sha256:0\n")
    write_head(place("nowhere"), head, AFFINE, code=0)
    write_head(place("flat"), head[:, :, 0], AFFINE)
    write_head(place("volumes"), np.stack([head] * 3, axis=-1), AFFINE)
    write_head(place("ct"), head - np.int16(1024), AFFINE)
    thick, thin = np.diag([1, 1, 9.0, 1]), np.diag([1, 1, 5.0, 1])
    five = rng.integers(0, 1000, (256, 256, 5)).astype(np.int16)
    write_head(place("localizer"), five, thick)
    write_head(place("slab"), five, thin)
    for run in (1, 2):
        path = place("twice").with_name(f"sub-twice_run-{run}_T1w.nii.gz")
        write_head(path, head, AFFINE)


@pytest.fixture(scope="module")
def done(tmp_path_factory: pytest.TempPathFactory) -> Done:
    """The command, once, on paths with spaces and accents."""
    raw = tmp_path_factory.mktemp("têtes abîmées (1)")
    out = tmp_path_factory.mktemp("sortie à part") / "dérivées"
    write_all(raw)
    ended = subprocess.run(
        [sys.executable, "-m", "crosswarp", "preprocess", raw, out, "--quiet"],
        capture_output=True,
        text=True,
        check=False,
        env=os.environ,
    )
    ledger = read_table(out / "ledger.tsv").set_index("participant_id")
    return Done(out, ended.returncode, ended.stderr, ledger)


@pytest.mark.slow
def test_every_scan_has_a_row_and_nothing_a_traceback(done: Done) -> None:
    assert set(done.ledger.index) == {f"sub-{name}" for name in REASONS}
    assert (done.ledger["status"] == "failed").all(), done.ledger["status"]
    assert done.code == 1
    assert done.said.startswith(f"error: {len(REASONS)} of {len(REASONS)} scans failed")
    assert done.said.count("\n") == 1


@pytest.mark.slow
@pytest.mark.parametrize("name", REASONS)
def test_its_reason_is_said_on_one_line(done: Done, name: str) -> None:
    reason = done.ledger.loc[f"sub-{name}", "reason"]
    assert REASONS[name] in reason
    assert "\n" not in reason


@pytest.mark.slow
def test_no_map_and_no_picture_is_left(done: Done) -> None:
    assert not list(done.out.glob("sub-*/**/*.*"))
    page = (done.out / "qc.html").read_text("utf-8")
    assert page.count("<h3>") == len(REASONS)
    # The template's own maps are whole, for the next scans.
    template = nib.load(next(done.out.glob("tpl-*_mask.nii.gz")))
    assert template.shape == (193, 229, 193)
