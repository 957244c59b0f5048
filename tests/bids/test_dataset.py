"""Which scans a data set holds, and that nothing in it goes unsaid."""

import errno
from collections.abc import Callable, Iterator
from pathlib import Path

import pytest

from crosswarp.bids.dataset import RawScan, find_scans
from crosswarp.bids.ids import ScanId
from crosswarp.errors import InputError

Add = Callable[..., None]


def labels(found: list[RawScan]) -> list[str]:
    return [raw.scan.label for raw in found]


def test_with_and_without_sessions(tmp_path: Path, add_scans: Add) -> None:
    add_scans("sub-02", "sub-01/ses-2", "sub-01/ses-1:sub-01_ses-1_acq-x_T1w.nii")
    found = find_scans(tmp_path)
    assert labels(found.scans) == ["sub-01_ses-1", "sub-01_ses-2", "sub-02"]
    assert found.scans[0].path.name == "sub-01_ses-1_acq-x_T1w.nii"
    assert (found.problems, found.left_out) == ([], [])


def test_two_runs_refuse_their_session_alone(tmp_path: Path, add_scans: Add) -> None:
    add_scans("sub-01:sub-01_run-1_T1w.nii.gz", "sub-01:sub-01_run-2_T1w.nii.gz")
    add_scans("sub-02")
    found = find_scans(tmp_path)
    assert labels(found.scans) == ["sub-02"]
    [(scan, reason)] = found.problems
    assert scan == ScanId("sub-01")
    assert "sub-01_run-1_T1w.nii.gz and sub-01_run-2_T1w.nii.gz" in reason


def test_packed_and_unpacked_are_two(tmp_path: Path, add_scans: Add) -> None:
    add_scans("sub-01", "sub-01:sub-01_T1w.nii")
    [(_, reason)] = find_scans(tmp_path).problems
    assert reason.startswith("more than one T1w image: sub-01_T1w.nii and")


def test_a_file_in_the_wrong_folder_is_refused(tmp_path: Path, add_scans: Add) -> None:
    add_scans("sub-01:sub-02_T1w.nii.gz")
    [(_, reason)] = find_scans(tmp_path).problems
    assert "sub-02_T1w.nii.gz lies in the folder of sub-01" in reason


def test_a_link_to_nothing_is_refused(tmp_path: Path, add_scans: Add) -> None:
    add_scans("sub-01")
    path = tmp_path / "sub-01/anat/sub-01_T1w.nii.gz"
    path.unlink()
    path.symlink_to("not_fetched")
    [(_, reason)] = find_scans(tmp_path).problems
    assert "fetch it first" in reason


def test_a_link_into_an_annex_says_what_fetches_it(
    tmp_path: Path, add_scans: Add
) -> None:
    add_scans("sub-01")
    path = tmp_path / "sub-01/anat/sub-01_T1w.nii.gz"
    path.unlink()
    path.symlink_to("../../.git/annex/objects/a/b/key")
    [(_, reason)] = find_scans(tmp_path).problems
    assert "type `git annex get sub-01_T1w.nii.gz`" in reason


def test_names_in_upper_case_and_pairs_are_scans(
    tmp_path: Path, add_scans: Add
) -> None:
    add_scans("sub-01:sub-01_T1w.NII.GZ", "sub-02:sub-02_T1w.img")
    add_scans("sub-02:sub-02_T1w.hdr", "sub-03:sub-03_T1w.json")
    found = find_scans(tmp_path)
    assert [raw.path.name for raw in found.scans] == [
        "sub-01_T1w.NII.GZ",
        "sub-02_T1w.img",
    ]
    assert found.left_out == ["sub-03: no T1w image in anat"]


@pytest.mark.parametrize(
    ("folder", "problems"),
    [
        ("sub-01", [("sub-01", "the folder sub-01 cannot be read: Permission denied")]),
        (
            "sub-01/ses-1/anat",
            [("sub-01_ses-1", "the folder ses-1/anat cannot be read: Permission")],
        ),
    ],
)
def test_a_folder_that_cannot_be_read_stops_no_other(
    tmp_path: Path,
    add_scans: Add,
    folder: str,
    problems: list[tuple[str, str]],
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    add_scans("sub-01/ses-1", "sub-01/ses-2", "sub-02")
    close(monkeypatch, tmp_path / folder)
    found = find_scans(tmp_path)
    [(scan, reason)], [(label, told)] = found.problems, problems
    assert scan.label == label
    assert reason.startswith(told)
    others = ["sub-01_ses-2", "sub-02"] if "ses-1" in folder else ["sub-02"]
    assert labels(found.scans) == others


def close(monkeypatch: pytest.MonkeyPatch, folder: Path) -> None:
    """Have the system refuse to list a folder, whoever asks (root may all)."""
    as_before = Path.iterdir

    def iterdir(self: Path) -> Iterator[Path]:
        if self == folder:
            raise PermissionError(errno.EACCES, "Permission denied", str(self))
        return as_before(self)

    monkeypatch.setattr(Path, "iterdir", iterdir)


def test_a_folder_of_an_invalid_name_that_cannot_be_read_is_left_out(
    tmp_path: Path, add_scans: Add, monkeypatch: pytest.MonkeyPatch
) -> None:
    add_scans("sub-a_b", "sub-02")
    close(monkeypatch, tmp_path / "sub-a_b")
    [sentence] = find_scans(tmp_path).left_out
    assert sentence.startswith("sub-a_b: participant_id must be")


def test_one_file_that_is_a_link_into_an_annex(tmp_path: Path) -> None:
    (tmp_path / "a.nii.gz").symlink_to(".git/annex/objects/key")
    with pytest.raises(InputError, match=r"type `git annex get a\.nii\.gz`"):
        find_scans(tmp_path / "a.nii.gz")


def test_a_data_set_that_cannot_be_read_is_said(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    close(monkeypatch, tmp_path)
    with pytest.raises(InputError, match="cannot be read: Permission denied"):
        find_scans(tmp_path)


def test_what_has_no_t1w_is_left_out_aloud(tmp_path: Path, add_scans: Add) -> None:
    add_scans("sub-01/ses-1", "sub-04_b", "sub-01/ses-2:sub-01_ses-2_T2w.nii.gz")
    (tmp_path / "sub-02/func").mkdir(parents=True)
    (tmp_path / "derivatives/sub-03/anat").mkdir(parents=True)
    found = find_scans(tmp_path)
    assert labels(found.scans) == ["sub-01_ses-1"]
    session, participant, misnamed = found.left_out
    assert session == "sub-01_ses-2: no T1w image in anat"
    assert participant == "sub-02: no T1w image in anat"
    assert misnamed.startswith("sub-04_b: participant_id must be")


@pytest.mark.parametrize(
    ("name", "label"),
    [
        ("sub-01_ses-2_T1w.nii.gz", "sub-01_ses-2"),
        ("colin 27.nii", "sub-colin27"),
        ("sub-a-b.nii.gz", "sub-subab"),
        ("Zoé.NII.GZ", "sub-Zoe"),
        ("日本.nii", "sub-unnamed"),
        ("head.zip", "sub-head"),
    ],
)
def test_one_file_says_who_it_is(tmp_path: Path, name: str, label: str) -> None:
    (tmp_path / name).touch()
    found = find_scans(tmp_path / name)
    assert labels(found.scans) == [label]
    assert found.scans[0].path == tmp_path / name


def test_some_participants(tmp_path: Path, add_scans: Add) -> None:
    add_scans("sub-01", "sub-02", "sub-03")
    found = find_scans(tmp_path, participants=["sub-03", "01"])
    assert labels(found.scans) == ["sub-01", "sub-03"]
    assert len(find_scans(tmp_path, participants=[]).scans) == 3


def test_a_participant_that_is_not_there(tmp_path: Path, add_scans: Add) -> None:
    add_scans("sub-01", "sub-02")
    with pytest.raises(InputError, match=r"sub-9 not in .* 2 participants, sub-01 to"):
        find_scans(tmp_path, participants=["01", "9"])


def test_no_data_set(tmp_path: Path) -> None:
    with pytest.raises(InputError, match="holds no scan: expected a BIDS data set"):
        find_scans(tmp_path)
    with pytest.raises(InputError, match="no file or folder"):
        find_scans(tmp_path / "nothing")
    (tmp_path / "scan.dcm").touch()
    with pytest.raises(InputError, match=r"\.nii, \.nii\.gz or \.zip"):
        find_scans(tmp_path / "scan.dcm")


def test_a_preferred_image_is_taken_among_several(
    tmp_path: Path, add_scans: Add
) -> None:
    names = ("acq-a_run-1", "acq-a_run-2", "acq-b_run-1", "run-10")
    add_scans(*(f"sub-01:sub-01_{name}_T1w.nii.gz" for name in names))
    add_scans("sub-02:sub-02_acq-c_T1w.nii.gz")

    def taken(*prefer: str) -> list[str]:
        return [raw.path.name for raw in find_scans(tmp_path, prefer=prefer).scans]

    alone = "sub-02_acq-c_T1w.nii.gz"
    assert taken() == [alone]
    assert taken("acq-b") == ["sub-01_acq-b_run-1_T1w.nii.gz", alone]
    assert taken("acq-a", "run-2") == ["sub-01_acq-a_run-2_T1w.nii.gz", alone]
    # One entity that leaves several, and one that nobody has.
    assert taken("acq-a") == taken("acq-x") == [alone]


def test_a_long_name_is_refused_alone(tmp_path: Path, add_scans: Add) -> None:
    add_scans(f"sub-{'0' * 195}", "sub-1")
    found = find_scans(tmp_path)
    assert labels(found.scans) == ["sub-1"]
    [(_, reason)] = found.problems
    assert reason.startswith("its name has 199 characters")
