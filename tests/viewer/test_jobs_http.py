"""A scan from upload to result, over HTTP."""

import gzip
import io
import zipfile

from crosswarp.preprocessing.steps import STEPS
from tests.viewer.conftest import Served, scan_bytes


def test_a_scan_is_classified(served: Served) -> None:
    answer = served.send("sub-07_ses-1_T1w.nii.gz", gzip.compress(scan_bytes()))
    assert answer.status_code == 201, answer.text
    job = served.ended(answer.json()["id"])
    assert job["state"] == "done", job
    assert job["label"] == "sub-07_ses-1"
    steps = [step["name"] for step in job["steps"]]
    assert steps == [*STEPS, "starting", "explanation", "report"]
    base = f"/api/jobs/{job['id']}"
    view = served.client.get(f"{base}/view").json()
    assert [volume["key"] for volume in view["volumes"]] == ["preproc", "logjacobian"]
    names = {(r["hemisphere"], r["name"]) for r in view["regions"]}
    assert ("left", "hippocampus") in names
    for key in ("preproc", "logjacobian", "regions"):
        got = served.client.get(f"{base}/maps/{key}.nii.gz")
        assert gzip.decompress(got.content)[344:347] == b"n+1"
    archive = served.client.get(f"{base}/all.zip")
    with zipfile.ZipFile(io.BytesIO(archive.content)) as opened:
        assert opened.testzip() is None
        assert any(n.endswith("_prediction.json") for n in opened.namelist())
    page = served.client.get(f"/jobs/{job['id']}")
    assert "Answer of compact_jsm" in page.text
