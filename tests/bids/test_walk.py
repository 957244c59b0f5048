"""Files below a folder: what is entered, and what of it is said."""

import json
import os
from pathlib import Path

import pytest

from crosswarp.bids.walk import files_below, is_derivative_folder


@pytest.mark.parametrize(
    ("described", "derivative"),
    [
        ('{"DatasetType": "derivative"}', True),
        ('{"PipelineDescription": {"Name": "x"}}', True),
        ('{"DatasetType": "raw"}', False),
        ("[]", False),
        ("{", False),
        (None, False),
    ],
)
def test_derivatives_say_so(
    tmp_path: Path, described: str | None, derivative: bool
) -> None:
    if described is not None:
        (tmp_path / "dataset_description.json").write_text(described)
    assert is_derivative_folder(tmp_path) is derivative


def test_hidden_names_are_passed_over(tmp_path: Path) -> None:
    for name in ("a", "b/c", ".git/d", "b/.e", "__MACOSX/f"):
        (tmp_path / name).parent.mkdir(exist_ok=True)
        (tmp_path / name).touch()
    below = files_below(tmp_path)
    assert [p.relative_to(tmp_path).as_posix() for p in below.files] == ["a", "b/c"]
    assert below.left_out == []
    assert files_below(tmp_path, [tmp_path / "b"]).files == [tmp_path / "a"]


def test_a_folder_that_cannot_be_read_is_said(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    (tmp_path / "closed").mkdir()
    (tmp_path / "a").touch()
    listed = os.scandir

    def scandir(path: Path) -> object:
        if path.name == "closed":
            raise PermissionError(13, "Permission denied")
        return listed(path)

    monkeypatch.setattr(os, "scandir", scandir)
    below = files_below(tmp_path)
    assert below.files == [tmp_path / "a"]
    assert below.left_out == ["closed: cannot be read (Permission denied)"]


def test_outputs_of_ours_are_not_looked_into_and_virtual_scans_are(
    tmp_path: Path,
) -> None:
    marks = {
        "run/environment.json": {"versions": {"crosswarp": "0.1.0"}},
        "pretraining/pretraining.json": {"fingerprint": "x"},
        "virtual/derivatives/truth/simulation.json": {},
    }
    for name, content in marks.items():
        (tmp_path / name).parent.mkdir(parents=True)
        (tmp_path / name).write_text(json.dumps(content))
    (tmp_path / "1.dcm").touch()
    (tmp_path / "virtual" / "scan.nii").touch()
    below = files_below(tmp_path)
    names = [path.relative_to(tmp_path).as_posix() for path in below.files]
    assert names[0] == "1.dcm"
    assert all(name.startswith("virtual/") for name in names[1:])
    assert "virtual/scan.nii" in names
    assert below.left_out == [
        f"{name}: an output of crosswarp; not read as raw scans"
        for name in ("pretraining", "run")
    ]
