"""What the interactive page of a scan lists."""

import numpy as np
import pytest

from crosswarp.bids.ids import ScanId
from crosswarp.documents import read_object
from crosswarp.errors import MissingDerivativeError
from crosswarp.study.names import VIEW
from crosswarp.viewer.scan_view import ViewFiles, write_view
from tests.tiny_maps import EXTENT, map_path, write_map

SCAN = ScanId("sub-1", "ses-1")


def test_maps_of_this_scan_on_this_grid_are_listed(tmp_path) -> None:
    other = ScanId("sub-1", "ses-2")
    values = np.zeros(EXTENT)
    for scan, desc in ((SCAN, "preproc"), (SCAN, "brain"), (other, "preproc")):
        write_map(map_path(tmp_path, scan, desc), values)
    answers = tmp_path / "predictions"
    for name in ("jsm_attribution", "jsm_space-T1w_attribution", "other_map"):
        write_map(answers / f"sub-1_ses-1_model-A_{name}.nii.gz", values)
    write_map(answers / "sub-1_ses-1_four.nii.gz", np.zeros((2, 2, 2, 2)))
    write_view(ViewFiles(tmp_path, SCAN, tmp_path / "place"))
    view = read_object(tmp_path / "place" / VIEW)
    assert [(one["key"], one["label"]) for one in view["volumes"]] == [
        ("preproc", "T1w, aligned"),
        ("map", "Attribution to the log-Jacobian"),
        ("map2", "sub-1_ses-1_model-A_other_map"),
    ]
    # The tiny grid is not the atlas's.
    assert "the atlas has" in view["no_regions"]


def test_without_the_aligned_image_there_is_no_view(tmp_path) -> None:
    with pytest.raises(MissingDerivativeError, match="no aligned T1w image of sub-1"):
        write_view(ViewFiles(tmp_path, SCAN, tmp_path))
