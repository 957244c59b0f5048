"""Study files to begin with: each is read back, and checked as a user would."""

from pathlib import Path

import pytest
from typer.testing import CliRunner

from crosswarp.bids.ids import ScanId
from crosswarp.bids.names import raw_path
from crosswarp.cli.main import app
from crosswarp.errors import InputError, OccupiedError
from crosswarp.study.settings import read_study


def call(*words: object) -> str:
    result = CliRunner().invoke(app, [str(word) for word in words])
    if result.exception is not None:
        raise result.exception
    return result.stdout


@pytest.fixture
def data(tmp_path: Path) -> Path:
    """A data set of two participants, in a folder that YAML would not read unquoted."""
    root = tmp_path / "it's: data"
    for name in ("sub-01", "sub-02"):
        path = raw_path(root, ScanId(name))
        path.parent.mkdir(parents=True)
        path.write_text(name)
    table = "participant_id\tdiagnosis\nsub-01\tCN\nsub-02\tAD\n"
    (root / "participants.tsv").write_text(table)
    return root


@pytest.mark.parametrize("words", [[], ["--paper"]], ids=["compact", "paper"])
def test_a_study_of_a_data_set(words: list[str], data: Path, tmp_path: Path) -> None:
    out = tmp_path / "study"
    file = out / "study.yaml"
    said = call("init", out, "--bids", data, *words)
    assert said.endswith(f"then: crosswarp run {file} --check\n")
    lines = call("run", file, "--check").splitlines()
    assert lines[0] == f"study: study, in {out}"
    assert lines[1].startswith("preprocess: 2 scans, ")
    assert lines[2] == "cohort: 2 scans (1 CN, 1 AD), 0 left out"
    assert lines[3:] == [
        f"{step}: will be done"
        for step in ("folds", "compare", "evaluate", "explain", "report")
    ]
    assert [path.name for path in out.iterdir()] == ["study.yaml"]


def test_the_papers_registration_and_tasks(data: Path, tmp_path: Path) -> None:
    call("init", tmp_path / "a.yaml", "--paper", "--bids", data)
    found = read_study(tmp_path / "a.yaml")
    assert found.preprocessing.registration.backend == "ants"
    assert (found.preprocessing.resolution, found.crop) == (1, False)
    assert len(found.tasks) == 5
    assert found.names[0] == "paper_cross_attention"


def test_the_papers_comparison_waits_for_a_data_set(tmp_path: Path) -> None:
    call("init", tmp_path, "--paper")
    with pytest.raises(
        InputError, match=r"has 1 fault\(s\):\n  data.bids: there is no"
    ):
        call("run", tmp_path / "study.yaml", "--check")


def test_a_study_of_an_archive(data: Path, tmp_path: Path) -> None:
    file = tmp_path / "adni.yaml"
    call("init", file, "--archive", "adni", data)
    lines = call("run", file, "--check").splitlines()
    assert lines[1:3] == ["cohort: will be done", "preprocess: will be done"]
    archive = read_study(file).data.archive
    assert archive is not None
    assert archive.name == "adni"
    assert archive.folder.resolve() == data


def test_a_study_of_virtual_participants(tmp_path: Path) -> None:
    call("init", tmp_path, "--virtual")
    lines = call("run", tmp_path / "study.yaml", "--check").splitlines()
    assert lines[1] == "simulate: 28 virtual participants"
    assert lines[-1] == "report: will be done"


def test_a_file_that_was_changed_is_kept(tmp_path: Path) -> None:
    file = tmp_path / "study.yaml"
    call("init", file, "--virtual")
    call("init", file, "--virtual")  # the same is no harm
    file.write_text("mine")
    with pytest.raises(OccupiedError, match="is there; nothing was changed"):
        call("init", file, "--virtual")
    assert file.read_text() == "mine"


@pytest.mark.parametrize(
    ("words", "told"),
    [
        ([], "say what the study is about: --bids DIR, --archive NAME DIR, --paper"),
        (["--virtual", "--paper"], "--virtual makes its own scans"),
        (["--bids", "a", "--archive", "adni", "b"], "both say where the scans are"),
        (["--bids", "nowhere"], "there is no folder nowhere"),
        (["--archive", "adny", "."], "no archive 'adny'; did you mean adni"),
    ],
)
def test_what_init_refuses(words: list[str], told: str, tmp_path: Path) -> None:
    with pytest.raises(InputError, match=told):
        call("init", tmp_path, *words)
    assert list(tmp_path.iterdir()) == []
