"""A user's template through the chain: its names, its grid, the same map; and after."""

import json
import os
import subprocess
import sys
from pathlib import Path

import nibabel as nib
import numpy as np
import pytest

from crosswarp.bids.ids import ScanId
from crosswarp.bids.tables import read_table
from crosswarp.preprocessing.request import map_path
from crosswarp.registration.template import load_head, own_template
from tests.heads import write_head
from tests.preprocessed import Preprocessed

GOOD = ScanId("sub-good")


def write_template(folder: Path) -> tuple[Path, Path]:
    """The embedded template, stored with other axes and another brightness."""
    head, mask = load_head()
    flipped = head.affine @ np.diag([-1.0, -1.0, 1.0, 1.0])
    flipped[:3, 3] += head.affine[:3, :3] @ (head.extent[0] - 1, head.extent[1] - 1, 0)
    values = np.round(head.values[::-1, ::-1] * 20).astype(np.int16)
    return (
        write_head(folder / "own.nii", values, flipped),
        write_head(folder / "mask.nii", mask[::-1, ::-1].astype(np.uint8), flipped),
    )


def crosswarp(*words: object) -> subprocess.CompletedProcess[str]:
    """Run the program as a shell would."""
    return subprocess.run(
        [sys.executable, "-m", "crosswarp", *map(str, words)],
        capture_output=True,
        text=True,
        check=False,
        env=os.environ,
    )


@pytest.mark.slow
@pytest.mark.registration
def test_the_embedded_template_given_as_ones_own_gives_the_same_map(
    preprocessed: Preprocessed, tmp_path: Path
) -> None:
    t1w, mask = write_template(tmp_path / "mon modèle")
    out = tmp_path / "out"
    words = ["preprocess", preprocessed.raw, out, "--participant-label", "good"]
    words += ["--resolution", 2, "--registration", "greedy"]
    words += ["--template", t1w, "--template-mask", mask]
    done = crosswarp(*words, "--space", "OwnSpace")
    assert done.returncode == 0, done.stderr
    ledger = read_table(out / "ledger.tsv")
    assert ledger["status"].tolist() == ["ok"]

    path = map_path(out, GOOD, 2, "logjacobian", space="OwnSpace")
    ours, theirs = (
        nib.load(p) for p in (path, map_path(preprocessed.out, GOOD, 2, "logjacobian"))
    )
    np.testing.assert_allclose(ours.affine, theirs.affine, atol=1e-4)
    stored = nib.load(out / "tpl-OwnSpace_res-2_desc-brain_mask.nii.gz")
    inside = np.asarray(stored.dataobj) > 0
    values = np.corrcoef(ours.get_fdata()[inside], theirs.get_fdata()[inside])
    assert values[0, 1] > 0.99
    sidecar = json.loads(
        map_path(out, GOOD, 2, "logjacobian", ".json", "OwnSpace").read_text()
    )
    own = own_template(t1w, mask, "OwnSpace")
    assert sidecar["SpatialReference"] == own.source
    assert sidecar["Settings"]["template"] == own.model_dump(mode="json")
    assert str(tmp_path) not in json.dumps(sidecar)
    assert not list(out.rglob("*MNI152*"))

    again = crosswarp(*words, "--space", "OwnSpace", "--log-json")
    events = [json.loads(line)["event"] for line in again.stdout.splitlines()]
    assert events == ["message"], "nothing is done again"


def test_a_part_of_a_template_is_one_line(tmp_path: Path) -> None:
    head = write_head(tmp_path / "a.nii", np.ones((4, 4, 4), np.int16), np.eye(4))
    done = crosswarp("preprocess", head, tmp_path / "out", "--template", head)
    assert done.returncode == 1
    assert done.stderr == (
        "error: a template of your own needs all three of --template,"
        " --template-mask and --space\n"
    )
    assert not (tmp_path / "out").exists()
